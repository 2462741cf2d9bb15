import { createHash, randomBytes } from "node:crypto";
import { connect as connectTcp } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import WebSocket from "ws";
import { type Authority, createAuthority, type Issued } from "../authority.ts";
import { echo, source, startNodeTls, startTruncating } from "./node-tls.ts";
import { startOpenssl } from "./openssl.ts";
import { patternChunk } from "./pattern.ts";
import { peerKinds, startPeer } from "./peers.ts";
import { freePort } from "./process.ts";
import { opensslSuite, suites } from "./suites.ts";
import { startTcp } from "./tcp.ts";
import { startFixedWebsockify, startWebsockify, type Websockify } from "./websockify.ts";

let root: Authority;
let identity: Issued;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  root = await createAuthority();
  const intermediate = await root.intermediate();
  identity = await intermediate.issue({ names: ["localhost", "127.0.0.1"] });
});

afterAll(async () => {
  await Promise.all(stops.map((stop) => stop()));
});

function keep<T extends { stop(): Promise<void> }>(started: T): T {
  stops.push(started.stop);
  return started;
}

function open(port: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ port, host: "127.0.0.1", ca: root.pem });
    socket.once("secureConnect", () => resolve(socket));
    socket.once("error", reject);
  });
}

async function readAll(socket: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

describe.each(peerKinds)("a peer on %s", (kind) => {
  test("answers lines reversed and keeps to its limits", async () => {
    const suite = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
    const peer = keep(await startPeer(kind, identity, { version: "TLSv1.2", suite }));
    const socket = await open(peer.port);
    expect(socket.getProtocol()).toBe("TLSv1.2");
    expect(socket.getCipher().standardName).toBe(suite);
    expect([suite, opensslSuite(suite)]).toContain(await peer.negotiatedSuite());
    const answer = new Promise((resolve) => socket.once("data", resolve));
    socket.write("webtls\n");
    expect(String(await answer)).toBe("sltbew\n");
    socket.destroy();
  });
});

test.each([
  ["s_server", () => startOpenssl(identity, [], "echo")],
  ["node", () => startNodeTls(identity, echo)],
])("%s echoes 4 MiB", async (_, start) => {
  const server = keep(await start());
  const socket = await open(server.port);
  const data = randomBytes(4 << 20);
  const hash = createHash("sha256");
  let length = 0;
  const echoed = new Promise<string>((resolve) => {
    socket.on("data", (chunk: Buffer) => {
      hash.update(chunk);
      length += chunk.length;
      if (length === data.length) resolve(hash.digest("hex"));
    });
  });
  socket.write(data);
  expect(await echoed).toBe(createHash("sha256").update(data).digest("hex"));
  socket.destroy();
});

test("the source sends the pattern", async () => {
  const length = 300_000;
  const server = keep(await startNodeTls(identity, source(length)));
  const received = await readAll(await open(server.port));
  expect(received.equals(patternChunk(0, length))).toBe(true);
  expect(received.subarray(70_000, 140_000).equals(patternChunk(70_000, 70_000))).toBe(true);
});

test("the truncating server ends TCP without close_notify", async () => {
  const server = keep(await startTruncating(identity, "tail", { maxVersion: "TLSv1.2" }));
  const records: Buffer[] = [];
  const relay = keep(
    await startTcp((client) => {
      const target = connectTcp(server.port, "127.0.0.1");
      target.on("data", (chunk: Buffer) => records.push(chunk));
      client.pipe(target).pipe(client);
    }),
  );
  const socket = await open(relay.port);
  socket.write("hello");
  expect((await readAll(socket)).toString()).toBe("tail");
  expect(lastRecordType(Buffer.concat(records))).toBe(0x17);
});

function lastRecordType(stream: Buffer): number | undefined {
  let type: number | undefined;
  for (let at = 0; at < stream.length; at += 5 + stream.readUInt16BE(at + 3)) type = stream[at];
  return type;
}

test("OpenSSL's names of the suites are those of OpenSSL", async () => {
  for (const { suite, version } of suites) {
    const keyType = suite.includes("_RSA_") ? "rsa-2048" : "ecdsa-p256";
    const leaf = await root.issue({ names: ["127.0.0.1"], keyType });
    const peer = keep(await startPeer("node", leaf, { suite, version }));
    const socket = await open(peer.port);
    expect(socket.getCipher().standardName).toBe(suite);
    socket.destroy();
  }
});

describe("websockify", () => {
  let bridge: Websockify;
  beforeAll(async () => {
    bridge = keep(await startWebsockify());
  });

  function exchange(url: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url, ["binary"]);
      socket.once("open", () => socket.send(Buffer.from("through")));
      socket.once("message", (data) => {
        socket.close();
        resolve(data.toString());
      });
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("closed")));
    });
  }

  test("leads to the targets of its token file, tokens with a colon too", async () => {
    const target = keep(await startTcpEcho());
    await bridge.allow(`localhost:${target.port}`, `127.0.0.1:${target.port}`);
    expect(await exchange(`${bridge.url}?token=localhost:${target.port}`)).toBe("through");
    await expect(exchange(`${bridge.url}?token=nowhere:1`)).rejects.toThrow();
  });

  test("leads to its fixed target", async () => {
    const target = keep(await startTcpEcho());
    const fixed = keep(await startFixedWebsockify(`127.0.0.1:${target.port}`));
    expect(await exchange(fixed.url)).toBe("through");
  });

  test("opens, then closes, where the target refuses", async () => {
    const port = await freePort();
    await bridge.allow("refused", `127.0.0.1:${port}`);
    await expect(exchange(`${bridge.url}?token=refused`)).rejects.toThrow("closed");
  });
});

function startTcpEcho() {
  return startTcp((socket) => socket.pipe(socket));
}
