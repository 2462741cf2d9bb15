import { describe, expect, test } from "vitest";
import { decodeClientHello } from "../../../test/peer/client-hello.ts";
import { connectToPeer } from "../../../test/peer/connect.ts";
import { createIdentities } from "../../../test/peer/identities.ts";
import {
  alpnAnswer,
  extension,
  keyShareAnswer,
  versionAnswer,
} from "../../../test/peer/messages.ts";
import type { Script } from "../../../test/peer/script.ts";
import { platformCrypto } from "../../crypto/platform.ts";
import { extensionType } from "../messages/extension.ts";
import { Reader } from "../messages/reader.ts";
import { drawGrease, type Grease } from "./grease.ts";

const identities = await createIdentities();
const config = await identities.config({ grease: true, alpn: ["h2"] });
const identity = await identities.of();
/** RFC 8701 §2. */
const reserved = Array.from({ length: 16 }, (_, index) => index * 0x1010 + 0x0a0a);

/** The ClientHellos of a connection. */
async function hellosOf(script: Omit<Script, "identity"> = {}) {
  const connection = connectToPeer(config, { identity, ...script });
  const { error, info, received } = await connection.outcome();
  expect(error).toBeUndefined();
  const hellos = received.messages.filter(({ type }) => type === 1);
  return { info, hellos: hellos.map(({ body }) => decodeClientHello(body)) };
}

type Hello = ReturnType<typeof decodeClientHello>;

/** Bodies of extensions that are lists of numbers. */
function numbers({ extensions }: Hello, type: number, lengthSize: 1 | 2 = 2): number[] {
  const body = extensions.get(type) ?? new Uint8Array(0);
  return Reader.parse(body, "list", (r) => r.list(lengthSize, 0, (inner) => inner.u16()));
}

describe("GREASE in the ClientHello (RFC 8701 §3.1)", () => {
  test.each(["TLSv1.3", "TLSv1.2"] as const)(
    "stands in every list, and %s works",
    async (version) => {
      const { info, hellos } = await hellosOf({ version });
      const [hello] = hellos;
      if (hello === undefined) throw new Error("no ClientHello came");
      expect(info?.version).toBe(version);
      const { cipherSuites, groups, keyShares, extensions } = hello;
      const firsts = [
        cipherSuites[0],
        groups[0],
        numbers(hello, extensionType.signature_algorithms)[0],
        numbers(hello, extensionType.supported_versions, 1)[0],
        [...keyShares.keys()][0],
      ];
      for (const value of firsts) expect(reserved).toContain(value);
      expect([...keyShares][0]).toEqual([groups[0], Uint8Array.of(0)]);
      const bodies = [...extensions].filter(([type]) => reserved.includes(type));
      expect(bodies.map(([, body]) => body.length).sort()).toEqual([0, 1]);
      const protocols = extensions.get(extensionType.application_layer_protocol_negotiation);
      expect(reserved).toContain((protocols?.[3] ?? 0) * 256 + (protocols?.[4] ?? 0));
      // One of each besides: nothing real has gone.
      expect(cipherSuites).toHaveLength(11);
      expect(groups).toHaveLength(4);
    },
  );

  test("is not there unless asked for", async () => {
    const connection = connectToPeer(await identities.config(), { identity });
    const { received } = await connection.outcome();
    const { cipherSuites, groups, extensions } = decodeClientHello(
      received.messages[0]?.body ?? new Uint8Array(0),
    );
    const all = [...cipherSuites, ...groups, ...extensions.keys()];
    expect(all.filter((value) => reserved.includes(value))).toEqual([]);
  });

  test("stays the same after a HelloRetryRequest, but for the key shares where a group is asked for", async () => {
    for (const retry of [{ group: "secp384r1" }, { cookie: Uint8Array.of(1) }] as const) {
      const { hellos } = await hellosOf({ retry });
      const [first, second] = hellos.map(({ extensions, keyShares, ...rest }) => {
        const others = [...extensions].filter(
          ([type]) => type !== extensionType.key_share && type !== extensionType.cookie,
        );
        return { others, rest };
      });
      expect(second).toEqual(first);
      const shares = hellos.map(({ keyShares }) => [...keyShares.keys()]);
      if ("group" in retry) expect(shares[1]).toEqual([0x0018]);
      else expect(shares[1]).toEqual(shares[0]);
    }
  });

  test("draws any of the sixteen, and never one extension twice", () => {
    const drawn = Array.from({ length: 500 }, () => drawGrease(platformCrypto));
    const of = (value: (grease: Grease) => number) => new Set(drawn.map(value));
    expect([...of(({ suite }) => suite)].sort((a, b) => a - b)).toEqual(reserved);
    for (const { extensions } of drawn) {
      const [one, other] = extensions.map(({ type }) => type);
      expect(reserved).toContain(one);
      expect(reserved).toContain(other);
      expect(one).not.toBe(other);
    }
  });
});

describe("a server that picks one is refused (RFC 8701 §3.1)", () => {
  const isReserved = (value: number) => reserved.includes(value);
  let picked = 0;
  test.each<[string, Omit<Script, "identity">, string]>([
    [
      "a cipher suite",
      {
        serverHello: (fields, { cipherSuites }) => ({
          ...fields,
          cipherSuite: cipherSuites.find(isReserved) ?? 0,
        }),
      },
      "handshake/illegal-parameter",
    ],
    [
      "a cipher suite of TLS 1.2",
      {
        version: "TLSv1.2",
        serverHello: (fields, { cipherSuites }) => ({
          ...fields,
          cipherSuite: cipherSuites.find(isReserved) ?? 0,
        }),
      },
      "handshake/illegal-parameter",
    ],
    [
      "a version",
      {
        serverHello: (fields, hello) => ({
          ...fields,
          extensions: [versionAnswer(numbers(hello, extensionType.supported_versions, 1)[0] ?? 0)],
        }),
      },
      "handshake/illegal-parameter",
    ],
    [
      "a group",
      {
        serverHello: (fields, { groups }) => ({
          ...fields,
          extensions: [
            versionAnswer(0x0304),
            keyShareAnswer(groups.find(isReserved) ?? 0, Uint8Array.of(0)),
          ],
        }),
      },
      "handshake/illegal-parameter",
    ],
    [
      "a group of TLS 1.2",
      {
        version: "TLSv1.2",
        serverHello(fields, { groups }) {
          picked = groups.find(isReserved) ?? 0;
          return fields;
        },
        serverParams: (params) => ({ ...params, group: picked }),
      },
      "handshake/illegal-parameter",
    ],
    [
      "an extension",
      {
        serverHello(fields, { extensions }) {
          picked = [...extensions.keys()].find(isReserved) ?? 0;
          return fields;
        },
        encryptedExtensions: (list) => [...list, extension(picked)],
      },
      "handshake/unsupported-extension",
    ],
    [
      "a signature scheme",
      {
        serverHello(fields, hello) {
          picked = numbers(hello, extensionType.signature_algorithms)[0] ?? 0;
          return fields;
        },
        signature: (fields) => ({ ...fields, scheme: picked }),
      },
      "handshake/illegal-parameter",
    ],
    [
      "an application protocol",
      {
        serverHello(fields, { extensions }) {
          const offered = extensions.get(extensionType.application_layer_protocol_negotiation);
          picked = offered?.[3] ?? 0;
          return fields;
        },
        encryptedExtensions: (list) => [...list, alpnAnswer(String.fromCharCode(picked, picked))],
      },
      "handshake/no-application-protocol",
    ],
  ])("%s", async (_, script, code) => {
    const { error } = await connectToPeer(config, { identity, ...script }).outcome();
    expect(error?.code).toBe(code);
  });
});
