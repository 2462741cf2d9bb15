import { describe, expect, test } from "vitest";
import { decodeClientHello } from "../../../test/peer/client-hello.ts";
import { connectToPeer } from "../../../test/peer/connect.ts";
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
import type { Edit } from "../../../test/peer/script.ts";
import { sendChangeCipherSpec } from "../../../test/peer/wire.ts";
import { type Bytes, concat } from "../../crypto/bytes.ts";
import { GroupMemory } from "../group-memory.ts";
import { extensionType } from "../messages/extension.ts";
import { namedGroup } from "../named-group.ts";

const identities = await createIdentities();
const identity = await identities.of();
const cookie = Uint8Array.of(1, 2, 3);
const rfc = "RFC 8446 §4.1.4";
const { illegal, missing, undecodable, unexpected, unsupported } = verdict;

describe("a HelloRetryRequest is followed", () => {
  const retries = [
    ["with a group", { group: "secp256r1" }],
    ["with a cookie", { cookie }],
    ["with both", { group: "secp384r1", cookie }],
  ] as const;
  test.each(retries)("%s", async (_, retry) => {
    const connection = connectToPeer(await identities.config(), { identity, retry });
    const { error, info, received } = await connection.outcome();
    expect(error).toBeUndefined();
    expect(info).toMatchObject({ handshake: "hello-retry-request" });
    expect(info?.group).toBe("group" in retry ? retry.group : "x25519");
    const hellos = received.messages.slice(0, 2).map(({ body }) => decodeClientHello(body));
    const [first, second] = hellos.map(({ extensions, keyShares, groups, ...rest }) => ({
      rest,
      order: [...extensions.keys()],
      bodies: [...extensions].filter(([type]) => type !== extensionType.key_share),
    }));
    const added = "cookie" in retry ? [extensionType.cookie] : [];
    // Nothing else may change from one ClientHello to the other (RFC 8446 §4.1.2).
    expect(second?.rest).toEqual(first?.rest);
    expect(second?.order).toEqual([...(first?.order ?? []), ...added]);
    expect(second?.bodies.filter(([type]) => type !== extensionType.cookie)).toEqual(first?.bodies);
    const shares = [...(hellos[1]?.keyShares.keys() ?? [])];
    if ("group" in retry) expect(shares).toEqual([namedGroup(retry.group).number]);
    else expect(hellos[1]?.keyShares).toEqual(hellos[0]?.keyShares);
    expect(received.changeCipherSpecs).toBe(1);
  });

  test("with change_cipher_spec behind it, and once for a server that is known", async () => {
    const config = await identities.config({}, { groupMemory: new GroupMemory() });
    const after = { server_hello: { before: sendChangeCipherSpec } };
    const script = { identity, retry: { group: "secp256r1" }, on: after } as const;
    const first = await connectToPeer(config, {
      ...script,
      changeCipherSpec: () => {},
    }).outcome();
    expect(first.info?.handshake).toBe("hello-retry-request");
    const second = await connectToPeer(config, { identity, group: "secp256r1" }).outcome();
    expect(second.info).toMatchObject({ handshake: "full", group: "secp256r1" });
  });
});

/** Scripts that change a HelloRetryRequest that asks for P-256. */
const retry = { group: "secp256r1" } as const;
const fields = (changed: Partial<ServerHelloFields>) => ({
  retry,
  helloRetryRequest: (hello: ServerHelloFields) => ({ ...hello, ...changed }),
});
const extensions = (edit: Edit<readonly Extension[]>) => ({
  retry,
  helloRetryRequest: (hello: ServerHelloFields) => ({
    ...hello,
    extensions: edit(hello.extensions),
  }),
});
const answering = (added: Extension) => extensions((list) => withExtension(list, added));

describe("a HelloRetryRequest is refused", () => {
  const table = { identities, version: "TLSv1.3", isProtected: false } as const;
  const group = (number: number) => answering(extension("key_share", (w) => w.u16(number)));
  const useless = extensions((list) => withoutExtension(list, "key_share"));
  const empty = answering(extension("cookie", (w) => w.u16(0)));
  const twice = (added: Extension) => extensions((list) => [...list, added, added]);
  const full = answering(keyShareAnswer(namedGroup("secp256r1").number, new Uint8Array(65)));
  const rows: Fault[] = [
    fault(14, rfc, "that changes nothing", useless, illegal),
    fault(14, "RFC 8446 §4.2.8", "for a group already sent", group(0x001d), illegal),
    fault(14, "RFC 8446 §4.2.8", "for a group not offered", group(0x0019), illegal),
    fault(14, "RFC 8446 §4.2.8", "for an unknown group", group(0x1a1a), illegal),
    fault(14, "RFC 8446 §4.2.2", "with an empty cookie", empty, undecodable),
    fault(18, "RFC 8446 §4.2.8", "with a whole key share", full, undecodable),
    fault(10, rfc, "with another session id", fields({ sessionId: new Uint8Array(32) }), illegal),
    fault(10, rfc, "with no session id", fields({ sessionId: new Uint8Array(0) }), illegal),
    fault(10, rfc, "with a suite of TLS 1.2", fields({ cipherSuite: 0xc02b }), illegal),
    fault(10, rfc, "with an unknown suite", fields({ cipherSuite: 0x1a1a }), illegal),
    fault(10, rfc, "with compression", fields({ compressionMethod: 1 }), undecodable),
    fault(9, rfc, "with legacy_version 0x0304", fields({ legacyVersion: 0x0304 }), illegal),
    fault(9, rfc, "that selects TLS 1.2", answering(versionAnswer(0x0303)), illegal),
    fault(15, rfc, "with an unknown extension", answering(extension(0x1a1a)), unsupported),
    fault(16, rfc, "with a group twice", twice(extension("key_share", (w) => w.u16(23))), illegal),
    fault(17, rfc, "with server_name", answering(extension("server_name")), illegal),
    fault(17, rfc, "with early_data", answering(extension("early_data")), illegal),
  ];
  testFaults(table, rows);
  const joined = {
    retry,
    on: {
      hello_retry_request: {
        frame: (encoded: Bytes) => [concat(encoded, Uint8Array.of(2))],
      },
    },
  };
  testFaults(table, [
    fault(24, "RFC 8446 §5.1", "with the beginning of a ServerHello behind it", joined, unexpected),
  ]);
  testFaults({ ...table, isProtected: false }, [
    fault(
      9,
      rfc,
      "without supported_versions",
      extensions((list) => withoutExtension(list, "supported_versions")),
      illegal,
    ),
  ]);
});

describe("after a HelloRetryRequest", () => {
  const second = (edit: Edit<ServerHelloFields>) => ({ retry, serverHello: edit });
  const share = (number: number, length: number) =>
    second((hello) => ({
      ...hello,
      extensions: withExtension(hello.extensions, keyShareAnswer(number, new Uint8Array(length))),
    }));
  const suite = second((hello) => ({ ...hello, cipherSuite: 0x1302 }));
  const noShare = second((hello) => ({
    ...hello,
    extensions: withoutExtension(hello.extensions, "key_share"),
  }));
  const echo = second((hello) => ({ ...hello, sessionId: new Uint8Array(32) }));
  const older = second((hello) => ({ ...hello, extensions: [], cipherSuite: 0xc02b }));
  let request: ServerHelloFields | undefined;
  const again = {
    retry,
    helloRetryRequest: (fields: ServerHelloFields) => {
      request = fields;
      return fields;
    },
    serverHello: (fields: ServerHelloFields) => request ?? fields,
  };
  testFaults({ identities, version: "TLSv1.3", isProtected: false }, [
    fault(13, rfc, "a second HelloRetryRequest is refused", again, unexpected),
    fault(10, rfc, "another suite is refused", suite, illegal),
    fault(10, rfc, "another session id is refused", echo, illegal),
    fault(9, rfc, "another version is refused", older, illegal),
    fault(11, "RFC 8446 §4.2.8", "a share of the first hello is refused", share(29, 32), illegal),
    fault(11, "RFC 8446 §4.2.8", "no key share is refused", noShare, missing),
  ]);
});
