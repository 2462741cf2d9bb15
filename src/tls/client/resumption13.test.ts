/** TLS 1.3 with PSKs and early data against a scripted server: what goes well, and faults 28, 29. */

import { describe, expect, test } from "vitest";
import { createAuthority, type Issued } from "../../../test/authority.ts";
import type { ReceivedClientHello } from "../../../test/peer/client-hello.ts";
import { decodeClientHello } from "../../../test/peer/client-hello.ts";
import { connectToPeer, type Outcome } from "../../../test/peer/connect.ts";
import { type Verdict, verdict } from "../../../test/peer/faults.ts";
import { createIdentities } from "../../../test/peer/identities.ts";
import {
  alpnAnswer,
  extension,
  pskAnswer,
  withExtension,
  withoutExtension,
} from "../../../test/peer/messages.ts";
import type { Script } from "../../../test/peer/script.ts";
import { madeUpSession12, madeUpSession13, remember } from "../../../test/peer/sessions.ts";
import { alertForCode } from "../alert.ts";
import { maxSessionsPerPartition } from "../limits.ts";
import { extensionType } from "../messages/extension.ts";
import { Reader } from "../messages/reader.ts";
import { contentType, handshakeType } from "../messages/registry.ts";
import type { TlsOptions } from "../options.ts";
import { MemorySessionStore } from "../session/memory.ts";
import { partitionOf } from "../session/partition.ts";
import type { Tls13Session } from "../session/session.ts";
import type { ProtocolStep } from "../trace.ts";
import type { TrustOptions } from "../trust-options.ts";

const identities = await createIdentities();
const identity = await identities.of();
const encode = (text: string) => new TextEncoder().encode(text);

/** What a client does with a session, and what the server does. */
interface Scene {
  readonly session?: Parameters<typeof madeUpSession13>[1];
  readonly options?: TlsOptions;
  /** What the server does, knowing the session's secret. */
  readonly script?: (session: Tls13Session) => Omit<Script, "identity">;
}

async function play(scene: Scene): Promise<Outcome & { store: MemorySessionStore }> {
  const store = new MemorySessionStore();
  const config = await identities.config(scene.options, { sessions: store });
  const session = madeUpSession13(identity, scene.session);
  await remember(config, session);
  const script = scene.script?.(session) ?? { psk: { secret: session.secret } };
  const outcome = await connectToPeer(config, { identity, ...script }).outcome();
  return { ...outcome, store };
}

const hellosOf = ({ received }: Outcome): ReceivedClientHello[] =>
  received.messages
    .filter(({ type }) => type === handshakeType.client_hello)
    .map(({ body }) => decodeClientHello(body));

/** What a ClientHello offers as pre_shared_key. */
function offeredPsks(hello: ReceivedClientHello | undefined) {
  const body = hello?.extensions.get(extensionType.pre_shared_key);
  if (body === undefined) return [];
  return Reader.parse(body, "pre_shared_key", (r) => {
    const identities = r.list(2, 7, (one) => ({ identity: one.vector(2, 1), age: one.u32() }));
    const binders = r.list(2, 33, (one) => one.vector(1, 32));
    return identities.map((one, index) => ({ ...one, binder: binders[index] }));
  });
}

/** A server that does not stay to read what it has no keys for. */
const deaf: Script["on"] = { finished: { after: (wire) => wire.hangUp() } };

const cookie = { cookie: encode("cookie") };

const early = (data = "early", otherwise?: "send"): TlsOptions => ({
  earlyData: { data: encode(data), ...(otherwise === undefined ? {} : { otherwise }) },
});

describe("a session of TLS 1.3", () => {
  test("stands in for the certificate", async () => {
    const outcome = await play({});
    expect(outcome.error).toBeUndefined();
    expect(outcome.info).toMatchObject({
      handshake: "resumed",
      signatureScheme: "ecdsa_secp256r1_sha256",
      clientCertificate: "not-requested",
    });
    expect(outcome.info?.certificates).toEqual(identity.chain.map((der) => new Uint8Array(der)));
  });

  test("is offered last of the extensions, with its age disguised (RFC 8446 §4.2.11)", async () => {
    const outcome = await play({});
    const [hello] = hellosOf(outcome);
    expect([...(hello?.extensions.keys() ?? [])].at(-1)).toBe(extensionType.pre_shared_key);
    const [offered] = offeredPsks(hello);
    expect(offered?.identity).toEqual(new Uint8Array(100).fill(2));
    // A minute and ticket_age_add, modulo 2^32.
    const age = ((offered?.age ?? 0) + 16) % 2 ** 32;
    expect(age).toBeGreaterThanOrEqual(60_000);
    expect(age).toBeLessThan(120_000);
  });

  test("has no age where the clock was set back", async () => {
    const outcome = await play({ session: { receivedAt: Date.now() + 3_600_000 } });
    expect(offeredPsks(hellosOf(outcome)[0])[0]?.age).toBe(0xfffffff0);
  });

  test("gets another binder behind a HelloRetryRequest (RFC 8446 §4.2.11.2)", async () => {
    const outcome = await play({
      script: ({ secret }) => ({ psk: { secret }, retry: { cookie: encode("cookie") } }),
    });
    expect(outcome.info?.handshake).toBe("resumed-hello-retry-request");
    const [first, second] = hellosOf(outcome).map((hello) => offeredPsks(hello)[0]);
    expect(second?.identity).toEqual(first?.identity);
    expect(second?.binder).not.toEqual(first?.binder);
  });

  test("is left out of the second ClientHello where the suite has another hash", async () => {
    const suite = "TLS_AES_256_GCM_SHA384";
    const outcome = await play({ script: () => ({ suite, retry: { cookie: encode("cookie") } }) });
    expect(outcome.info?.handshake).toBe("hello-retry-request");
    const offers = hellosOf(outcome).map((hello) => offeredPsks(hello).length);
    expect(offers).toEqual([1, 0]);
  });

  test("goes with another suite of its hash", async () => {
    const suite = "TLS_CHACHA20_POLY1305_SHA256";
    const outcome = await play({ script: ({ secret }) => ({ suite, psk: { secret } }) });
    expect(outcome.info).toMatchObject({ handshake: "resumed", cipherSuite: suite });
  });

  test("may be declined", async () => {
    const outcome = await play({ script: () => ({}) });
    expect(outcome.info?.handshake).toBe("full");
  });

  test("is not offered with suites of another hash alone", async () => {
    const options: TlsOptions = { cipherSuites: ["TLS_AES_256_GCM_SHA384"] };
    const suite = "TLS_AES_256_GCM_SHA384";
    const outcome = await play({ options, script: () => ({ suite }) });
    expect(offeredPsks(hellosOf(outcome)[0])).toEqual([]);
  });

  test("is not offered by a client that takes no such signature any more", async () => {
    const options: TlsOptions = { signatureSchemes: ["ed25519", "ecdsa_secp384r1_sha384"] };
    const outcome = await play({ options, script: () => ({}) });
    expect(offeredPsks(hellosOf(outcome)[0])).toEqual([]);
  });

  test("is used once, by one of two connections at a time", async () => {
    const config = await identities.config({}, { sessions: new MemorySessionStore() });
    const session = madeUpSession13(identity);
    await remember(config, session);
    const outcomes = await Promise.all(
      [0, 1].map(() => connectToPeer(config, { identity }).outcome()),
    );
    const offers = outcomes.map((outcome) => offeredPsks(hellosOf(outcome)[0]).length);
    expect(offers.sort()).toEqual([0, 1]);
  });

  test("stands for the client's certificate, too", async () => {
    const { peer } = madeUpSession13(identity);
    for (const clientCertificate of ["sent", "declined"] as const) {
      const outcome = await play({ session: { peer: { ...peer, clientCertificate } } });
      expect(outcome.info).toMatchObject({ handshake: "resumed", clientCertificate });
    }
  });

  test("that can't be used is left to who can, and an older one taken", async () => {
    const store = new MemorySessionStore();
    const config = await identities.config({}, { sessions: store });
    const old12 = madeUpSession12(identity);
    const old13 = madeUpSession13(identity, { ticket: new Uint8Array(40).fill(7) });
    const new13 = madeUpSession13(identity);
    for (const session of [old12, old13, new13]) await remember(config, session);
    const only12 = await identities.config({ maxVersion: "TLSv1.2" }, { sessions: store });
    const first = { identity, version: "TLSv1.2", resumes: old12.secret } as const;
    expect((await connectToPeer(only12, first).outcome()).info?.handshake).toBe("resumed");
    // That one is put back behind them.
    store.take(await partitionOf(config));
    for (const { secret, ticket } of [new13, old13]) {
      const outcome = await connectToPeer(config, { identity, psk: { secret } }).outcome();
      expect(outcome.info?.handshake).toBe("resumed");
      expect(offeredPsks(hellosOf(outcome)[0])[0]?.identity).toEqual(ticket);
    }
  });

  test("keys with which the server's flight can't be read are no resumption", async () => {
    const outcome = await play({
      script: () => ({ psk: { secret: new Uint8Array(32).fill(9) }, on: deaf }),
    });
    expect(outcome.error?.code).toBe("record/bad-mac");
    expect(outcome.info).toBeUndefined();
  });
});

describe("tickets (RFC 8446 §4.6.1)", () => {
  /** How many sessions the tickets of a full handshake have made. */
  async function kept(body: readonly number[], times = 1): Promise<number> {
    let count = 0;
    const sessions = { put: () => void count++, take: () => undefined };
    const config = await identities.config({}, { sessions });
    const script: Script = {
      identity,
      async after(peer) {
        for (let sent = 0; sent < times; sent++) {
          await peer.handshake(handshakeType.new_session_ticket, Uint8Array.from(body));
          await peer.data("for the flood to count from the beginning");
        }
        await peer.closeNotify();
      },
    };
    const { error } = await connectToPeer(config, script).outcome();
    expect(error).toBeUndefined();
    return count;
  }
  const rest = [0, 0, 0, 0, 1, 7, 0, 1, 9, 0, 0];

  test("are kept for as long as they say", async () => {
    expect(await kept([0, 0, 0x1c, 0x20, ...rest])).toBe(1);
  });

  test("are kept as many as a store has for a server, and no more", async () => {
    expect(await kept([0, 0, 0x1c, 0x20, ...rest], 100)).toBe(maxSessionsPerPartition);
  });

  test("with a lifetime of nothing are not", async () => {
    expect(await kept([0, 0, 0, 0, ...rest])).toBe(0);
  });

  test("live for seven days at most, and no longer than the certificates", async () => {
    const day = 24 * 60 * 60 * 1000;
    const now = new Date();
    const lifeWith = async (issued: Issued, trust?: TrustOptions): Promise<number> => {
      const expiries: number[] = [];
      const sessions = {
        put: (_: string, { expires }: { expires: number }) => void expiries.push(expires),
        take: () => undefined,
      };
      const config = await identities.config({}, { sessions, now: () => now }, trust);
      const after: Script["after"] = async (peer) => {
        const body = Uint8Array.of(255, 255, 255, 255, ...rest);
        await peer.handshake(handshakeType.new_session_ticket, body);
        await peer.closeNotify();
      };
      await connectToPeer(config, { identity: issued, after }).outcome();
      return (expiries[0] ?? 0) - now.getTime();
    };
    expect(await lifeWith(identity)).toBe(7 * day);
    const notAfter = new Date(now.getTime() + day);
    const expiring = await identities.root.issue({ names: ["server.example"], notAfter });
    // Certificates count in seconds.
    expect(Math.abs((await lifeWith(expiring)) - day)).toBeLessThan(1000);
    const ending = await createAuthority({ notAfter });
    const below = await ending.issue({ names: ["server.example"] });
    const life = await lifeWith(below, { roots: ending.certificate });
    expect(Math.abs(life - day)).toBeLessThan(1000);
  });

  test("of a resumed session are trusted no longer than that was", async () => {
    const expiries: number[] = [];
    const store = new MemorySessionStore();
    const config = await identities.config({}, { sessions: store });
    const session = madeUpSession13(identity);
    await remember(config, session);
    const sessions = {
      take: (partition: string) => store.take(partition),
      put: (_: string, { expires }: { expires: number }) => void expiries.push(expires),
    };
    const again = await identities.config({}, { sessions });
    await connectToPeer(again, {
      identity,
      psk: { secret: session.secret },
      async after(peer) {
        await peer.ticket();
        await peer.closeNotify();
      },
    }).outcome();
    expect(expiries).toEqual([session.peer.trustedUntil]);
  });
});

describe("early data", () => {
  const session = { maxEarlyData: 100 };

  test("goes out behind the first ClientHello and ends with EndOfEarlyData", async () => {
    const outcome = await play({
      session,
      options: early(),
      script: ({ secret }) => ({ psk: { secret, takesEarlyData: true } }),
    });
    expect(outcome.error).toBeUndefined();
    expect(outcome.info).toMatchObject({ handshake: "resumed", earlyData: "accepted" });
    expect(outcome.received.data).toEqual([encode("early")]);
    // The change_cipher_spec goes ahead of it, once (RFC 8446 appendix D.4).
    const { handshake, changeCipherSpec, applicationData } = contentType;
    expect(outcome.received.recordTypes.slice(0, 5)).toEqual([
      handshake,
      changeCipherSpec,
      applicationData,
      handshake,
      handshake,
    ]);
  });

  test("rejected, it is dropped or comes again behind the handshake", async () => {
    const script: Scene["script"] = ({ secret }) => ({
      psk: { secret },
      skipsEarlyRecords: 1,
      async after(peer) {
        const { type, fragment } = await peer.wire.nextRecord();
        if (type === contentType.applicationData) await peer.data(fragment);
        await peer.closeNotify();
      },
    });
    const sent = await play({ session, options: early("again", "send"), script });
    expect(sent.info).toMatchObject({ handshake: "resumed", earlyData: "rejected" });
    expect(new TextDecoder().decode(sent.delivered)).toBe("again");
  });

  test("goes as far as it may, and the rest behind the handshake, where that is asked", async () => {
    const outcome = await play({
      session: { maxEarlyData: 4 },
      options: early("in two parts", "send"),
      script: ({ secret }) => ({
        psk: { secret, takesEarlyData: true },
        async after(peer) {
          const { fragment } = await peer.wire.nextRecord();
          await peer.data(fragment);
          await peer.closeNotify();
        },
      }),
    });
    expect(outcome.info?.earlyData).toBe("accepted");
    expect(outcome.received.data[0]).toEqual(encode("in t"));
    expect(new TextDecoder().decode(outcome.delivered)).toBe("wo parts");
  });

  test("is dropped by a HelloRetryRequest, and the second ClientHello is in the clear", async () => {
    const outcome = await play({
      session,
      options: early(),
      script: ({ secret }) => ({
        psk: { secret },
        skipsEarlyRecords: 1,
        retry: { cookie: encode("cookie") },
      }),
    });
    expect(outcome.info).toMatchObject({
      handshake: "resumed-hello-retry-request",
      earlyData: "rejected",
    });
    const has = hellosOf(outcome).map((hello) => hello.extensions.has(extensionType.early_data));
    expect(has).toEqual([true, false]);
    expect(outcome.received.changeCipherSpecs).toBe(1);
  });

  test.each<[string, Scene]>([
    ["a session that allows none", { session: { maxEarlyData: 0 } }],
    ["more than it allows", { session: { maxEarlyData: 4 } }],
    [
      "a suite that is not offered",
      {
        session: { ...session, suite: "TLS_CHACHA20_POLY1305_SHA256" },
        options: { cipherSuites: ["TLS_AES_128_GCM_SHA256"] },
      },
    ],
    ["a protocol that is not offered", { session: { ...session, alpn: "h2" } }],
    [
      "another protocol than the data is of",
      {
        session: { ...session, alpn: "h2" },
        options: {
          alpn: ["h2", "http/1.1"],
          earlyData: { data: encode("early"), alpn: "http/1.1" },
        },
        script: ({ secret }) => ({
          psk: { secret },
          encryptedExtensions: (list) => [...list, alpnAnswer("h2")],
        }),
      },
    ],
    [
      "none of several protocols, where the data is of one",
      {
        session,
        options: { alpn: ["h2", "http/1.1"], earlyData: { data: encode("early"), alpn: "h2" } },
      },
    ],
  ])("is not offered with %s", async (_, scene) => {
    const outcome = await play({ ...scene, options: { ...early(), ...scene.options } });
    expect(outcome.info).toMatchObject({ handshake: "resumed", earlyData: "not-offered" });
    expect(hellosOf(outcome)[0]?.extensions.has(extensionType.early_data)).toBe(false);
    expect(outcome.received.data).toEqual([]);
  });

  test("is told of by the trace and the key log, but not what it is", async () => {
    const steps: ProtocolStep[] = [];
    const lines: string[] = [];
    const store = new MemorySessionStore();
    const config = await identities.config(early(), {
      sessions: store,
      trace: (step) => void steps.push(step),
      keyLog: (line) => void lines.push(line),
    });
    const made = madeUpSession13(identity, session);
    await remember(config, made);
    const psk = { secret: made.secret, takesEarlyData: true };
    await connectToPeer(config, { identity, psk }).outcome();
    const sent = steps.flatMap((step) => (step.kind === "message-sent" ? [step.name] : []));
    expect(sent).toEqual(["client_hello", "change_cipher_spec", "end_of_early_data", "finished"]);
    expect(steps).toContainEqual(
      expect.objectContaining({ handshake: "resumed", earlyData: "accepted" }),
    );
    expect(lines.slice(0, 2).map((line) => line.split(" ")[0])).toEqual([
      "CLIENT_EARLY_TRAFFIC_SECRET",
      "EARLY_EXPORTER_SECRET",
    ]);
  });

  test.each<[string, string[], string | undefined, string | undefined, boolean]>([
    ["the protocol that it is of", ["h2", "http/1.1"], "h2", "h2", true],
    ["another protocol", ["h2", "http/1.1"], "h2", "http/1.1", false],
    ["none of several", ["h2", "http/1.1"], "h2", undefined, false],
    ["the only one", ["h2"], undefined, "h2", true],
    ["none, where one was offered", ["h2"], undefined, undefined, true],
  ])("behind the handshake, goes to a server that chooses %s: %o %s %s %s", async (...row) => {
    const [, alpn, own, chosen, isSent] = row;
    const options: TlsOptions = {
      alpn,
      earlyData: { data: encode("again"), otherwise: "send", ...(own && { alpn: own }) },
    };
    const script: Scene["script"] = () => ({
      skipsEarlyRecords: 1,
      encryptedExtensions: (list) => (chosen ? [...list, alpnAnswer(chosen)] : list),
    });
    // As far as the session goes, the data was right.
    const outcome = await play({ session: { ...session, alpn: "h2" }, options, script });
    expect(outcome.info).toMatchObject({ handshake: "full", earlyData: "rejected" });
    // What went early, the server could not read.
    const [, ...behind] = outcome.received.data.map((data) => new TextDecoder().decode(data));
    expect(behind).toEqual(isSent ? ["again"] : []);
  });

  test("goes with a session of no protocol where one at most is offered", async () => {
    for (const alpn of [[], ["h2"]]) {
      const outcome = await play({
        session,
        options: { ...early(), alpn },
        script: ({ secret }) => ({ psk: { secret, takesEarlyData: true } }),
      });
      expect(outcome.info).toMatchObject({ handshake: "resumed", earlyData: "accepted" });
    }
  });

  test.each<[string, Omit<Script, "identity">]>([
    ["is cut off", { on: { server_hello: { after: (wire) => wire.hangUp() } } }],
    ["speaks TLS 1.2", { version: "TLSv1.2", skipsEarlyRecords: 1 }],
    [
      "is cut off once it has rejected them",
      {
        skipsEarlyRecords: 1,
        retry: cookie,
        on: { hello_retry_request: { after: (wire) => wire.hangUp() } },
      },
    ],
  ])("was sent, so nobody tries again by himself where the server %s", async (_, script) => {
    const { error } = await play({ session, options: early(), script: () => script });
    expect(error).toMatchObject({ phase: "handshake", retrySafe: false });
    const without = await play({ script: () => ({ ...script, skipsEarlyRecords: 0 }) });
    expect(without.error?.retrySafe ?? true).toBe(true);
  });

  test("has an exporter of its own, as soon as it was sent (RFC 8446 §7.5)", async () => {
    const store = new MemorySessionStore();
    const config = await identities.config(early(), { sessions: store });
    const made = madeUpSession13(identity, session);
    await remember(config, made);
    const psk = { secret: made.secret, takesEarlyData: true };
    const connection = connectToPeer(config, { identity, psk });
    await connection.outcome();
    const exported = await connection.client.exportEarlyKeyingMaterial(
      "EXPERIMENTAL",
      undefined,
      16,
    );
    expect(exported).toHaveLength(16);
    expect(exported).not.toEqual(
      await connection.client.exportKeyingMaterial("EXPERIMENTAL", undefined, 16),
    );
  });
});

/** A fault of the server, with what comes of it. */
interface Row extends Scene, Verdict {
  readonly fault: number;
  readonly source: string;
  readonly what: string;
}

const accepting = [extension("early_data")];

const faults: readonly Row[] = [
  {
    ...{ fault: 28, source: "RFC 8446 §4.2.11", what: "a PSK that was not offered" },
    script: ({ secret }) => ({ psk: { secret, index: 1 } }),
    ...verdict.illegal,
  },
  {
    ...{ fault: 28, source: "RFC 8446 §4.2.11", what: "a PSK with a suite of another hash" },
    script: () => ({
      suite: "TLS_AES_256_GCM_SHA384",
      psk: { secret: new Uint8Array(48) },
    }),
    ...verdict.illegal,
  },
  {
    ...{ fault: 28, source: "RFC 8446 §4.2.9", what: "a PSK without a key share" },
    script: ({ secret }) => ({
      psk: { secret },
      serverHello: (fields) => ({
        ...fields,
        extensions: withoutExtension(fields.extensions, "key_share"),
      }),
    }),
    ...verdict.missing,
  },
  {
    ...{ fault: 28, source: "RFC 8446 §4.2.11", what: "an answer that has more than an index" },
    script: ({ secret }) => ({
      psk: { secret },
      serverHello: (fields) => ({
        ...fields,
        extensions: withExtension(
          fields.extensions,
          extension("pre_shared_key", (w) => w.u16(0).u8(0)),
        ),
      }),
    }),
    ...verdict.undecodable,
  },
  {
    ...{ fault: 28, source: "RFC 8446 §4.2", what: "a PSK in a HelloRetryRequest" },
    script: ({ secret }) => ({
      psk: { secret },
      retry: cookie,
      helloRetryRequest: (fields) => ({
        ...fields,
        extensions: [...fields.extensions, pskAnswer(0)],
      }),
    }),
    ...verdict.illegal,
  },
  {
    ...{ fault: 28, source: "RFC 8446 §2.2", what: "a certificate beside a PSK" },
    script: ({ secret }) => ({ psk: { secret, isCertified: true } }),
    ...verdict.unexpected,
  },
  {
    ...{ fault: 28, source: "RFC 8446 §4.3.2", what: "a CertificateRequest beside a PSK" },
    script: ({ secret }) => ({ psk: { secret, isCertified: true }, requestCertificate: true }),
    ...verdict.unexpected,
  },
  {
    ...{ fault: 28, source: "RFC 8446 §4.4.4", what: "a Finished that does not match" },
    script: ({ secret }) => ({
      psk: { secret },
      verifyData: (data) => data.map((byte) => byte ^ 1),
    }),
    ...verdict.badFinished,
  },
  {
    ...{ fault: 28, source: "RFC 8446 §4.2.11", what: "a PSK where none was offered" },
    options: { minVersion: "TLSv1.3", cipherSuites: ["TLS_AES_256_GCM_SHA384"] },
    script: () => ({
      suite: "TLS_AES_256_GCM_SHA384",
      psk: { secret: new Uint8Array(48) },
    }),
    ...verdict.unsupported,
  },
  {
    ...{ fault: 29, source: "RFC 8446 §4.2.10", what: "early data taken that nobody offered" },
    script: ({ secret }) => ({ psk: { secret }, encryptedExtensions: () => accepting }),
    ...verdict.unsupported,
  },
  {
    ...{ fault: 29, source: "RFC 8446 §4.2.10", what: "early data taken without its PSK" },
    session: { maxEarlyData: 100 },
    options: early(),
    script: () => ({ skipsEarlyRecords: 1, encryptedExtensions: () => accepting }),
    ...verdict.unsupported,
  },
  {
    ...{ fault: 29, source: "RFC 8446 §4.2.10", what: "early data taken with another PSK" },
    session: { maxEarlyData: 100 },
    options: { ...early(), psk: [{ identity: encode("who"), key: new Uint8Array(32) }] },
    script: () => ({
      psk: { secret: new Uint8Array(32), index: 1 },
      skipsEarlyRecords: 1,
      encryptedExtensions: () => accepting,
    }),
    ...verdict.unsupported,
  },
  {
    ...{ fault: 29, source: "RFC 8446 §4.2.10", what: "early data taken after another hello" },
    session: { maxEarlyData: 100 },
    options: early(),
    script: ({ secret }) => ({
      psk: { secret },
      skipsEarlyRecords: 1,
      retry: cookie,
      encryptedExtensions: () => accepting,
    }),
    ...verdict.unsupported,
  },
  {
    ...{ fault: 29, source: "RFC 8446 §4.2.10", what: "early data taken with another suite" },
    session: { maxEarlyData: 100 },
    options: early(),
    script: ({ secret }) => ({
      suite: "TLS_CHACHA20_POLY1305_SHA256",
      psk: { secret, takesEarlyData: true },
      on: deaf,
    }),
    ...verdict.illegal,
  },
  {
    ...{ fault: 29, source: "RFC 8446 §4.2.10", what: "early data taken for another protocol" },
    session: { maxEarlyData: 100, alpn: "h2" },
    options: {
      alpn: ["h2", "http/1.1"],
      earlyData: { data: encode("early"), alpn: "h2" },
    },
    script: ({ secret }) => ({
      psk: { secret, takesEarlyData: true },
      encryptedExtensions: (honest) => [...honest, alpnAnswer("http/1.1")],
    }),
    ...verdict.illegal,
  },
  {
    ...{ fault: 29, source: "RFC 8446 §4.2.10", what: "an answer that is not empty" },
    session: { maxEarlyData: 100 },
    options: early(),
    script: ({ secret }) => ({
      psk: { secret, takesEarlyData: true },
      encryptedExtensions: () => [extension("early_data", (w) => w.u8(0))],
    }),
    ...verdict.undecodable,
  },
  {
    ...{ fault: 29, source: "RFC 8446 appendix D.3", what: "TLS 1.2 after early data" },
    session: { maxEarlyData: 100 },
    options: early(),
    script: () => ({ version: "TLSv1.2" }),
    code: "handshake/early-data-downgrade",
    alert: "protocol_version",
  },
];

describe("faults with a PSK", () => {
  const rows = faults.map((row) => [`${row.fault}, ${row.source}: ${row.what}`, row] as const);
  test.each(rows)("fault %s", { timeout: 10_000 }, async (_, row) => {
    const { error, info, delivered } = await play(row);
    expect(error).toMatchObject({ code: row.code, alertSent: row.alert });
    expect(alertForCode[row.code]).toBe(row.alert);
    expect(info).toBeUndefined();
    expect(delivered).toHaveLength(0);
  });
});
