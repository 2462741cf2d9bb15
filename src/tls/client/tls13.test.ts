import { describe, expect, test } from "vitest";
import { connectToPeer } from "../../../test/peer/connect.ts";
import { type Fault, fault, testFaults, verdict } from "../../../test/peer/faults.ts";
import { createIdentities } from "../../../test/peer/identities.ts";
import {
  alpnAnswer,
  type Extension,
  encodeCertificateRequest13,
  extension,
  withoutExtension,
} from "../../../test/peer/messages.ts";
import type { Message, MessageHooks, Script } from "../../../test/peer/script.ts";
import { scheme } from "../../../test/peer/signing.ts";
import { concat } from "../../crypto/bytes.ts";
import { contentType, handshakeType } from "../messages/registry.ts";
import { cipherSuiteNames, groupNames, versionOfSuite } from "../options.ts";

const identities = await createIdentities();
const identity = await identities.of();
const {
  badFinished,
  badSignature,
  illegal,
  missing,
  notOffered,
  undecodable,
  unexpected,
  unsupported,
} = verdict;

const refused = (rows: readonly Fault[]) =>
  testFaults({ identities, version: "TLSv1.3", isProtected: true }, rows);
const on = (name: keyof NonNullable<Script["on"]>, hooks: MessageHooks) => ({
  on: { [name]: hooks },
});
const flip = (bytes: Uint8Array<ArrayBuffer>) =>
  bytes.map((byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte));
const longer = ({ type, body }: Message) => [{ type, body: concat(body, Uint8Array.of(0)) }];
const shorter = ({ type, body }: Message) => [{ type, body: body.subarray(0, -1) }];

describe("a handshake of TLS 1.3 succeeds", () => {
  const suites = cipherSuiteNames.filter((name) => versionOfSuite(name) === "TLSv1.3");
  test.each(suites)("with %s", async (suite) => {
    const connection = connectToPeer(await identities.config(), {
      identity,
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
    expect(info).toMatchObject({ version: "TLSv1.3", cipherSuite: suite, handshake: "full" });
    expect(new TextDecoder().decode(delivered)).toBe("to the client");
    expect(new TextDecoder().decode(concat(...received.data))).toBe("to the server");
    expect(received.changeCipherSpecs).toBe(1);
  });

  test.each(groupNames)("in the group %s", async (group) => {
    const config = await identities.config({ groups: [group] });
    const { error, info } = await connectToPeer(config, { identity, group }).outcome();
    expect(error).toBeUndefined();
    expect(info?.group).toBe(group);
  });

  test.each([
    "ecdsa-p256",
    "ecdsa-p384",
    "ecdsa-p521",
    "ed25519",
    "rsa-2048",
    "rsa-pss-2048",
  ] as const)("with a key of type %s", async (keyType) => {
    const script = { identity: await identities.of(keyType) };
    const { error } = await connectToPeer(await identities.config(), script).outcome();
    expect(error).toBeUndefined();
  });

  test("with ALPN, and a certificate request answered by an empty Certificate", async () => {
    const config = await identities.config({ alpn: ["h2", "http/1.1"] });
    const { error, info, received } = await connectToPeer(config, {
      identity,
      requestCertificate: true,
      encryptedExtensions: () => [alpnAnswer("http/1.1"), extension("server_name")],
    }).outcome();
    expect(error).toBeUndefined();
    expect(info?.alpn).toBe("http/1.1");
    const [, certificate, finished] = received.messages;
    // No context and no entries (RFC 8446 §4.4.2.3).
    expect(certificate?.body).toEqual(new Uint8Array(4));
    expect([certificate?.type, finished?.type]).toEqual([
      handshakeType.certificate,
      handshakeType.finished,
    ]);
  });

  test("without change_cipher_spec of the server, its messages in one record", async () => {
    const { error } = await connectToPeer(await identities.config(), {
      identity,
      isPacked: true,
      changeCipherSpec: () => {},
    }).outcome();
    expect(error).toBeUndefined();
  });

  test("with every message cut into records of one byte", async () => {
    const frame = (encoded: Uint8Array<ArrayBuffer>) =>
      Array.from(encoded, (byte) => Uint8Array.of(byte));
    const { error } = await connectToPeer(await identities.config(), {
      identity,
      on: {
        server_hello: { frame },
        encrypted_extensions: { frame },
        certificate: { frame },
        certificate_verify: { frame },
        finished: { frame },
      },
    }).outcome();
    expect(error).toBeUndefined();
  });
});

describe("EncryptedExtensions are refused", () => {
  const answers = (...list: readonly Extension[]) => ({ encryptedExtensions: () => list });
  const alpn = { options: { alpn: ["h2"] } } as const;
  const elsewhere = [
    "key_share",
    "pre_shared_key",
    "supported_versions",
    "cookie",
    "signature_algorithms",
    "ec_point_formats",
    "extended_master_secret",
    "renegotiation_info",
    "status_request",
    "signed_certificate_timestamp",
    "certificate_authorities",
    "oid_filters",
    "signature_algorithms_cert",
  ] as const;
  const two = alpnAnswer("h2", "http/1.1");
  const name = extension("server_name");
  const named = extension("server_name", (w) => w.u8(0));
  const alpnRfc = "RFC 7301 §3.1";
  refused([
    ...elsewhere.map((type) =>
      fault(17, "RFC 8446 §4.2", `with ${type} misplaced`, answers(extension(type)), unsupported),
    ),
    fault(15, "RFC 8446 §4.2", "with early_data", answers(extension("early_data")), unsupported),
    fault(15, "RFC 8446 §4.2", "with an unknown one", answers(extension(0x1a1a)), unsupported),
    fault(15, "RFC 8446 §4.2", "with ALPN unasked", answers(alpnAnswer("h2")), unsupported),
    fault(16, "RFC 8446 §4.2", "with server_name twice", answers(name, name), undecodable),
    fault(18, "RFC 6066 §3", "with a name in server_name", answers(named), undecodable),
    fault(
      18,
      "RFC 8446 §4.2.7",
      "with no groups",
      answers(extension("supported_groups", (w) => w.u16(0))),
      undecodable,
    ),
    fault(
      30,
      alpnRfc,
      "with a protocol not offered",
      answers(alpnAnswer("spdy")),
      notOffered,
      alpn,
    ),
    // A byte order mark, which decoding to text would drop.
    fault(
      30,
      alpnRfc,
      "with a name that only looks offered",
      answers(alpnAnswer("\ufeffh2")),
      notOffered,
      alpn,
    ),
    fault(30, alpnRfc, "with two protocols", answers(two), illegal, alpn),
    fault(30, alpnRfc, "with no protocol", answers(alpnAnswer()), undecodable, alpn),
    fault(30, alpnRfc, "with an empty protocol", answers(alpnAnswer("")), undecodable, alpn),
    fault(
      18,
      "RFC 8446 §4.3.1",
      "with a byte too many",
      on("encrypted_extensions", { instead: longer }),
      undecodable,
    ),
    fault(
      18,
      "RFC 8446 §4.3.1",
      "with a byte too few",
      on("encrypted_extensions", { instead: shorter }),
      undecodable,
    ),
  ]);
});

describe("a CertificateRequest is refused", () => {
  const asks = (script: Partial<Script>) => ({ requestCertificate: true, ...script });
  const twice = asks({ certificateRequest: ([first]) => (first ? [first, first] : []) });
  const none = asks({
    certificateRequest: (list) => withoutExtension(list, "signature_algorithms"),
  });
  const withContext = asks({
    on: {
      certificate_request: {
        instead: ({ type }) => [{ type, body: encodeCertificateRequest13(Uint8Array.of(1), []) }],
      },
    },
  });
  const again = asks({ on: { certificate_request: { instead: (it) => [it, it] } } });
  const late = { requestCertificate: true };
  refused([
    fault(15, "RFC 8446 §4.3.2", "without signature_algorithms", none, missing),
    fault(16, "RFC 8446 §4.2", "with an extension twice", twice, undecodable),
    fault(17, "RFC 8446 §4.3.2", "with a context", withContext, illegal),
    fault(
      18,
      "RFC 8446 §4.3.2",
      "with a byte too many",
      { ...late, ...on("certificate_request", { instead: longer }) },
      undecodable,
    ),
    fault(19, "RFC 8446 §4.3.2", "the second time", again, unexpected),
  ]);
});

describe("a Certificate is refused", () => {
  const entry = (...extensions: Extension[]): Pick<Script, "certificate"> => ({
    certificate: (fields) => ({
      ...fields,
      entries: fields.entries.map((one) => ({ ...one, extensions })),
    }),
  });
  const none: Pick<Script, "certificate"> = {
    certificate: (fields) => ({ ...fields, entries: [] }),
  };
  const context: Pick<Script, "certificate"> = {
    certificate: (fields) => ({ ...fields, context: Uint8Array.of(1) }),
  };
  const empty: Pick<Script, "certificate"> = {
    certificate: (fields) => ({
      ...fields,
      entries: [{ certificate: new Uint8Array(0), extensions: [] }],
    }),
  };
  const long: Pick<Script, "certificate"> = {
    certificate: (fields) => ({
      ...fields,
      entries: [{ certificate: new Uint8Array(2 ** 16), extensions: [] }],
    }),
  };
  const garbage: Pick<Script, "certificate"> = {
    certificate: (fields) => ({
      ...fields,
      entries: [{ certificate: new Uint8Array(40).fill(0x30), extensions: [] }],
    }),
  };
  const status = extension("status_request", (w) => w.u8(1));
  refused([
    fault(15, "RFC 8446 §4.4.2", "with status_request unasked", entry(status), unsupported, {
      options: { ocspStapling: false },
    }),
    fault(15, "RFC 8446 §4.4.2", "with an unknown one", entry(extension(0x1a1a)), unsupported),
    fault(16, "RFC 8446 §4.2", "with one twice", entry(status, status), undecodable),
    fault(17, "RFC 8446 §4.4.2", "with server_name", entry(extension("server_name")), illegal),
    fault(17, "RFC 8446 §4.4.2", "with a context", context, illegal),
    fault(18, "RFC 8446 §4.4.2", "with an empty entry", empty, undecodable),
    fault(
      18,
      "RFC 8446 §4.4.2",
      "with a byte too many",
      on("certificate", { instead: longer }),
      undecodable,
    ),
    fault(
      18,
      "RFC 8446 §4.4.2",
      "with a byte too few",
      on("certificate", { instead: shorter }),
      undecodable,
    ),
    fault(21, "RFC 8446 §4.4.2", "with more than 64 KiB", long, {
      code: "handshake/message-too-long",
      alert: "illegal_parameter",
    }),
    fault(31, "RFC 8446 §4.4.2.4", "without a certificate", none, {
      code: "certificate/missing",
      alert: "decode_error",
    }),
    fault(31, "RFC 8446 §4.4.2.4", "with something else", garbage, {
      code: "certificate/malformed",
      alert: "bad_certificate",
    }),
  ]);
});

describe("a CertificateVerify is refused", () => {
  const claims = (number: number): Pick<Script, "signature"> => ({
    signature: ({ signature }) => ({ scheme: number, signature }),
  });
  const rsa = { keyType: "rsa-2048" } as const;
  const p384 = { signatureScheme: scheme.ecdsa_secp384r1_sha384 };
  const pkcs1 = { signatureScheme: scheme.rsa_pkcs1_sha256 };
  const changed: Pick<Script, "signature"> = {
    signature: ({ signature, ...rest }) => ({ ...rest, signature: flip(signature) }),
  };
  const none: Pick<Script, "signature"> = {
    signature: (fields) => ({ ...fields, signature: new Uint8Array(0) }),
  };
  const rfc = "RFC 8446 §4.4.3";
  refused([
    fault(6, rfc, "with a wrong signature", changed, badSignature),
    fault(6, rfc, "with a wrong signature of RSA", changed, badSignature, rsa),
    fault(6, rfc, "with an empty signature", none, badSignature),
    fault(7, rfc, "by a scheme with SHA-1", { signatureScheme: scheme.ecdsa_sha1 }, illegal),
    fault(7, rfc, "by an unknown scheme", claims(0x1a1a), illegal),
    fault(7, rfc, "by PKCS#1", pkcs1, illegal, rsa),
    fault(7, rfc, "by a scheme of another curve", p384, illegal),
    fault(7, rfc, "by a scheme of another kind of key", claims(scheme.ed25519), illegal),
    fault(7, rfc, "by a scheme for RSA-PSS keys", claims(0x0809), illegal, rsa),
    fault(18, rfc, "a byte too long", on("certificate_verify", { instead: longer }), undecodable),
    fault(18, rfc, "a byte too short", on("certificate_verify", { instead: shorter }), undecodable),
  ]);
});

describe("a Finished is refused", () => {
  const rfc = "RFC 8446 §4.4.4";
  const none = on("finished", { instead: ({ type }) => [{ type, body: new Uint8Array(0) }] });
  refused([
    fault(4, rfc, "with a wrong MAC", { verifyData: flip }, badFinished),
    fault(4, rfc, "a byte too long", on("finished", { instead: longer }), badFinished),
    fault(4, rfc, "a byte too short", on("finished", { instead: shorter }), badFinished),
    fault(4, rfc, "empty", none, badFinished),
  ]);
});

describe("messages out of order are refused", () => {
  const rfc = "RFC 8446 §4.4";
  const drop = (name: keyof NonNullable<Script["on"]>) => on(name, { instead: () => [] });
  const twice = (name: keyof NonNullable<Script["on"]>) =>
    on(name, { instead: (message) => [message, message] });
  const inFront = (name: keyof NonNullable<Script["on"]>, type: number, body: number[] = []) =>
    on(name, { before: (wire) => wire.handshake({ type, body: Uint8Array.from(body) }) });
  const { key_update, hello_request, server_hello_done, new_session_ticket } = handshakeType;
  const dataFirst = on("finished", {
    before: (wire) => wire.record(contentType.applicationData, Uint8Array.of(1)),
  });
  const dataAtOnce = on("encrypted_extensions", {
    before: (wire) => wire.record(contentType.applicationData, Uint8Array.of(1)),
  });
  const behindFinished = on("finished", {
    frame: (encoded) => [concat(encoded, Uint8Array.of(4, 0))],
  });
  const messageBehindFinished = on("finished", {
    frame: (encoded) => [concat(encoded, Uint8Array.of(key_update, 0, 0, 1, 0))],
  });
  refused([
    fault(19, rfc, "EncryptedExtensions left out", drop("encrypted_extensions"), unexpected),
    fault(19, rfc, "Certificate left out", drop("certificate"), unexpected),
    fault(19, rfc, "CertificateVerify left out", drop("certificate_verify"), unexpected),
    fault(19, rfc, "EncryptedExtensions twice", twice("encrypted_extensions"), unexpected),
    fault(19, rfc, "Certificate twice", twice("certificate"), unexpected),
    fault(19, rfc, "CertificateVerify twice", twice("certificate_verify"), unexpected),
    fault(19, rfc, "KeyUpdate before Finished", inFront("finished", key_update, [0]), unexpected),
    fault(19, rfc, "a ticket before Finished", inFront("finished", new_session_ticket), unexpected),
    fault(19, rfc, "HelloRequest", inFront("certificate", hello_request), unexpected),
    fault(19, rfc, "ServerHelloDone", inFront("finished", server_hello_done), unexpected),
    fault(19, "RFC 8446 §2", "data before Finished", dataFirst, unexpected),
    fault(19, "RFC 8446 §2", "data before EncryptedExtensions", dataAtOnce, unexpected),
    fault(24, "RFC 8446 §5.1", "a part of a message behind Finished", behindFinished, unexpected),
    fault(24, "RFC 8446 §5.1", "a message behind Finished", messageBehindFinished, unexpected),
  ]);
});
