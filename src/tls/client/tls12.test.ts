import { describe, expect, test } from "vitest";
import { connectToPeer } from "../../../test/peer/connect.ts";
import { type Fault, fault, testFaults, verdict } from "../../../test/peer/faults.ts";
import { createIdentities } from "../../../test/peer/identities.ts";
import {
  alpnAnswer,
  extension,
  type ServerParams,
  type SignatureFields,
} from "../../../test/peer/messages.ts";
import type { Message, MessageHooks, Script } from "../../../test/peer/script.ts";
import { scheme } from "../../../test/peer/signing.ts";
import { sendChangeCipherSpec } from "../../../test/peer/wire.ts";
import { concat } from "../../crypto/bytes.ts";
import { offCurvePoint } from "../../crypto/webcrypto/point-check.ts";
import { contentType, handshakeType } from "../messages/registry.ts";
import { namedGroup } from "../named-group.ts";
import { cipherSuiteNames, groupNames, versionOfSuite } from "../options.ts";

const version = "TLSv1.2";
const identities = await createIdentities();
const identity = await identities.of();
const { badFinished, badMac, badSignature, illegal, undecodable, unexpected } = verdict;

/** Before the client has keys, and after. */
const refused = (rows: readonly Fault[]) =>
  testFaults({ identities, version, isProtected: false }, rows);
const refusedUnderKeys = (rows: readonly Fault[]) =>
  testFaults({ identities, version, isProtected: true }, rows);
type Name = keyof NonNullable<Script["on"]>;
const on = (name: Name, hooks: MessageHooks) => ({ on: { [name]: hooks } });
const flip = (bytes: Uint8Array<ArrayBuffer>) =>
  bytes.map((byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte));
const longer = ({ type, body }: Message) => [{ type, body: concat(body, Uint8Array.of(0)) }];
const shorter = ({ type, body }: Message) => [{ type, body: body.subarray(0, -1) }];

describe("a handshake of TLS 1.2 succeeds", () => {
  const suites = cipherSuiteNames.filter((name) => versionOfSuite(name) === version);
  test.each(suites)("with %s", async (suite) => {
    const connection = connectToPeer(await identities.config(), {
      version,
      identity: await identities.of(suite.includes("ECDSA") ? "ecdsa-p256" : "rsa-2048"),
      suite,
      after: async (peer) => {
        await peer.data("to the client");
        await peer.closeNotify();
      },
    });
    const info = await connection.handshake;
    await connection.client.write([new TextEncoder().encode("to the server")]);
    const { error, delivered, received } = await connection.outcome();
    expect(error).toBeUndefined();
    expect(info).toMatchObject({ version, cipherSuite: suite, extendedMasterSecret: true });
    expect(new TextDecoder().decode(delivered)).toBe("to the client");
    expect(new TextDecoder().decode(concat(...received.data))).toBe("to the server");
  });

  test.each(groupNames.filter((name) => !name.includes("MLKEM")))(
    "in the group %s",
    async (group) => {
      const config = await identities.config({ groups: ["X25519MLKEM768", group] });
      // Not on a curve, which would have to be among the groups.
      const identity = await identities.of("ed25519");
      const { error, info } = await connectToPeer(config, { version, identity, group }).outcome();
      expect(error).toBeUndefined();
      expect(info?.group).toBe(group);
    },
  );

  const keys = [
    ["ecdsa-p384", scheme.ecdsa_secp384r1_sha384],
    // In TLS 1.2 a scheme says the hash only (RFC 8446 §4.2.3).
    ["ecdsa-p256", scheme.ecdsa_secp384r1_sha384],
    ["ecdsa-p521", scheme.ecdsa_secp256r1_sha256],
    ["ed25519", scheme.ed25519],
    ["rsa-2048", scheme.rsa_pkcs1_sha256],
    ["rsa-2048", scheme.rsa_pss_rsae_sha256],
    ["rsa-pss-2048", scheme.rsa_pss_pss_sha256],
  ] as const;
  test.each(keys)("with a key of type %s and the scheme %i", async (keyType, signatureScheme) => {
    const script = { version, identity: await identities.of(keyType), signatureScheme } as const;
    const { error } = await connectToPeer(
      await identities.config({ groups: groupNames }),
      script,
    ).outcome();
    expect(error).toBeUndefined();
  });

  test("without the extended master secret, where it is not required", async () => {
    const { error, info } = await connectToPeer(await identities.config(), {
      version,
      identity,
      extendedMasterSecret: false,
    }).outcome();
    expect(error).toBeUndefined();
    expect(info?.extendedMasterSecret).toBe(false);
  });

  test("with no extensions at all", async () => {
    const { error } = await connectToPeer(await identities.config(), {
      version,
      identity,
      extendedMasterSecret: false,
      serverHello: (hello) => ({ ...hello, extensions: [] }),
      on: { server_hello: { instead: ({ type, body }) => [{ type, body: body.subarray(0, -2) }] } },
    }).outcome();
    expect(error).toBeUndefined();
  });

  test("with a session id of the server's own", async () => {
    const { error } = await connectToPeer(await identities.config(), {
      version,
      identity,
      serverHello: (hello) => ({ ...hello, sessionId: new Uint8Array(32).fill(7) }),
    }).outcome();
    expect(error).toBeUndefined();
  });

  test("marked as older than TLS 1.3, with a client that offers TLS 1.2 only", async () => {
    const mark = concat(new TextEncoder().encode("DOWNGRD"), Uint8Array.of(1));
    const { error } = await connectToPeer(await identities.config({ maxVersion: version }), {
      version,
      identity,
      serverHello: (hello) => ({ ...hello, random: concat(hello.random.subarray(0, 24), mark) }),
    }).outcome();
    expect(error).toBeUndefined();
  });

  test("with every answer, and a certificate request answered by an empty Certificate", async () => {
    const { error, info, received } = await connectToPeer(
      await identities.config({ alpn: ["h2"] }),
      {
        version,
        identity,
        requestCertificate: true,
        serverHello: (hello) => ({
          ...hello,
          extensions: [
            ...hello.extensions,
            alpnAnswer("h2"),
            extension("server_name"),
            // BIG-IP sends it, though no server should.
            extension("supported_groups", (w) => w.vector(2, () => w.u16(0x1a1a))),
            extension("ec_point_formats", (w) => w.vector(1, () => w.u8(0))),
          ],
        }),
      },
    ).outcome();
    expect(error).toBeUndefined();
    expect(info?.alpn).toBe("h2");
    const certificate = received.messages.find(({ type }) => type === handshakeType.certificate);
    // A list without entries (RFC 5246 §7.4.6).
    expect(certificate?.body).toEqual(new Uint8Array(3));
  });

  test("with all messages of a flight in one record", async () => {
    const { error } = await connectToPeer(await identities.config(), {
      version,
      identity,
      isPacked: true,
    }).outcome();
    expect(error).toBeUndefined();
  });

  test("with every message cut into records of one byte, and empty ones between", async () => {
    const frame = (encoded: Uint8Array<ArrayBuffer>) =>
      Array.from(encoded, (byte, index) =>
        index % 2 === 0 ? [Uint8Array.of(byte), new Uint8Array(0)] : [Uint8Array.of(byte)],
      ).flat();
    const hooks = { frame };
    const { error } = await connectToPeer(await identities.config(), {
      version,
      identity,
      on: {
        server_hello: hooks,
        certificate: hooks,
        server_key_exchange: hooks,
        server_hello_done: hooks,
        finished: hooks,
      },
    }).outcome();
    expect(error).toBeUndefined();
  });
});

describe("a Certificate is refused", () => {
  const entries = (...list: Uint8Array[]): Pick<Script, "certificate"> => ({
    certificate: (fields) => ({
      ...fields,
      entries: list.map((certificate) => ({ certificate, extensions: [] })),
    }),
  });
  const rfc = "RFC 5246 §7.4.2";
  refused([
    fault(18, rfc, "with an empty entry", entries(new Uint8Array(0)), undecodable),
    fault(18, rfc, "a byte too long", on("certificate", { instead: longer }), undecodable),
    fault(18, rfc, "a byte too short", on("certificate", { instead: shorter }), undecodable),
    fault(21, rfc, "with more than 64 KiB", entries(new Uint8Array(2 ** 16)), {
      code: "handshake/message-too-long",
      alert: "illegal_parameter",
    }),
    fault(31, rfc, "without a certificate", entries(), {
      code: "certificate/missing",
      alert: "decode_error",
    }),
    fault(31, rfc, "with something else", entries(new Uint8Array(40).fill(0x30)), {
      code: "certificate/malformed",
      alert: "bad_certificate",
    }),
  ]);
});

describe("a ServerKeyExchange is refused", () => {
  const params = (changed: Partial<ServerParams>): Pick<Script, "serverParams"> => ({
    serverParams: (honest) => ({ ...honest, ...changed }),
  });
  const signature = (changed: Partial<SignatureFields>): Pick<Script, "signature"> => ({
    signature: (honest) => ({ ...honest, ...changed }),
  });
  const changed: Pick<Script, "signature"> = {
    signature: (honest) => ({ ...honest, signature: flip(honest.signature) }),
  };
  const otherKey: Pick<Script, "on"> = on("server_key_exchange", {
    instead: ({ type, body }) => [
      { type, body: body.map((byte, index) => (index === 4 ? byte ^ 1 : byte)) },
    ],
  });
  const p256 = { group: namedGroup("secp256r1").number };
  const bytes = (length: number) => new Uint8Array(length).fill(9);
  const rsa = { keyType: "rsa-2048" } as const;
  const byScheme = (signatureScheme: number) => ({ signatureScheme });
  const ske = "RFC 8422 §5.4";
  const point = "RFC 8422 §5.11";
  refused([
    fault(6, "RFC 5246 §7.4.3", "with a wrong signature", changed, badSignature),
    fault(6, "RFC 5246 §7.4.3", "with a wrong signature of RSA", changed, badSignature, rsa),
    fault(6, "RFC 5246 §7.4.3", "with another key than signed", otherKey, badSignature),
    fault(
      6,
      "RFC 5246 §7.4.3",
      "with an empty signature",
      signature({ signature: new Uint8Array(0) }),
      badSignature,
    ),
    fault(7, "RFC 5246 §7.4.3", "by SHA-1", byScheme(scheme.ecdsa_sha1), illegal),
    fault(7, "RFC 5246 §7.4.3", "by SHA-1", byScheme(scheme.rsa_pkcs1_sha1), illegal, rsa),
    fault(7, "RFC 5246 §7.4.3", "by an unknown scheme", signature({ scheme: 0x1a1a }), illegal),
    fault(
      7,
      "RFC 5246 §7.4.3",
      "by a scheme of another kind of key",
      signature({ scheme: scheme.ed25519 }),
      illegal,
    ),
    fault(11, ske, "in a group that nobody knows", params({ group: 0x1a1a }), illegal),
    fault(11, ske, "in a group not offered", params({ group: 0x0019 }), illegal),
    fault(
      11,
      "RFC 8446 §4.2.7",
      "in a hybrid group",
      params({ group: namedGroup("X25519MLKEM768").number }),
      illegal,
      { options: { groups: ["X25519MLKEM768", "x25519"] } },
    ),
    fault(11, ske, "with an explicit curve", params({ curveType: 1 }), illegal),
    fault(12, point, "with zero in X25519", params({ publicKey: new Uint8Array(32) }), illegal),
    fault(12, point, "with 31 bytes for X25519", params({ publicKey: bytes(31) }), illegal),
    fault(
      12,
      point,
      "with a point off its curve",
      params({ ...p256, publicKey: offCurvePoint("P-256") }),
      illegal,
    ),
    fault(
      12,
      point,
      "with a compressed point",
      params({ ...p256, publicKey: bytes(33).fill(2, 0, 1) }),
      illegal,
    ),
    fault(18, ske, "with no key", params({ publicKey: bytes(0) }), undecodable),
    fault(18, ske, "a byte too long", on("server_key_exchange", { instead: longer }), undecodable),
    fault(
      18,
      ske,
      "a byte too short",
      on("server_key_exchange", { instead: shorter }),
      undecodable,
    ),
  ]);
});

describe("messages out of order are refused", () => {
  const rfc = "RFC 5246 §7.3";
  const drop = (name: Name) => on(name, { instead: () => [] });
  const twice = (name: Name) => on(name, { instead: (message) => [message, message] });
  const inFront = (name: Name, type: number) =>
    on(name, { before: (wire) => wire.handshake({ type, body: new Uint8Array(0) }) });
  const dataFirst = on("server_hello_done", {
    before: (wire) => wire.record(contentType.applicationData, Uint8Array.of(1)),
  });
  const asked = { requestCertificate: true };
  const { certificate_status, hello_request, new_session_ticket } = handshakeType;
  refused([
    fault(19, rfc, "Certificate left out", drop("certificate"), unexpected),
    fault(19, rfc, "ServerKeyExchange left out", drop("server_key_exchange"), unexpected),
    fault(19, rfc, "Certificate twice", twice("certificate"), unexpected),
    fault(19, rfc, "ServerKeyExchange twice", twice("server_key_exchange"), unexpected),
    fault(
      19,
      rfc,
      "CertificateRequest twice",
      { ...asked, ...twice("certificate_request") },
      unexpected,
    ),
    fault(19, rfc, "HelloRequest", inFront("certificate", hello_request), unexpected),
    fault(
      19,
      "RFC 6066 §8",
      "CertificateStatus unasked",
      inFront("server_key_exchange", certificate_status),
      unexpected,
    ),
    fault(19, rfc, "data in the clear", dataFirst, unexpected),
    fault(
      18,
      rfc,
      "a byte in ServerHelloDone",
      on("server_hello_done", { instead: longer }),
      undecodable,
    ),
    fault(
      18,
      "RFC 5246 §7.4.4",
      "a byte too many in CertificateRequest",
      { ...asked, ...on("certificate_request", { instead: longer }) },
      undecodable,
    ),
    fault(
      25,
      "RFC 5246 §7.1",
      "change_cipher_spec in front of ServerHelloDone",
      on("server_hello_done", { before: sendChangeCipherSpec }),
      unexpected,
    ),
    fault(
      25,
      "RFC 5246 §7.1",
      "change_cipher_spec in front of ServerHello",
      on("server_hello", { before: sendChangeCipherSpec }),
      unexpected,
    ),
    fault(
      24,
      "RFC 5246 §7.4.5",
      "a part of a message behind ServerHelloDone",
      on("server_hello_done", { frame: (encoded) => [concat(encoded, Uint8Array.of(20))] }),
      unexpected,
    ),
  ]);
  refusedUnderKeys([
    fault(
      19,
      rfc,
      "ServerHelloDone twice",
      on("server_hello_done", { frame: (encoded) => [encoded, encoded] }),
      unexpected,
    ),
    fault(
      19,
      "RFC 5077 §3.3",
      "a ticket unasked",
      {
        changeCipherSpec: (wire) =>
          wire.handshake({ type: new_session_ticket, body: new Uint8Array(6) }),
      },
      unexpected,
    ),
  ]);
});

describe("the server's change of keys is refused", () => {
  const rfc = "RFC 5246 §7.1";
  const instead = (changeCipherSpec: NonNullable<Script["changeCipherSpec"]>) => ({
    changeCipherSpec,
  });
  const { changeCipherSpec, applicationData } = contentType;
  const twice = instead(async (wire) => {
    await sendChangeCipherSpec(wire);
    await sendChangeCipherSpec(wire);
  });
  const parted = instead(async (wire) => {
    await wire.record(contentType.handshake, Uint8Array.of(handshakeType.finished, 0));
    await sendChangeCipherSpec(wire);
  });
  const dataFirst = on("finished", {
    before: (wire) => wire.record(applicationData, Uint8Array.of(1)),
  });
  refusedUnderKeys([
    fault(
      25,
      rfc,
      "left out",
      instead(() => {}),
      unexpected,
    ),
    fault(
      25,
      rfc,
      "with another value",
      instead((wire) => wire.record(changeCipherSpec, Uint8Array.of(2))),
      unexpected,
    ),
    fault(
      25,
      rfc,
      "with two bytes",
      instead((wire) => wire.record(changeCipherSpec, Uint8Array.of(1, 1))),
      unexpected,
    ),
    fault(
      25,
      rfc,
      "with nothing in it",
      instead((wire) => wire.record(changeCipherSpec, new Uint8Array(0))),
      unexpected,
    ),
    fault(25, rfc, "made twice", twice, badMac),
    fault(24, rfc, "in the middle of a message", parted, unexpected),
    fault(19, rfc, "with data before Finished", dataFirst, unexpected),
    fault(4, "RFC 5246 §7.4.9", "with a wrong Finished", { verifyData: flip }, badFinished),
    fault(
      4,
      "RFC 5246 §7.4.9",
      "with a Finished too long",
      on("finished", { instead: longer }),
      badFinished,
    ),
    fault(
      4,
      "RFC 5246 §7.4.9",
      "with a Finished too short",
      on("finished", { instead: shorter }),
      badFinished,
    ),
    fault(
      24,
      "RFC 5246 §7.4.9",
      "with more behind Finished",
      on("finished", { frame: (encoded) => [concat(encoded, Uint8Array.of(0, 0))] }),
      unexpected,
    ),
  ]);
});
