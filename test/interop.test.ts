/**
 * The protocol from Node, over plain sockets, against OpenSSL's `s_server` and Node's `tls`: each
 * version, suite, group and kind of key, without a browser or a bridge.
 */

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type ConnectTlsOptions, connectTls, type TlsDuplex } from "../src/stream/duplex.ts";
import { type Authority, createAuthority, type Issued, type KeyType } from "./authority.ts";
import { digest, reverseLines, startNodeTls, startTruncating } from "./servers/node-tls.ts";
import { startOpenssl } from "./servers/openssl.ts";
import { patternChunk } from "./servers/pattern.ts";
import { peerKinds, startPeer } from "./servers/peers.ts";
import { openSocket } from "./servers/socket.ts";
import { classicGroups, keyTypeOf, opensslSuite, suites } from "./servers/suites.ts";

const versions = ["TLSv1.3", "TLSv1.2"] as const;
const keyTypes: KeyType[] = [
  "ecdsa-p256",
  "ecdsa-p384",
  "ecdsa-p521",
  "ed25519",
  "rsa-2048",
  "rsa-3072",
  "rsa-pss-2048",
];

let root: Authority;
let intermediate: Authority;
const issued = new Map<KeyType, Promise<Issued>>();
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  root = await createAuthority();
  intermediate = await root.intermediate();
});

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

afterAll(() => issued.clear());

function identity(keyType: KeyType = "ecdsa-p256"): Promise<Issued> {
  const known = issued.get(keyType) ?? intermediate.issue({ names: ["localhost"], keyType });
  issued.set(keyType, known);
  return known;
}

async function keep<T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> {
  const started = await starting;
  stops.push(started.stop);
  return started;
}

async function open(port: number, options: Partial<ConnectTlsOptions> = {}): Promise<TlsDuplex> {
  return connectTls(await openSocket(port), {
    hostname: "localhost",
    roots: root.pem,
    ...options,
  });
}

async function ask({ readable, writable }: TlsDuplex, line: string): Promise<string> {
  const writer = writable.getWriter();
  await writer.write(new TextEncoder().encode(`${line}\n`));
  writer.releaseLock();
  const reader = readable.getReader();
  let text = "";
  while (!text.endsWith("\n")) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`ended after ${text}`);
    text += new TextDecoder().decode(value);
  }
  reader.releaseLock();
  return text.trimEnd();
}

async function readText({ readable }: TlsDuplex): Promise<string> {
  const reader = readable.getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += new TextDecoder().decode(value);
  }
}

describe.each(peerKinds)("%s", (kind) => {
  describe.each(suites)("$suite", ({ suite, version }) => {
    test.each(classicGroups)("with %s", async (group) => {
      const server = await keep(
        startPeer(kind, await identity(keyTypeOf(suite)), { version, suite, group }),
      );
      const connection = await open(server.port);
      const info = await connection.opened;
      expect(info).toMatchObject({ version, cipherSuite: suite, group });
      expect(info.certificates).toHaveLength(2);
      expect(info.verifiedPath).toHaveLength(2);
      expect(await ask(connection, "webtls")).toBe("sltbew");
      expect([suite, opensslSuite(suite)]).toContain(await server.negotiatedSuite());
      await connection.close();
    });
  });

  test.each(["secp256r1", "secp384r1", "secp521r1"] as const)(
    "asks for %s by a HelloRetryRequest",
    async (group) => {
      const server = await keep(startPeer(kind, await identity(), { version: "TLSv1.3", group }));
      const connection = await open(server.port, { groups: ["x25519", group] });
      expect(await connection.opened).toMatchObject({ group, handshake: "hello-retry-request" });
      expect(await ask(connection, "webtls")).toBe("sltbew");
      await connection.close();
    },
  );

  describe.each(versions)("%s", (version) => {
    test.each(keyTypes)("signs with a key of type %s", async (keyType) => {
      const server = await keep(startPeer(kind, await identity(keyType), { version }));
      const connection = await open(server.port);
      expect(await connection.opened).toMatchObject({ version });
      expect(await ask(connection, "webtls")).toBe("sltbew");
      await connection.close();
    });
  });
});

describe.each(versions)("%s", (version) => {
  const only = { minVersion: version, maxVersion: version };

  test("data goes both ways whole, and each side ends by itself", async () => {
    const server = await keep(
      startNodeTls(await identity(), digest, { ...only, allowHalfOpen: true }),
    );
    const connection = await open(server.port, { allowHalfOpen: true });
    const data = patternChunk(0, 3_000_000);
    const writer = connection.writable.getWriter();
    for (let at = 0; at < data.length; at += 77_777) {
      await writer.write(data.slice(at, at + 77_777));
    }
    writer.releaseLock();
    await connection.closeWrite();
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
    expect(await readText(connection)).toBe(Buffer.from(hash).toString("hex"));
    await connection.closed;
  });

  test("s_server echoes a mebibyte", async () => {
    const flag = version === "TLSv1.3" ? "-tls1_3" : "-tls1_2";
    const server = await keep(startOpenssl(await identity(), [flag], "echo"));
    const connection = await open(server.port);
    const data = patternChunk(0, 1 << 20);
    const writer = connection.writable.getWriter();
    const written = writer.write(data.slice());
    const reader = connection.readable.getReader();
    const received: Uint8Array[] = [];
    for (let length = 0; length < data.length; ) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`ended after ${length} bytes`);
      received.push(value);
      length += value.length;
    }
    await written;
    expect(Buffer.concat(received).equals(data)).toBe(true);
    await connection.close();
  });

  test("an end without close_notify is a truncation, behind the data", async () => {
    const server = await keep(startTruncating(await identity(), "before the end", only));
    const connection = await open(server.port);
    await connection.opened;
    const writer = connection.writable.getWriter();
    await writer.write(new TextEncoder().encode("go"));
    const reader = connection.readable.getReader();
    const { value } = await reader.read();
    expect(new TextDecoder().decode(value)).toBe("before the end");
    await expect(reader.read()).rejects.toMatchObject({ code: "closed/truncated" });
    await expect(connection.closed).rejects.toMatchObject({ code: "closed/truncated" });
  });

  test("the key log is the server's own", async () => {
    const server = await keep(startNodeTls(await identity(), reverseLines, only));
    const lines: string[] = [];
    const connection = await open(server.port, { keyLog: (line) => lines.push(line) });
    await connection.opened;
    await ask(connection, "webtls");
    expect(lines.sort()).toEqual([...server.keyLog].sort());
    await connection.close();
  });
});

test.each(["K", "k"])(
  "s_server's key update (%s) is followed, and answered where asked",
  async (key) => {
    const args = ["-tls1_3", "-msg"];
    const server = await keep(startOpenssl(await identity(), args, "interactive"));
    const connection = await open(server.port);
    await connection.opened;
    await server.printed(/CIPHER is/);
    server.type(key);
    await server.printed(/>>> TLS 1\.3, Handshake \[length [0-9a-f]+\], KeyUpdate/);
    server.type("under new keys");
    const reader = connection.readable.getReader();
    const { value } = await reader.read();
    expect(new TextDecoder().decode(value)).toBe("under new keys\n");
    const writer = connection.writable.getWriter();
    await writer.write(new TextEncoder().encode("and back\n"));
    await server.printed(/^and back$/m);
    if (key === "K")
      await server.printed(/<<< TLS 1\.3, Handshake \[length [0-9a-f]+\], KeyUpdate/);
    await connection.close();
  },
);

test("KeyUpdate on request: OpenSSL reads on under the new key, and changes its own", async () => {
  const server = await keep(startOpenssl(await identity(), ["-tls1_3", "-msg"], "interactive"));
  const connection = await open(server.port);
  await connection.opened;
  await connection.updateKeys({ requestPeer: true });
  await server.printed(/<<< TLS 1\.3, Handshake \[length [0-9a-f]+\], KeyUpdate/);
  const writer = connection.writable.getWriter();
  await writer.write(new TextEncoder().encode("under new keys\n"));
  await server.printed(/^under new keys$/m);
  // It answers before it sends anything else.
  server.type("and back");
  await server.printed(/>>> TLS 1\.3, Handshake \[length [0-9a-f]+\], KeyUpdate/);
  const { value } = await connection.readable.getReader().read();
  expect(new TextDecoder().decode(value)).toBe("and back\n");
  await connection.close();
});

test.each(versions)("%s: GREASE, padding and short fragments, with OpenSSL", async (version) => {
  const server = await keep(startOpenssl(await identity()));
  const connection = await open(server.port, {
    minVersion: version,
    maxVersion: version,
    grease: true,
    recordPadding: 512,
    maxFragmentSize: 64,
  });
  expect(await connection.opened).toMatchObject({ version });
  const line = "webtls ".repeat(40).trim();
  expect(await ask(connection, line)).toBe([...line].reverse().join(""));
  await connection.close();
});
