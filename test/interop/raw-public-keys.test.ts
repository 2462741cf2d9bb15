/**
 * Raw public keys (RFC 7250), against GnuTLS, which has them in TLS 1.2 too.
 */

import { afterEach, describe, expect, test } from "vitest";
import { type ConnectTlsOptions, connectTls } from "../../src/stream/duplex.ts";
import { createAuthority, generateKeys } from "../authority.ts";
import { startGnutls } from "../servers/gnutls.ts";
import { openSocket } from "../servers/socket.ts";

const root = await createAuthority();
const identity = await (await root.intermediate()).issue({ names: ["localhost"] });
const publicKey = identity.keys.publicKey.export({ type: "spki", format: "pem" }).toString();
const spki = new Uint8Array(identity.keys.publicKey.export({ type: "spki", format: "der" }));
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** Asks a server for its echo, and gives what is known of the connection. */
async function connect(
  version: "TLSv1.2" | "TLSv1.3",
  rawPublicKey: string | undefined,
  trust: Pick<ConnectTlsOptions, "publicKeys" | "roots">,
) {
  const server = await startGnutls(identity, { version }, undefined, [], rawPublicKey);
  stops.push(server.stop);
  const tls = connectTls(await openSocket(server.port), { hostname: "localhost", ...trust });
  stops.push(() => tls.close().catch(() => {}));
  const info = await tls.opened;
  const writer = tls.writable.getWriter();
  await writer.write(new TextEncoder().encode("hello\n"));
  const { value } = await tls.readable.getReader().read();
  expect(new TextDecoder().decode(value)).toBe("hello\n");
  return info;
}

describe("GnuTLS", () => {
  describe.each(["TLSv1.3", "TLSv1.2"] as const)("%s, a raw public key", (version) => {
    test("is known", async () => {
      const info = await connect(version, publicKey, { publicKeys: [publicKey] });
      expect(info).toMatchObject({
        version,
        certificateType: "RawPublicKey",
        certificates: [spki],
      });
    });

    test("is unknown", async () => {
      const other = (await generateKeys()).publicKey.export({ type: "spki", format: "der" });
      const failing = connect(version, publicKey, { publicKeys: [other] });
      await expect(failing).rejects.toMatchObject({ code: "certificate/unknown-key" });
    });

    test("is not there, and the certificate is taken", async () => {
      const trust = { publicKeys: [publicKey], roots: root.pem };
      const info = await connect(version, undefined, trust);
      expect(info).toMatchObject({ version, certificateType: "X509" });
      expect(info.verifiedPath).toHaveLength(2);
    });
  });
});
