/**
 * X25519MLKEM768 (draft-ietf-tls-ecdhe-mlkem) against Go's `crypto/tls`, from Node, where ML-KEM is
 * noble's.
 */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectTls } from "../../../src/stream/duplex.ts";
import type { GroupName, TlsOptions } from "../../../src/tls/options.ts";
import { type Authority, createAuthority, type Issued } from "../../authority.ts";
import { buildGoProgram, type GoProgram, whyNoGo } from "../../servers/go.ts";
import { patternChunk } from "../../servers/pattern.ts";
import { openSocket } from "../../servers/socket.ts";

const missing = await whyNoGo();
if (missing !== undefined) console.warn(`not run: X25519MLKEM768 against Go: ${missing}`);

describe.skipIf(missing !== undefined)("against Go's crypto/tls", () => {
  let root: Authority;
  let identity: Issued;
  let program: GoProgram;

  beforeAll(async () => {
    root = await createAuthority();
    identity = await root.issue({ names: ["localhost"] });
    program = await buildGoProgram();
  });
  afterAll(() => program?.remove());

  /** Connects to a server that accepts one group, sends 100 000 bytes and gets them back. */
  async function exchange(accepted: GroupName, options: TlsOptions = {}) {
    const server = await program.start(identity, { version: "TLSv1.3", group: accepted });
    try {
      const connection = connectTls(await openSocket(server.port), {
        hostname: "localhost",
        roots: root.pem,
        ...options,
      });
      const info = await connection.opened;
      const sent = patternChunk(0, 100_000);
      const writer = connection.writable.getWriter();
      const written = writer.write(sent.slice());
      const reader = connection.readable.getReader();
      const received: Uint8Array[] = [];
      for (let length = 0; length < sent.length; ) {
        const { done, value } = await reader.read();
        if (done) throw new Error(`ended after ${length} bytes`);
        received.push(value);
        length += value.length;
      }
      await written;
      expect(Buffer.concat(received).equals(sent)).toBe(true);
      await connection.close();
      return { client: info, server: await server.negotiated() };
    } finally {
      await server.stop();
    }
  }

  test("agrees on the hybrid group by default", async () => {
    const { client, server } = await exchange("X25519MLKEM768");
    expect(client).toMatchObject({
      version: "TLSv1.3",
      group: "X25519MLKEM768",
      handshake: "full",
    });
    expect(server).toMatchObject({ version: "TLS 1.3", group: "X25519MLKEM768", retried: false });
    expect(server.suite).toBe(client.cipherSuite);
  });

  test("agrees on the hybrid group where it is all that is offered", async () => {
    const { client, server } = await exchange("X25519MLKEM768", { groups: ["X25519MLKEM768"] });
    expect(client.group).toBe("X25519MLKEM768");
    expect(server.group).toBe("X25519MLKEM768");
  });

  test("sends the hybrid share when a HelloRetryRequest asks for it", async () => {
    const { client, server } = await exchange("X25519MLKEM768", { keyShares: ["secp256r1"] });
    expect(client).toMatchObject({ group: "X25519MLKEM768", handshake: "hello-retry-request" });
    expect(server).toMatchObject({ group: "X25519MLKEM768", retried: true });
  });

  test("the X25519 share sent beside the hybrid one serves by itself", async () => {
    const { client, server } = await exchange("x25519");
    expect(client).toMatchObject({ group: "x25519", handshake: "full" });
    expect(server).toMatchObject({ group: "x25519", retried: false });
  });

  test("leaves the hybrid group for another one by a HelloRetryRequest", async () => {
    const { client, server } = await exchange("secp384r1");
    expect(client).toMatchObject({ group: "secp384r1", handshake: "hello-retry-request" });
    expect(server).toMatchObject({ group: "secp384r1", retried: true });
  });
});
