import { describe } from "vitest";
import { type Fault, fault, testFaults, verdict } from "../../../test/peer/faults.ts";
import { createIdentities } from "../../../test/peer/identities.ts";
import {
  alpnAnswer,
  type Extension,
  extension,
  type ServerHelloFields,
  versionAnswer,
  withExtension,
  withoutExtension,
} from "../../../test/peer/messages.ts";
import type { Edit, MessageHooks, Script } from "../../../test/peer/script.ts";
import { concat } from "../../crypto/bytes.ts";

const identities = await createIdentities();
const { illegal, notOffered, undecodable, unexpected, unsupported } = verdict;
const noVersion = { code: "handshake/no-common-version", alert: "protocol_version" } as const;
const downgrade = { code: "handshake/downgrade", alert: "illegal_parameter" } as const;
const rfc = "RFC 5246 §7.4.1.3";

/** Scripts that change the ServerHello: its fields, its extensions, one of them, its bytes. */
const fields = (changed: Partial<ServerHelloFields>) => ({
  serverHello: (hello: ServerHelloFields) => ({ ...hello, ...changed }),
});
const extensions = (edit: Edit<readonly Extension[]>) => ({
  serverHello: (hello: ServerHelloFields) => ({ ...hello, extensions: edit(hello.extensions) }),
});
const answering = (added: Extension) => extensions((list) => withExtension(list, added));
const message = (hooks: MessageHooks) => ({ on: { server_hello: hooks } });

/** The random of a server that could have spoken a newer version (RFC 8446 §4.1.3). */
const sentinel = (mark: number): Pick<Script, "serverHello"> => ({
  serverHello: (hello) => ({
    ...hello,
    random: concat(
      hello.random.subarray(0, 24),
      new TextEncoder().encode("DOWNGRD"),
      Uint8Array.of(mark),
    ),
  }),
});

describe("a ServerHello of TLS 1.2 is refused", () => {
  const test = (rows: readonly Fault[]) =>
    testFaults({ identities, version: "TLSv1.2", isProtected: false }, rows);
  const only12 = { options: { maxVersion: "TLSv1.2" } } as const;
  const only13 = { options: { minVersion: "TLSv1.3" } } as const;

  describe("for its version", () => {
    test([
      fault(9, rfc, "SSL 3.0", fields({ legacyVersion: 0x0300 }), noVersion),
      fault(9, rfc, "TLS 1.0", fields({ legacyVersion: 0x0301 }), noVersion),
      fault(9, rfc, "TLS 1.1", fields({ legacyVersion: 0x0302 }), noVersion),
      fault(9, rfc, "TLS 1.1 to TLS 1.2", fields({ legacyVersion: 0x0302 }), noVersion, only12),
      fault(9, rfc, "one to come", fields({ legacyVersion: 0x0305 }), noVersion),
      fault(9, "RFC 8446 §4.2.1", "0x0304", fields({ legacyVersion: 0x0304 }), noVersion),
      fault(9, "RFC 8446 §4.2.1", "TLS 1.2 to a client of TLS 1.3", {}, noVersion, only13),
      fault(
        9,
        "RFC 8446 §4.2.1",
        "TLS 1.3 to a client of TLS 1.2",
        answering(versionAnswer(0x0304)),
        noVersion,
        only12,
      ),
      fault(
        9,
        "RFC 8446 §4.2.1",
        "TLS 1.2 in supported_versions",
        answering(versionAnswer(0x0303)),
        illegal,
      ),
      fault(8, "RFC 8446 §4.1.3", "from TLS 1.3", sentinel(1), downgrade),
      fault(8, "RFC 8446 §4.1.3", "marked as TLS 1.1", sentinel(0), downgrade),
      fault(8, "RFC 8446 §4.1.3", "marked as TLS 1.1 to TLS 1.2", sentinel(0), downgrade, only12),
    ]);
  });

  describe("for its suite, session id or compression", () => {
    const suites = [
      ["TLS_RSA_WITH_RC4_128_SHA", 0x0005],
      ["TLS_RSA_WITH_AES_128_GCM_SHA256", 0x009c],
      ["TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", 0xc013],
      ["TLS_AES_128_GCM_SHA256 of TLS 1.3", 0x1301],
      ["one that nobody knows", 0x1a1a],
      ["the signalling value", 0x00ff],
    ] as const;
    const resumed: Pick<Script, "serverHello"> = {
      serverHello: (hello, { sessionId }) => ({ ...hello, sessionId }),
    };
    const few = { options: { cipherSuites: ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"] } } as const;
    test([
      ...suites.map(([name, number]) =>
        fault(10, rfc, name, fields({ cipherSuite: number }), illegal),
      ),
      fault(10, rfc, "not offered", fields({ cipherSuite: 0xc02b }), illegal, few),
      fault(10, rfc, "the client's session id, as if resumed", resumed, illegal),
      fault(10, rfc, "compression", fields({ compressionMethod: 1 }), illegal),
      fault(18, rfc, "33 bytes of id", fields({ sessionId: new Uint8Array(33) }), undecodable),
      fault(
        10,
        "RFC 8422 §5.3",
        "ECDSA with an RSA key",
        fields({ cipherSuite: 0xc02b }),
        illegal,
        {
          keyType: "rsa-2048",
        },
      ),
      fault(10, "RFC 8422 §5.3", "a key on a curve not offered", {}, illegal, {
        keyType: "ecdsa-p521",
      }),
      fault(10, "RFC 8422 §5.3", "RSA with an ECDSA key", fields({ cipherSuite: 0xc02f }), illegal),
    ]);
  });

  describe("for an extension", () => {
    const elsewhere = [
      "signature_algorithms",
      "pre_shared_key",
      "early_data",
      "cookie",
      "certificate_authorities",
      "key_share",
    ] as const;
    const unasked = ["status_request", "signed_certificate_timestamp"] as const;
    const twice = (added: Extension) => extensions((list) => [...list, added, added]);
    const alpn = { options: { alpn: ["h2"] } } as const;
    const name = extension("server_name", (w) => w.u8(0));
    const extended = extension("extended_master_secret", (w) => w.u8(0));
    const renegotiation = extension("renegotiation_info", (w) => w.vector(1, () => w.u16(1)));
    const formats = extension("ec_point_formats", (w) => w.vector(1, () => w.u8(1)));
    const without = extensions((list) => withoutExtension(list, "extended_master_secret"));
    const required = { options: { requireExtendedMasterSecret: true } } as const;
    const notExtended = { ...without, extendedMasterSecret: false };
    test([
      ...elsewhere.map((type) =>
        fault(17, "RFC 8446 §4.2", `${type} misplaced`, answering(extension(type)), illegal),
      ),
      ...unasked.map((type) =>
        fault(15, "RFC 5246 §7.4.1.4", `${type} unasked`, answering(extension(type)), unsupported, {
          options: { ocspStapling: false },
        }),
      ),
      fault(15, "RFC 5246 §7.4.1.4", "unknown", answering(extension(0x1a1a)), unsupported),
      fault(15, "RFC 5077 §3.2", "session_ticket", answering(extension(35)), unsupported),
      fault(15, "RFC 7301 §3.1", "ALPN unasked", answering(alpnAnswer("h2")), unsupported),
      fault(16, "RFC 5246 §7.4.1.4", "twice", twice(extension("server_name")), undecodable),
      fault(18, "RFC 6066 §3", "a name in server_name", answering(name), undecodable),
      fault(18, "RFC 7627 §5.1", "a byte in the empty one", answering(extended), undecodable),
      fault(18, "RFC 8422 §5.1.2", "no uncompressed points", answering(formats), illegal),
      fault(26, "RFC 5746 §3.4", "a renegotiation's", answering(renegotiation), {
        code: "handshake/bad-renegotiation-info",
        alert: "handshake_failure",
      }),
      fault(
        27,
        "RFC 7627 §5.2",
        "the extended master secret missing",
        notExtended,
        {
          code: "handshake/extended-master-secret-required",
          alert: "handshake_failure",
        },
        required,
      ),
      fault(30, "RFC 7301 §3.1", "not offered", answering(alpnAnswer("spdy")), notOffered, alpn),
      fault(30, "RFC 7301 §3.1", "two", answering(alpnAnswer("h2", "h3")), illegal, alpn),
    ]);
  });

  describe("for its encoding or place", () => {
    const long = message({
      instead: ({ type, body }) => [{ type, body: concat(body, Uint8Array.of(0)) }],
    });
    const short = message({ instead: ({ type, body }) => [{ type, body: body.subarray(0, -1) }] });
    test([
      fault(18, rfc, "a byte too many", long, undecodable),
      fault(18, rfc, "a byte too few", short, undecodable),
      fault(19, "RFC 5246 §7.3", "twice", message({ instead: (it) => [it, it] }), unexpected),
      fault(19, "RFC 5246 §7.3", "left out", message({ instead: () => [] }), unexpected),
    ]);
  });
});
