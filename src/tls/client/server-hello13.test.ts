import { describe } from "vitest";
import { type Fault, fault, testFaults, verdict } from "../../../test/peer/faults.ts";
import { createIdentities } from "../../../test/peer/identities.ts";
import {
  type Extension,
  extension,
  keyShareAnswer,
  type ServerHelloFields,
  versionAnswer,
  withExtension,
  withoutExtension,
} from "../../../test/peer/messages.ts";
import type { Edit, MessageHooks } from "../../../test/peer/script.ts";
import { concat } from "../../crypto/bytes.ts";
import { offCurvePoint } from "../../crypto/webcrypto/point-check.ts";
import { handshakeType, wireVersion } from "../messages/registry.ts";
import { namedGroup } from "../named-group.ts";

const p256 = namedGroup("secp256r1").number;
const x25519 = namedGroup("x25519").number;
const hybrid = namedGroup("X25519MLKEM768").number;
const rfc = "RFC 8446 §4.1.3";
const { illegal, missing, undecodable, unexpected, unsupported } = verdict;

/** Scripts that change the ServerHello: its fields, its extensions, one of them, its bytes. */
const fields = (changed: Partial<ServerHelloFields>) => ({
  serverHello: (hello: ServerHelloFields) => ({ ...hello, ...changed }),
});
const extensions = (edit: Edit<readonly Extension[]>) => ({
  serverHello: (hello: ServerHelloFields) => ({ ...hello, extensions: edit(hello.extensions) }),
});
const answering = (added: Extension) => extensions((list) => withExtension(list, added));
const message = (hooks: MessageHooks) => ({ on: { server_hello: hooks } });

const identities = await createIdentities();

describe("a ServerHello of TLS 1.3 is refused", () => {
  const test = (rows: readonly Fault[]) =>
    testFaults({ identities, version: "TLSv1.3", isProtected: false }, rows);

  describe("for its version, suite, session id or compression", () => {
    const fewSuites = { options: { cipherSuites: ["TLS_AES_128_GCM_SHA256"] } } as const;
    test([
      fault(9, rfc, "legacy_version of TLS 1.3", fields({ legacyVersion: 0x0304 }), illegal),
      fault(9, rfc, "legacy_version of TLS 1.1", fields({ legacyVersion: 0x0302 }), illegal),
      fault(9, "RFC 8446 §4.2.1", "TLS 1.1 selected", answering(versionAnswer(0x0302)), illegal),
      fault(9, "RFC 8446 §4.2.1", "TLS 1.2 selected", answering(versionAnswer(0x0303)), illegal),
      fault(9, "RFC 8446 §4.2.1", "a draft selected", answering(versionAnswer(0x7f1c)), illegal),
      fault(10, rfc, "another session id", fields({ sessionId: new Uint8Array(32) }), illegal),
      fault(10, rfc, "no session id", fields({ sessionId: new Uint8Array(0) }), illegal),
      fault(10, rfc, "a suite not offered", fields({ cipherSuite: 0x1302 }), illegal, fewSuites),
      fault(10, rfc, "a suite of TLS 1.2", fields({ cipherSuite: 0xc02b }), illegal),
      fault(10, rfc, "an unknown suite", fields({ cipherSuite: 0x1a1a }), illegal),
      fault(10, rfc, "compression", fields({ compressionMethod: 1 }), illegal),
    ]);
  });

  describe("for its key share", () => {
    const share = (group: number, key: Uint8Array) => answering(keyShareAnswer(group, key));
    const none = extensions((list) => withoutExtension(list, "key_share"));
    const bytes = (length: number) => new Uint8Array(length).fill(9);
    const onlyP256 = { options: { groups: ["secp256r1"] } } as const;
    const withHybrid = { options: { groups: ["X25519MLKEM768", "x25519"] } } as const;
    const zeroHalf = concat(bytes(1088), new Uint8Array(32));
    const point = "RFC 8446 §4.2.8.2";
    const kem = "draft-ietf-tls-ecdhe-mlkem";
    test([
      fault(11, "RFC 8446 §4.2.8", "none", none, missing),
      fault(11, "RFC 8446 §4.2.8", "for a group without a share", share(p256, bytes(65)), illegal),
      fault(11, "RFC 8446 §4.2.8", "for a group not offered", share(0x001e, bytes(56)), illegal),
      fault(12, "RFC 8446 §7.4.2", "zero in X25519", share(x25519, new Uint8Array(32)), illegal),
      fault(12, "RFC 7748 §5", "31 bytes for X25519", share(x25519, bytes(31)), illegal),
      fault(12, "RFC 7748 §5", "33 bytes for X25519", share(x25519, bytes(33)), illegal),
      fault(12, point, "off the curve", share(p256, offCurvePoint("P-256")), illegal, onlyP256),
      fault(12, point, "compressed", share(p256, bytes(33).fill(2, 0, 1)), illegal, onlyP256),
      fault(12, point, "at infinity", share(p256, Uint8Array.of(0)), illegal, onlyP256),
      fault(12, kem, "1087 bytes", share(hybrid, bytes(1087)), illegal, withHybrid),
      fault(12, kem, "1088 bytes", share(hybrid, bytes(1088)), illegal, withHybrid),
      fault(12, kem, "1119 bytes", share(hybrid, bytes(1119)), illegal, withHybrid),
      fault(12, kem, "1121 bytes", share(hybrid, bytes(1121)), illegal, withHybrid),
      fault(12, kem, "zero in the X25519 half", share(hybrid, zeroHalf), illegal, withHybrid),
      fault(18, "RFC 8446 §4.2.8", "empty", share(x25519, bytes(0)), undecodable),
      fault(
        18,
        "RFC 8446 §4.2.8",
        "a byte too many",
        answering(
          extension("key_share", (w) =>
            w
              .u16(x25519)
              .vector(2, () => w.u16(9))
              .u8(0),
          ),
        ),
        undecodable,
      ),
    ]);
  });

  describe("for an extension", () => {
    const elsewhere = [
      "server_name",
      "status_request",
      "supported_groups",
      "ec_point_formats",
      "signature_algorithms",
      "application_layer_protocol_negotiation",
      "signed_certificate_timestamp",
      "extended_master_secret",
      "early_data",
      "cookie",
      "certificate_authorities",
      "renegotiation_info",
    ] as const;
    const twice = (added: Extension) => extensions((list) => [...list, added, added]);
    const psk = extension("pre_shared_key", (w) => w.u16(0));
    test([
      ...elsewhere.map((name) =>
        fault(17, "RFC 8446 §4.2", `${name} misplaced`, answering(extension(name)), illegal),
      ),
      fault(15, "RFC 8446 §4.2", "pre_shared_key unasked", answering(psk), unsupported),
      fault(15, "RFC 8446 §4.2", "unknown", answering(extension(0x1a1a)), unsupported),
      fault(16, "RFC 8446 §4.2", "unknown and twice", twice(extension(0x1a1a)), undecodable),
      fault(
        16,
        "RFC 8446 §4.2",
        "supported_versions twice",
        twice(versionAnswer(0x0304)),
        undecodable,
      ),
    ]);
  });

  describe("for its encoding", () => {
    const long = message({
      instead: ({ type, body }) => [{ type, body: concat(body, Uint8Array.of(0)) }],
    });
    const short = message({ instead: ({ type, body }) => [{ type, body: body.subarray(0, -1) }] });
    const empty = message({ instead: ({ type }) => [{ type, body: new Uint8Array(0) }] });
    const version = extension("supported_versions", (w) => w.u16(wireVersion.tls13).u8(0));
    test([
      fault(18, rfc, "a byte too many", long, undecodable),
      fault(18, rfc, "a byte too few", short, undecodable),
      fault(18, rfc, "nothing in it", empty, undecodable),
      fault(18, rfc, "33 bytes of id", fields({ sessionId: new Uint8Array(33) }), undecodable),
      fault(18, "RFC 8446 §4.2.1", "3 bytes of version", answering(version), undecodable),
    ]);
  });

  describe("for its place", () => {
    const { certificate, client_hello, hello_request } = handshakeType;
    const body = new Uint8Array(0);
    const other = message({ instead: () => [{ type: certificate, body: new Uint8Array(4) }] });
    const reflected = message({ instead: (hello) => [{ ...hello, type: client_hello }] });
    const behind = message({ instead: (hello) => [{ type: hello_request, body }, hello] });
    const unknown = message({ instead: () => [{ type: 0x63, body }] });
    const joined = message({ frame: (encoded) => [concat(encoded, Uint8Array.of(8, 0))] });
    test([
      fault(19, "RFC 8446 §4", "another message instead", other, unexpected),
      fault(19, "RFC 8446 §4", "a ClientHello instead", reflected, unexpected),
      fault(19, "RFC 8446 §4", "an unknown message instead", unknown, unexpected),
      fault(19, "RFC 8446 §4", "a HelloRequest in front", behind, unexpected),
      fault(24, "RFC 8446 §5.1", "more behind it in its record", joined, unexpected),
    ]);
  });
});
