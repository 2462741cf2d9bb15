/**
 * The key schedules against RFC 8448 §3 and §4 and NIST's ACVP samples, byte for byte.
 */

import { describe, expect, test } from "vitest";
import { concat } from "../../src/crypto/bytes.ts";
import { platformCrypto } from "../../src/crypto/platform.ts";
import { type HashName, hashLength } from "../../src/crypto/provider.ts";
import { type CipherSuite13, cipherSuites } from "../../src/tls/cipher-suite.ts";
import { bindPsks, sessionPsk } from "../../src/tls/client/pre-shared-key.ts";
import { Hkdf } from "../../src/tls/keys/hkdf.ts";
import { KeyLog } from "../../src/tls/keys/key-log.ts";
import { prf } from "../../src/tls/keys/prf.ts";
import { EarlyStage } from "../../src/tls/keys/schedule.ts";
import { Transcript } from "../../src/tls/keys/transcript.ts";
import {
  type ClientHello as ClientHelloParts,
  encodeClientHello,
} from "../../src/tls/messages/client-hello.ts";
import { extensionType } from "../../src/tls/messages/extension.ts";
import { decodeNewSessionTicket13 } from "../../src/tls/messages/new-session-ticket.ts";
import { Opener13, Sealer13 } from "../../src/tls/record/protection13.ts";
import type { Tls13Session } from "../../src/tls/session/session.ts";
import { decodeClientHello } from "../peer/client-hello.ts";
import * as trace from "./resumed-trace.ts";
import { fromHex, readVectors, skipWithoutVectors } from "./vectors.ts";

const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

function suiteWith(hash: HashName): CipherSuite13 {
  const suite = cipherSuites.find((s) => s.version === "TLSv1.3" && s.hash === hash);
  if (suite?.version !== "TLSv1.3") throw new Error(`no suite with ${hash}`);
  return suite;
}

/** The secrets by their key log labels. */
function recordingLog(): { log: KeyLog; secrets: Map<string, string> } {
  const secrets = new Map<string, string>();
  const log = new KeyLog((line) => {
    const [label = "", , secret = ""] = line.split(" ");
    secrets.set(label, secret);
  }, new Uint8Array(32));
  return { log, secrets };
}

interface Rfc8448 extends Record<string, unknown> {
  ClientHello: string;
  ServerHello: string;
  EncryptedExtensions: string;
  Certificate: string;
  CertificateVerify: string;
  ServerFinished: string;
  ClientFinished: string;
  NewSessionTicket: string;
  client_x25519_private: string;
  expect: Record<string, string>;
}

describe("RFC 8448 §3", () => {
  const path = "rfc8448/rfc8448-s3-1rtt.json";
  const vectors = readVectors<Rfc8448>(path);
  if (vectors === undefined) return skipWithoutVectors(path);
  const { expect: expected } = vectors;
  const hello = concat(fromHex(vectors.ClientHello), fromHex(vectors.ServerHello));
  const unfinished = [
    vectors.EncryptedExtensions,
    vectors.Certificate,
    vectors.CertificateVerify,
  ].map(fromHex);
  const flight = concat(...unfinished, fromHex(vectors.ServerFinished));
  const suite = suiteWith("SHA-256");
  const digest = (data: Uint8Array) => platformCrypto.digest("SHA-256", data);
  const begin = async (log: KeyLog) => {
    const early = await EarlyStage.begin(platformCrypto, suite.hash);
    return early.handshake(
      { suite, keyLog: log },
      fromHex(expected.shared_secret ?? ""),
      await digest(hello),
    );
  };

  test("traffic secrets of every stage", async () => {
    const { log, secrets } = recordingLog();
    const stage = await begin(log);
    await stage.application(await digest(concat(hello, flight)));
    expect(Object.fromEntries(secrets)).toEqual({
      CLIENT_HANDSHAKE_TRAFFIC_SECRET: expected.client_handshake_traffic_secret,
      SERVER_HANDSHAKE_TRAFFIC_SECRET: expected.server_handshake_traffic_secret,
      CLIENT_TRAFFIC_SECRET_0: expected.client_application_traffic_secret_0,
      SERVER_TRAFFIC_SECRET_0: expected.server_application_traffic_secret_0,
      EXPORTER_SECRET: expected.exporter_master_secret,
    });
  });

  test("initialization vectors", async () => {
    const stage = await begin(recordingLog().log);
    const application = await stage.application(await digest(concat(hello, flight)));
    const ivs = [stage.server, stage.client, application.server].map(
      async (s) => (await s.key()).iv,
    );
    const names = ["server_hs_iv", "client_hs_iv", "server_ap_iv"];
    expect((await Promise.all(ivs)).map(toHex)).toEqual(names.map((name) => expected[name]));
  });

  test("both Finished", async () => {
    const stage = await begin(recordingLog().log);
    const before = await digest(concat(hello, ...unfinished));
    const body = (message: string) => fromHex(message).subarray(4);
    expect(await stage.server.verifyFinished(body(vectors.ServerFinished), before)).toBe(true);
    const after = await digest(concat(hello, flight));
    expect(await stage.client.finished(after)).toEqual(body(vectors.ClientFinished));
  });

  test("the server's protected flight, as a record sealed and opened", async () => {
    const stage = await begin(recordingLog().log);
    const record = concat(...(await new Sealer13(await stage.server.key()).seal(22, flight)));
    // The record's first and last bytes as the RFC prints them; the tag at the end covers the rest.
    expect(toHex(record)).toMatch(
      /^17030302a2d1ff334a56f5bff6594a07cc87b580233f500f45e489e7f33af35e/,
    );
    expect(toHex(record)).toMatch(/2c1719bfdabf0253fe5175be898e750edc53370d2b$/);
    const opener = new Opener13(await stage.server.key());
    const raw = { type: 23, header: record.subarray(0, 5), fragment: record.subarray(5) };
    expect(await opener.open(raw, 0)).toEqual({ type: 22, fragment: flight, isProtected: true });
  });
});

describe("RFC 8448 §4, resumed with early data", () => {
  const suite = suiteWith("SHA-256");
  const { ClientHello, ServerHello, EncryptedExtensions, ServerFinished } = trace.messages;
  const { EndOfEarlyData, ClientFinished } = trace.messages;
  const psk = fromHex(trace.resumptionPsk);
  const digest = (...parts: string[]) => platformCrypto.digest("SHA-256", fromHex(parts.join("")));
  const body = (message: string) => fromHex(message).subarray(4);

  const path = "rfc8448/rfc8448-s3-1rtt.json";
  const before = readVectors<Rfc8448>(path);
  if (before === undefined) skipWithoutVectors(path);
  else {
    test("the PSK of the ticket that §3 ended with", async () => {
      const early = await EarlyStage.begin(platformCrypto, "SHA-256");
      const hello = [before.ClientHello, before.ServerHello];
      const certified = [before.EncryptedExtensions, before.Certificate, before.CertificateVerify];
      const flight = [...hello, ...certified, before.ServerFinished];
      const negotiated = { suite, keyLog: recordingLog().log };
      const secret = fromHex(before.expect.shared_secret ?? "");
      const stage = await early.handshake(negotiated, secret, await digest(...hello));
      const application = await stage.application(await digest(...flight));
      const all = await digest(...flight, before.ClientFinished);
      const { nonce } = decodeNewSessionTicket13(body(before.NewSessionTicket));
      expect(await (await application.resumption(all)).psk(nonce)).toEqual(psk);
    });
  }

  test("the ClientHello with its binder, byte for byte", async () => {
    const { random, extensions, cipherSuites } = decodeClientHello(body(ClientHello));
    const offered = extensions.get(extensionType.pre_shared_key) ?? new Uint8Array(0);
    const ticket = offered.slice(4, 4 + 0xb2);
    const others = [...extensions].filter(([type]) => type !== extensionType.pre_shared_key);
    const hello: ClientHelloParts = {
      random,
      sessionId: new Uint8Array(0),
      cipherSuites,
      offersTls12: false,
      extensions: others.map(([type, bytes]) => ({ type, body: bytes })),
    };
    const peer = {
      certificateType: "X509",
      trustedBy: "root",
      certificates: [],
      verifiedPath: [],
      signatureScheme: undefined,
      pskIdentity: undefined,
      clientCertificate: "not-requested",
      trustedUntil: 0,
    } as const;
    const times = { ageAdd: 0xfad6aac5, receivedAt: 1_000, expires: 0 };
    const early = { maxEarlyData: 1024, alpn: undefined };
    const session: Tls13Session = {
      ...{ version: "TLSv1.3", suite, secret: psk, ticket, peer },
      ...times,
      ...early,
    };
    const offer = await sessionPsk(platformCrypto, session, () => new Date(1_006));
    const bound = await bindPsks(platformCrypto, hello, [offer], new Transcript());
    expect(toHex(encodeClientHello(bound))).toBe(toHex(body(ClientHello)));
  });

  test("the secrets of every stage, and both Finished", async () => {
    const { log, secrets } = recordingLog();
    const negotiated = { suite, keyLog: log };
    const early = await EarlyStage.begin(platformCrypto, "SHA-256", psk);
    const { client } = await early.earlyData(negotiated, await digest(ClientHello));
    const hello = [ClientHello, ServerHello];
    const secret = fromHex(trace.sharedSecret);
    const stage = await early.handshake(negotiated, secret, await digest(...hello));
    const unfinished = [...hello, EncryptedExtensions];
    const verified = await stage.server.verifyFinished(
      body(ServerFinished),
      await digest(...unfinished),
    );
    expect(verified).toBe(true);
    expect(stage.server.beganWith).toBe(psk);
    const flight = [...unfinished, ServerFinished];
    const application = await stage.application(await digest(...flight));
    expect(Object.fromEntries(secrets)).toEqual(trace.secrets);
    const ended = [...flight, EndOfEarlyData];
    expect(await stage.client.finished(await digest(...ended))).toEqual(body(ClientFinished));
    const keys = { early: client, handshake: stage.client, application: application.client };
    for (const [name, iv] of Object.entries(trace.clientIvs)) {
      expect(toHex((await keys[name as keyof typeof keys].key()).iv)).toBe(iv);
    }
    const resumption = await application.resumption(await digest(...ended, ClientFinished));
    const hkdf = new Hkdf(platformCrypto, "SHA-256");
    const nonce = Uint8Array.of(0, 1);
    expect(await resumption.psk(nonce)).toEqual(
      await hkdf.expandLabel(fromHex(trace.resumptionSecret), "resumption", nonce, hkdf.length),
    );
  });
});

interface AcvpFile<Test> {
  testGroups: { tgId: number; tests: ({ tcId: number } & Test)[] }[];
}
type AcvpVectors<Group, Test> = [
  unknown,
  { testGroups: (AcvpFile<Test>["testGroups"][number] & Group)[] },
];

/** The expected results by test id. */
function acvpResults(path: string): Map<number, Record<string, string>> {
  const [, file] = readVectors<AcvpVectors<unknown, Record<string, string>>>(path) ?? [];
  const tests = file?.testGroups.flatMap((group) => group.tests) ?? [];
  return new Map(tests.map((result) => [result.tcId, result]));
}

const acvpHash = (name: string) => name.replace("SHA2-", "SHA-") as HashName;

describe("ACVP TLS 1.3 KDF", () => {
  const path = "acvp-tls/vectors-TLS13.json";
  type Test = Record<
    "helloClientRandom" | "helloServerRandom" | "finishedServerRandom" | "finishedClientRandom",
    string
  > &
    Partial<Record<"dhe" | "psk", string>>;
  const vectors = readVectors<AcvpVectors<{ hmacAlg: string; runningMode: string }, Test>>(path);
  if (vectors === undefined) return skipWithoutVectors(path);
  const results = acvpResults("acvp-tls/expected-TLS13.json");
  for (const { hmacAlg, runningMode, tests } of vectors[1].testGroups) {
    const hash = acvpHash(hmacAlg);
    test.each(tests)(`${runningMode}, ${hash}, test $tcId`, async (vector) => {
      const { log, secrets } = recordingLog();
      const negotiated = { suite: suiteWith(hash), keyLog: log };
      const digest = (...parts: string[]) =>
        platformCrypto.digest(hash, concat(...parts.map(fromHex)));
      const hello = [vector.helloClientRandom, vector.helloServerRandom] as const;
      const psk = vector.psk === undefined ? undefined : fromHex(vector.psk);
      // The mode without (EC)DHE, which webtls never offers, has zeros in its place.
      const dhe = vector.dhe ?? "00".repeat(hashLength[hash]);
      const early = await EarlyStage.begin(platformCrypto, hash, psk);
      await early.earlyData(negotiated, await digest(hello[0]));
      const stage = await early.handshake(negotiated, fromHex(dhe), await digest(...hello));
      const { finishedServerRandom, finishedClientRandom } = vector;
      const flight = [...hello, finishedServerRandom];
      const application = await stage.application(await digest(...flight));
      const resumption = await application.resumption(
        await digest(...flight, finishedClientRandom),
      );
      const expected = results.get(vector.tcId);
      expect(Object.fromEntries(secrets)).toEqual({
        CLIENT_EARLY_TRAFFIC_SECRET: expected?.clientEarlyTrafficSecret,
        EARLY_EXPORTER_SECRET: expected?.earlyExporterMasterSecret,
        CLIENT_HANDSHAKE_TRAFFIC_SECRET: expected?.clientHandshakeTrafficSecret,
        SERVER_HANDSHAKE_TRAFFIC_SECRET: expected?.serverHandshakeTrafficSecret,
        CLIENT_TRAFFIC_SECRET_0: expected?.clientApplicationTrafficSecret,
        SERVER_TRAFFIC_SECRET_0: expected?.serverApplicationTrafficSecret,
        EXPORTER_SECRET: expected?.exporterMasterSecret,
      });
      // The secret itself is nobody's: what comes of it shows that it is the right one.
      const hkdf = new Hkdf(platformCrypto, hash);
      const nonce = Uint8Array.of(7);
      const secret = fromHex(expected?.resumptionMasterSecret ?? "");
      expect(await resumption.psk(nonce)).toEqual(
        await hkdf.expandLabel(secret, "resumption", nonce, hkdf.length),
      );
    });
  }
});

describe("ACVP TLS 1.2 KDF with the extended master secret", () => {
  const path = "acvp-tls/vectors-TLS12.json";
  type Test = Record<"clientRandom" | "serverRandom" | "preMasterSecret" | "sessionHash", string>;
  const vectors = readVectors<AcvpVectors<{ hashAlg: string; keyBlockLength: number }, Test>>(path);
  if (vectors === undefined) return skipWithoutVectors(path);
  const results = acvpResults("acvp-tls/expected-TLS12.json");
  for (const { hashAlg, keyBlockLength, tests } of vectors[1].testGroups) {
    const hash = acvpHash(hashAlg);
    test.each(tests)(`${hash}, test $tcId`, async (vector) => {
      const premaster = await platformCrypto.importHmacKey(hash, fromHex(vector.preMasterSecret));
      const session = fromHex(vector.sessionHash);
      const master = await prf(premaster, "extended master secret", session, 48);
      const key = await platformCrypto.importHmacKey(hash, master);
      const randoms = concat(fromHex(vector.serverRandom), fromHex(vector.clientRandom));
      const block = await prf(key, "key expansion", randoms, keyBlockLength / 8);
      const expected = results.get(vector.tcId);
      expect(toHex(master)).toBe(expected?.masterSecret);
      expect(toHex(block)).toBe(expected?.keyBlock);
    });
  }
});
