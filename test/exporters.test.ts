/**
 * Exporters and channel bindings against what the server at the other end makes of the same
 * connection: Node's `tls` and OpenSSL's `s_server`.
 */

import { createHash } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { type ConnectTlsOptions, connectTls, type TlsDuplex } from "../src/stream/duplex.ts";
import { createAuthority, type Issued } from "./authority.ts";
import { failureOf } from "./failure.ts";
import { startNodeTls } from "./servers/node-tls.ts";
import { startOpenssl } from "./servers/openssl.ts";
import { openSocket } from "./servers/socket.ts";

const versions = ["TLSv1.3", "TLSv1.2"] as const;
const root = await createAuthority();
const identity = await root.issue({ names: ["localhost"] });
const stops: (() => Promise<void>)[] = [];
const encode = (text: string) => new TextEncoder().encode(text);

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function open(port: number, options: Partial<ConnectTlsOptions> = {}): Promise<TlsDuplex> {
  const tls = connectTls(await openSocket(port), {
    hostname: "localhost",
    roots: root.pem,
    ...options,
  });
  stops.push(() => tls.close().catch(() => {}));
  await tls.opened;
  return tls;
}

/** A connection to Node's `tls`, and the server's end of it. */
async function openToNode(
  server: Issued,
  options: Partial<ConnectTlsOptions>,
): Promise<{ tls: TlsDuplex; peer: TLSSocket }> {
  let accept: (socket: TLSSocket) => void = () => {};
  const accepted = new Promise<TLSSocket>((resolve) => {
    accept = resolve;
  });
  const { port, stop } = await startNodeTls(server, accept);
  stops.push(stop);
  const tls = await open(port, options);
  return { tls, peer: await accepted };
}

const contexts: [string, Uint8Array | undefined][] = [
  ["without a context", undefined],
  ["with an empty context", new Uint8Array(0)],
  ["with a context", encode("which of them")],
];

describe.each(versions)("%s, against Node", (version) => {
  const options = { minVersion: version, maxVersion: version };

  test.each(contexts)("the same keying material %s", async (_, context) => {
    const { tls, peer } = await openToNode(identity, options);
    for (const length of [1, 32, 100]) {
      const ours = await tls.exportKeyingMaterial("EXPERIMENTAL-webtls", context, length);
      // Declared as required, but Node tells a missing context from an empty one.
      const theirs = peer.exportKeyingMaterial(
        length,
        "EXPERIMENTAL-webtls",
        context as unknown as Buffer,
      );
      expect(Buffer.from(ours)).toEqual(theirs);
    }
  });

  test("tls-exporter is what the server exports for it (RFC 9266 §2)", async () => {
    const { tls, peer } = await openToNode(identity, options);
    const theirs = peer.exportKeyingMaterial(32, "EXPORTER-Channel-Binding", Buffer.alloc(0));
    expect(Buffer.from(await tls.channelBinding("tls-exporter"))).toEqual(theirs);
  });
});

test("tls-unique is the first Finished of TLS 1.2, the client's in a full handshake (RFC 5929 §3.1)", async () => {
  const { tls, peer } = await openToNode(identity, { maxVersion: "TLSv1.2" });
  expect(Buffer.from(await tls.channelBinding("tls-unique"))).toEqual(peer.getPeerFinished());
});

test("an empty context is the same as none in TLS 1.3, and something else in TLS 1.2", async () => {
  for (const version of versions) {
    const { tls } = await openToNode(identity, { minVersion: version, maxVersion: version });
    const none = await tls.exportKeyingMaterial("EXPERIMENTAL-webtls", undefined, 32);
    const empty = await tls.exportKeyingMaterial("EXPERIMENTAL-webtls", new Uint8Array(0), 32);
    expect(Buffer.from(none).equals(empty)).toBe(version === "TLSv1.3");
  }
});

const opensslVersions = { "TLSv1.3": "-tls1_3", "TLSv1.2": "-tls1_2" };

test.each(versions)("%s: the same keying material as OpenSSL prints", async (version) => {
  const args = ["-keymatexport", "EXPERIMENTAL-webtls", "-keymatexportlen", "48"];
  const server = await startOpenssl(identity, [opensslVersions[version], ...args], "interactive");
  stops.push(server.stop);
  const tls = await open(server.port);
  const ours = await tls.exportKeyingMaterial("EXPERIMENTAL-webtls", undefined, 48);
  const [, theirs] = await server.printed(/Keying material: ([0-9A-F]+)/);
  expect(Buffer.from(ours).toString("hex").toUpperCase()).toBe(theirs);
});

describe("tls-server-end-point (RFC 5929 §4.1)", () => {
  test.each(["SHA-256", "SHA-384", "SHA-512"])("by the %s of the signature", async (hash) => {
    const server = await root.issue({ names: ["localhost"], signature: { hash } });
    const { tls } = await openToNode(server, {});
    const expected = createHash(hash.replace("-", "")).update(server.certificate).digest();
    expect(Buffer.from(await tls.channelBinding("tls-server-end-point"))).toEqual(expected);
  });

  test("RSASSA-PSS has one hash function too", async () => {
    const rsa = await createAuthority({ keyType: "rsa-2048" });
    const server = await rsa.issue({
      names: ["localhost"],
      signature: { pss: true, hash: "SHA-384" },
    });
    const { tls } = await openToNode(server, { roots: rsa.pem });
    const expected = createHash("sha384").update(server.certificate).digest();
    expect(Buffer.from(await tls.channelBinding("tls-server-end-point"))).toEqual(expected);
  });

  test("there is none where Ed25519 signed", async () => {
    const ed25519 = await createAuthority({ keyType: "ed25519" });
    const server = await ed25519.issue({ names: ["localhost"] });
    const { tls } = await openToNode(server, { roots: ed25519.pem });
    const error = await failureOf(() => tls.channelBinding("tls-server-end-point"));
    expect(error.code).toBe("configuration/invalid-state");
    expect(error.message).toContain("Use tls-exporter");
  });
});
