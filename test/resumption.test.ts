/**
 * Sessions resumed, external PSKs and early data against servers that know all of it: Node's `tls`
 * and OpenSSL's `s_server`.
 */

import { constants, createHash } from "node:crypto";
import type { TLSSocket, TlsOptions } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { toHex } from "../src/crypto/bytes.ts";
import {
  type ConnectionInfo,
  type ConnectTlsOptions,
  connectTls,
  MemorySessionStore,
  type SessionStore,
  type StoredSession,
} from "../src/stream/duplex.ts";
import { parseAnchor } from "../src/x509/anchor.ts";
import { createAuthority } from "./authority.ts";
import { failureOf } from "./failure.ts";
import { reverseLines, startNodeTls } from "./servers/node-tls.ts";
import { type OpensslServer, startOpenssl } from "./servers/openssl.ts";
import { openSocket } from "./servers/socket.ts";

const versions = ["TLSv1.3", "TLSv1.2"] as const;
const root = await createAuthority();
const identity = await root.issue({ names: ["localhost"] });
const rootKey = root.keys.publicKey.export({ type: "spki", format: "der" });
const pin = `sha256/${createHash("sha256").update(rootKey).digest("base64")}`;
const stops: (() => Promise<void>)[] = [];
const encode = (text: string) => new TextEncoder().encode(text);

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** What became of one connection that said a line and read the answer. */
interface Told {
  readonly info: ConnectionInfo;
  readonly answer: string;
}

/** Connects, says a line, reads the line that comes back, and closes. */
async function converse(
  port: number,
  options: Partial<ConnectTlsOptions>,
  line = "abc\n",
): Promise<Told> {
  const tls = connectTls(await openSocket(port), {
    hostname: "localhost",
    roots: root.pem,
    ...options,
  });
  const info = await tls.opened;
  const writer = tls.writable.getWriter();
  if (line !== "") await writer.write(encode(line));
  const answer = await readLine(tls.readable);
  // A server may drop the connection first, which is nothing to these tests.
  await tls.close().catch(() => {});
  return { info, answer };
}

async function readLine(readable: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  const reader = readable.getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  reader.releaseLock();
  return text;
}

async function startNode(options: Omit<TlsOptions, "allowHalfOpen"> = {}) {
  const reused: boolean[] = [];
  const behaviour = (socket: TLSSocket) => {
    reused.push(socket.isSessionReused());
    reverseLines(socket);
  };
  const { port, stop } = await startNodeTls(identity, behaviour, options);
  stops.push(stop);
  return { port, reused };
}

async function startS(args: readonly string[], mode?: "interactive"): Promise<OpensslServer> {
  const server = await startOpenssl(identity, args, mode);
  stops.push(() => server.stop());
  return server;
}

/** Counts what goes in and out. */
function counted(store: SessionStore = new MemorySessionStore()) {
  const counts = { put: 0, taken: 0 };
  const sessions: SessionStore = {
    put(partition, session) {
      counts.put++;
      return store.put(partition, session);
    },
    async take(partition) {
      const session = await store.take(partition);
      if (session !== undefined) counts.taken++;
      return session;
    },
  };
  return { sessions, counts };
}

describe.each(versions)("%s, against Node", (version) => {
  const only = { minVersion: version, maxVersion: version };

  test("a second connection resumes, and the server says so too", async () => {
    const { port, reused } = await startNode();
    const { sessions } = counted();
    const first = await converse(port, { ...only, sessions });
    const second = await converse(port, { ...only, sessions });
    const third = await converse(port, { ...only, sessions });
    expect([first, second, third].map(({ info }) => info.handshake)).toEqual([
      "full",
      "resumed",
      "resumed",
    ]);
    expect(reused).toEqual([false, true, true]);
    expect(second.answer).toBe("cba\n");
    const { certificates, verifiedPath, signatureScheme, certificateType } = first.info;
    const { trustedBy, trustAnchor } = first.info;
    expect(trustedBy).toBe("root");
    expect(trustAnchor?.subject).toEqual(parseAnchor(root.certificate).subject);
    expect(second.info).toMatchObject({
      trustedBy,
      trustAnchor,
      certificates,
      verifiedPath,
      signatureScheme,
      certificateType,
      version,
      extendedMasterSecret: true,
      clientCertificate: "not-requested",
    });
  });

  test("without a store there is nothing to resume", async () => {
    const { port, reused } = await startNode();
    await converse(port, only);
    await converse(port, only);
    expect(reused).toEqual([false, false]);
  });

  test("a server that has forgotten makes a full handshake of it", async () => {
    const ticketKeys = () => Buffer.from(crypto.getRandomValues(new Uint8Array(48)));
    const before = await startNode({ ticketKeys: ticketKeys() });
    const after = await startNode({ ticketKeys: ticketKeys() });
    const { sessions } = counted();
    const label = { sessions, sessionLabel: "both", ...only };
    await converse(before.port, label);
    const { info, answer } = await converse(after.port, label);
    expect(info.handshake).toBe("full");
    expect(after.reused).toEqual([false]);
    expect(answer).toBe("cba\n");
    // What it gave instead is good.
    expect((await converse(after.port, label)).info.handshake).toBe("resumed");
  });

  test("what is stored and can't be read is no session", async () => {
    const { port } = await startNode();
    const store = new MemorySessionStore();
    const spoiled: SessionStore = {
      put: (partition, session) => {
        const bytes = session.bytes.slice();
        bytes[0] = 0xff;
        store.put(partition, { ...session, bytes });
      },
      take: (partition) => store.take(partition),
    };
    await converse(port, { ...only, sessions: spoiled });
    expect((await converse(port, { ...only, sessions: spoiled })).info.handshake).toBe("full");
  });

  test("a store that throws is like none", async () => {
    const { port } = await startNode();
    const broken: SessionStore = {
      put: () => Promise.reject(new Error("full")),
      take: () => {
        throw new Error("gone");
      },
    };
    await converse(port, { ...only, sessions: broken });
    expect((await converse(port, { ...only, sessions: broken })).info.handshake).toBe("full");
  });

  test("another label, and other roots, get no session of this one", async () => {
    const { port } = await startNode();
    const { sessions, counts } = counted();
    const other = await createAuthority();
    await converse(port, { ...only, sessions });
    await converse(port, { ...only, sessions, sessionLabel: "another" });
    await converse(port, { ...only, sessions, roots: `${root.pem}\n${other.pem}` });
    await converse(port, { ...only, sessions, pins: [pin] });
    await converse(port, { ...only, sessions, exactCertificates: [identity.certificate] });
    expect(counts.taken).toBe(0);
    expect((await converse(port, { ...only, sessions })).info.handshake).toBe("resumed");
  });

  test("a session is not used once it has expired", async () => {
    const { port } = await startNode();
    // The server says two hours in TLS 1.2 and 1.3.
    const { sessions } = counted(new MemorySessionStore(() => 0));
    await converse(port, { ...only, sessions });
    const now = () => new Date(Date.now() + 3 * 60 * 60 * 1000);
    expect((await converse(port, { ...only, sessions, now })).info.handshake).toBe("full");
  });
});

describe("TLS 1.2, against Node", () => {
  test("resumes by session id where the server has no tickets", async () => {
    const kept = new Map<string, Buffer>();
    const reused: boolean[] = [];
    const behaviour = (socket: TLSSocket) => {
      reused.push(socket.isSessionReused());
      reverseLines(socket);
    };
    const server = await startNodeTls(identity, behaviour, {
      maxVersion: "TLSv1.2",
      secureOptions: constants.SSL_OP_NO_TICKET,
    });
    stops.push(server.stop);
    server.events.on("newSession", (id: Buffer, data: Buffer, done: () => void) => {
      kept.set(id.toString("hex"), data);
      done();
    });
    server.events.on(
      "resumeSession",
      (id: Buffer, done: (e: null, data: Buffer | null) => void) => {
        done(null, kept.get(id.toString("hex")) ?? null);
      },
    );
    const { sessions } = counted();
    const kinds = [];
    // With TLS 1.3 on offer beside it, and without.
    for (const minVersion of [undefined, "TLSv1.2", "TLSv1.2"] as const) {
      const version = minVersion && { maxVersion: minVersion };
      kinds.push((await converse(server.port, { ...version, sessions })).info.handshake);
    }
    expect(kinds).toEqual(["full", "resumed", "resumed"]);
    expect(reused).toEqual([false, true, true]);
    expect(kept.size).toBe(1);
  });

  test("a ticket resumes with TLS 1.3 on offer beside it", async () => {
    const { port, reused } = await startNode({ maxVersion: "TLSv1.2" });
    const { sessions } = counted();
    await converse(port, { sessions });
    expect((await converse(port, { sessions })).info.handshake).toBe("resumed");
    expect(reused).toEqual([false, true]);
  });

  test("a session without the extended master secret is not offered where that is required", async () => {
    const { port } = await startNode({
      maxVersion: "TLSv1.2",
      // SSL_OP_NO_EXTENDED_MASTER_SECRET, which Node does not name.
      secureOptions: 1,
    });
    const { sessions } = counted();
    const first = await converse(port, { sessions });
    expect(first.info.extendedMasterSecret).toBe(false);
    const again = await converse(port, { sessions });
    expect(again.info).toMatchObject({ handshake: "resumed", extendedMasterSecret: false });
    const strict = { sessions, requireExtendedMasterSecret: true };
    expect(await failureOf(() => converse(port, strict))).toMatchObject({
      code: "handshake/extended-master-secret-required",
    });
  });
});

describe("TLS 1.3, against openssl s_server", () => {
  test("resumes through a HelloRetryRequest", async () => {
    const { port } = await startS(["-groups", "P-384"]);
    const { sessions } = counted();
    const options = { sessions, groups: ["x25519", "secp384r1"] } as const;
    const first = await converse(port, options);
    expect(first.info.handshake).toBe("hello-retry-request");
    // The group is remembered only by those that share a memory of groups: this asks again.
    const second = await converse(port, options);
    expect(second.info.handshake).toBe("resumed-hello-retry-request");
    expect(second.answer).toBe("cba\n");
  });

  test("a session for SHA-384 is not tried where the server retries with SHA-256", async () => {
    const first = await startS(["-ciphersuites", "TLS_AES_256_GCM_SHA384"]);
    const second = await startS(["-ciphersuites", "TLS_AES_128_GCM_SHA256", "-groups", "P-384"]);
    const { sessions, counts } = counted();
    const options = {
      sessions,
      sessionLabel: "both",
      groups: ["x25519", "secp384r1"],
    } as const;
    await converse(first.port, options);
    const { info } = await converse(second.port, options);
    expect(info.handshake).toBe("hello-retry-request");
    expect(counts.taken).toBe(1);
  });
});

describe("external PSKs, against openssl s_server", () => {
  const key = new Uint8Array(32).map((_, index) => index + 1);
  const args = ["-psk", toHex(key), "-psk_identity", "who", "-tls1_3"];
  const psk = [{ identity: encode("who"), key }];

  test("authenticate the server in place of a certificate", async () => {
    const { port } = await startS([...args, "-nocert"]);
    const { info, answer } = await converse(port, { psk, pskOnly: true });
    expect(answer).toBe("cba\n");
    expect(info).toMatchObject({
      handshake: "full",
      certificates: [],
      trustedBy: "pre-shared-key",
      verifiedPath: [],
    });
    expect(info.pskIdentity).toEqual(encode("who"));
    expect(info.signatureScheme).toBeUndefined();
  });

  test("through a HelloRetryRequest", async () => {
    const { port } = await startS([...args, "-groups", "P-384"]);
    const groups = ["x25519", "secp384r1"] as const;
    const { info } = await converse(port, { psk, pskOnly: true, groups });
    expect(info.handshake).toBe("hello-retry-request");
    expect(info.pskIdentity).toEqual(encode("who"));
  });

  test("the session that follows is of the same server", async () => {
    const { port } = await startS(args);
    const { sessions } = counted();
    await converse(port, { psk, sessions });
    const { info } = await converse(port, { psk, sessions });
    expect(info.handshake).toBe("resumed");
    expect(info.pskIdentity).toEqual(encode("who"));
    // Who does not have the key does not get the session.
    const { info: stranger } = await converse(port, { sessions });
    expect(stranger.handshake).toBe("full");
    expect(stranger.certificates.length).toBeGreaterThan(0);
  });

  test("a server without the key shows its certificate, or is refused", async () => {
    const { port } = await startS(["-tls1_3"]);
    const { info } = await converse(port, { psk });
    expect(info.pskIdentity).toBeUndefined();
    expect(info.certificates.length).toBeGreaterThan(0);
    expect(await failureOf(() => converse(port, { psk, pskOnly: true }))).toMatchObject({
      code: expect.stringMatching(/^(alert\/received|handshake\/missing-extension)$/),
    });
  });

  test("a wrong key is found out by the server", async () => {
    const { port } = await startS(args);
    const wrong = [{ identity: encode("who"), key: new Uint8Array(32) }];
    expect(await failureOf(() => converse(port, { psk: wrong }))).toMatchObject({
      code: "alert/received",
    });
  });
});

describe("early data, against openssl s_server", () => {
  const args = ["-tls1_3", "-early_data", "-max_early_data", "100"];
  const early = (text: string, otherwise?: "send" | "drop") => ({
    earlyData: { data: encode(text), ...(otherwise === undefined ? {} : { otherwise }) },
  });
  // It keeps its tickets in memory against replays, so they are good for one server only.
  const stateless = [...args, "-no_anti_replay"];

  /** What it prints to one stream; the data itself goes to the other one. */
  const earlyAndResumed = /Early data received:.*End of early data.*Reused session-id/s;

  /** Connects without a word; the server says one once it has seen what is expected. */
  async function listen(
    server: OpensslServer,
    options: Partial<ConnectTlsOptions>,
    seen: RegExp,
  ): Promise<ConnectionInfo> {
    const told = converse(server.port, options, "");
    told.catch(() => {});
    await server.printed(seen);
    server.type("hello");
    const { info, answer } = await told;
    expect(answer).toBe("hello\n");
    return info;
  }

  test("is accepted with a session that allows it, and is there before the handshake is done", async () => {
    const server = await startS(args, "interactive");
    const { sessions } = counted();
    const first = await listen(server, { sessions, ...early("too early\n") }, /CIPHER is/);
    expect(first).toMatchObject({ handshake: "full", earlyData: "not-offered" });
    const ahead = { sessions, ...early("ahead of it all\n") };
    const second = await listen(server, ahead, earlyAndResumed);
    expect(second).toMatchObject({ handshake: "resumed", earlyData: "accepted" });
    await server.printed(/ahead of it all\n/);
  });

  test("is sent as far as it may, and the rest behind the handshake, where that is asked", async () => {
    const server = await startS(args, "interactive");
    const { sessions } = counted();
    await listen(server, { sessions }, /CIPHER is/);
    const long = { sessions, ...early(`${"x".repeat(100)}rest\n`, "send") };
    const info = await listen(server, long, /x{100}.*rest\n/s);
    expect(info).toMatchObject({ handshake: "resumed", earlyData: "accepted" });
  });

  test("is sent again where the server has rejected it", async () => {
    const server = await startS(args, "interactive");
    // A store that hands out its first session for ever: the server has seen the ticket before.
    let kept: StoredSession | undefined;
    const sessions: SessionStore = {
      put(_, session) {
        kept ??= session;
      },
      take: () => kept,
    };
    await listen(server, { sessions }, /CIPHER is/);
    await listen(server, { sessions, ...early("one\n") }, earlyAndResumed);
    const again = { sessions, ...early("two\n", "send") };
    const info = await listen(server, again, /two\n/);
    expect(info.earlyData).toBe("rejected");
  });

  test("is dropped by a HelloRetryRequest", async () => {
    const first = await startS([...stateless, "-groups", "X25519:P-384"], "interactive");
    const { sessions } = counted();
    const label = { sessions, sessionLabel: "both" };
    await listen(first, label, /CIPHER is/);
    const second = await startS([...stateless, "-groups", "P-384"], "interactive");
    const groups = ["x25519", "secp384r1"] as const;
    const asked = { ...label, groups, ...early("abc\n", "send") };
    const info = await listen(second, asked, /CIPHER is.*abc\n/s);
    expect(info).toMatchObject({ handshake: "hello-retry-request", earlyData: "rejected" });
  });
});
