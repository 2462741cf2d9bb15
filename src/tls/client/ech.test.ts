import * as hpke from "hpke";
import { describe, expect, test } from "vitest";
import { createEchKey, type EchKey, echList } from "../../../test/ech-keys.ts";
import { decodeClientHello, type ReceivedClientHello } from "../../../test/peer/client-hello.ts";
import { connectToPeer } from "../../../test/peer/connect.ts";
import { createIdentities, peerName } from "../../../test/peer/identities.ts";
import { extension, withExtension } from "../../../test/peer/messages.ts";
import type { Script } from "../../../test/peer/script.ts";
import { type Bytes, concat } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import type { ClientEnvironment } from "../config.ts";
import { serverNameExtension } from "../messages/client-hello.ts";
import { extensionType } from "../messages/extension.ts";
import { Reader } from "../messages/reader.ts";
import type { TlsOptions } from "../options.ts";
import type { TrustOptions } from "../trust-options.ts";

const identities = await createIdentities();
const identity = await identities.of();
const secret = "secret.example";
const { encrypted_client_hello, server_name, supported_versions } = extensionType;
/** The server's public name is the one that the scripted server has a certificate for. */
const echKey = (maximumNameLength = 0) => createEchKey({ publicName: peerName, maximumNameLength });

/** Connects with ECH to a server that knows nothing of it. */
async function connect(
  options: TlsOptions,
  script: Partial<Script> = {},
  environment?: ClientEnvironment,
  trust?: TrustOptions,
) {
  const config = await identities.config({ servername: secret, ...options }, environment, trust);
  const { error, info, received } = await connectToPeer(config, { identity, ...script }).outcome();
  const hellos = received.messages.filter(({ type }) => type === 1).map(({ body }) => body);
  const alerts = received.alerts.map(({ name }) => name);
  return { error, info, alerts, hellos };
}

interface OpenedHello {
  readonly inner: ReceivedClientHello;
  readonly outer: ReceivedClientHello;
  /** EncodedClientHelloInner, with its padding. */
  readonly encoded: Bytes;
  /** Numbers of the extensions that the encoding takes from the outer hello. */
  readonly shared: readonly number[];
}

/** What a server that has the key makes of an outer hello (RFC 9849 §5.1, §5.2). */
async function open(body: Bytes, { config, privateKey }: EchKey): Promise<OpenedHello> {
  const outer = decodeClientHello(body);
  const ech = outer.extensions.get(encrypted_client_hello) ?? new Uint8Array();
  const { enc, payload } = Reader.parse(ech, "ECH", (r) => {
    expect([r.u8(), r.u16(), r.u16(), r.u8()]).toEqual([0, 1, 1, 7]);
    return { enc: r.vector(2), payload: r.vector(2) };
  });
  const suite = new hpke.CipherSuite(
    hpke.KEM_DHKEM_X25519_HKDF_SHA256,
    hpke.KDF_HKDF_SHA256,
    hpke.AEAD_AES_128_GCM,
  );
  const key = await suite.DeserializePrivateKey(privateKey, true);
  const info = concat(new TextEncoder().encode("tls ech\0"), config);
  const recipient = await suite.SetupRecipient(key, enc, { info });
  const aad = body.slice();
  aad.fill(
    0,
    payload.byteOffset - body.byteOffset,
    payload.byteOffset - body.byteOffset + payload.length,
  );
  const encoded = new Uint8Array(await recipient.Open(payload, aad));
  return { outer, encoded, ...expand(encoded, outer) };
}

function expand(encoded: Bytes, outer: ReceivedClientHello) {
  const r = new Reader(encoded, "EncodedClientHelloInner");
  const head = {
    legacyVersion: r.u16(),
    random: r.take(32),
    sessionId: r.vector(1),
    cipherSuites: r.list(2, 2, (suite) => suite.u16()),
    compressionMethods: r.list(1, 1, (method) => method.u8()),
    ...{ groups: [], keyShares: new Map() },
  };
  expect(head.sessionId).toHaveLength(0);
  const sent = r.list(2, 0, (e) => [e.u16(), e.vector(2)] as const);
  while (!r.isEmpty) expect(r.u8()).toBe(0);
  const list = sent.find(([type]) => type === 0xfd00)?.[1];
  const shared = list ? Reader.parse(list, "outer", (o) => o.list(1, 2, (type) => type.u16())) : [];
  const extensions = sent.flatMap(([type, body]) =>
    type === 0xfd00
      ? shared.map((one) => [one, outer.extensions.get(one) ?? new Uint8Array()] as const)
      : [[type, body] as const],
  );
  return { inner: { ...head, extensions: new Map(extensions) }, shared };
}

describe("the pair of hellos (RFC 9849 §6.1)", () => {
  test("has the server's name only inside, and what both have only outside", async () => {
    const key = echKey();
    const { hellos } = await connect({ ech: echList(key.config), alpn: ["imap"] });
    const { inner, outer, shared } = await open(hellos[0] ?? new Uint8Array(), key);
    expect(inner.extensions.get(server_name)).toEqual(serverNameExtension(secret).body);
    expect(outer.extensions.get(server_name)).toEqual(serverNameExtension(peerName).body);
    expect(inner.random).not.toEqual(outer.random);
    expect(outer.sessionId).toHaveLength(32);
    expect([...(inner.extensions.get(encrypted_client_hello) ?? [])]).toEqual([1]);
    // TLS 1.3 alone is offered inside (RFC 9849 §6.1).
    expect([...(inner.extensions.get(supported_versions) ?? [])]).toEqual([2, 3, 4]);
    expect(inner.cipherSuites.every((suite) => suite >> 8 === 0x13)).toBe(true);
    expect(inner.extensions.has(extensionType.extended_master_secret)).toBe(false);
    expect(outer.extensions.has(extensionType.extended_master_secret)).toBe(true);
    for (const name of ["key_share", "application_layer_protocol_negotiation"] as const) {
      expect(shared).toContain(extensionType[name]);
    }
    expect(shared).not.toContain(server_name);
    expect(shared).not.toContain(supported_versions);
  });

  test("has the same GREASE in both (RFC 8701)", async () => {
    const key = echKey();
    const { hellos } = await connect({ ech: echList(key.config), grease: true });
    const { inner, outer, shared } = await open(hellos[0] ?? new Uint8Array(), key);
    expect(inner.cipherSuites[0]).toBe(outer.cipherSuites[0]);
    expect(shared.filter((type) => (type & 0x0f0f) === 0x0a0a)).toHaveLength(2);
    expect(shared).toContain(extensionType.supported_groups);
  });

  test("is as long for any name", async () => {
    const key = echKey(60);
    const lengths = await Promise.all(
      ["a.example", "a-name-of-some-length.example", "127.0.0.1"].map(async (servername) => {
        const { hellos } = await connect({ servername, ech: echList(key.config) });
        const { encoded, inner } = await open(hellos[0] ?? new Uint8Array(), key);
        expect(inner.extensions.has(server_name)).toBe(servername !== "127.0.0.1");
        return encoded.length;
      }),
    );
    expect(new Set(lengths).size).toBe(1);
    expect((lengths[0] ?? 1) % 32).toBe(0);
  });

  test("shows random bytes in place of a PSK (RFC 9849 §6.1.2)", async () => {
    const key = echKey();
    const psk = { identity: new TextEncoder().encode("client 1"), key: new Uint8Array(32).fill(3) };
    const { hellos, error } = await connect({ ech: echList(key.config), psk: [psk] });
    const { inner, outer } = await open(hellos[0] ?? new Uint8Array(), key);
    const [inside, outside] = [inner, outer].map(
      ({ extensions }) => extensions.get(extensionType.pre_shared_key) ?? new Uint8Array(),
    );
    expect([...outer.extensions.keys()].at(-1)).toBe(extensionType.pre_shared_key);
    expect([...inner.extensions.keys()].at(-1)).toBe(extensionType.pre_shared_key);
    expect(outside?.length).toBe(inside?.length);
    expect(Buffer.from(inside ?? []).includes("client 1")).toBe(true);
    expect(Buffer.from(outside ?? []).includes("client 1")).toBe(false);
    expect(error?.code).toBe("handshake/ech-rejected");
  });

  test("is told to a key log by the random that all can see (RFC 9850 §2)", async () => {
    const key = echKey();
    const lines: string[] = [];
    const keyLog = (line: string) => lines.push(line);
    const { hellos } = await connect({ ech: echList(key.config) }, {}, { keyLog });
    const { outer } = await open(hellos[0] ?? new Uint8Array(), key);
    const random = Buffer.from(outer.random).toString("hex");
    const fields = lines.map((line) => line.split(" "));
    expect(fields.every(([, clientRandom]) => clientRandom === random)).toBe(true);
    expect(fields.slice(0, 2)).toEqual([
      ["ECH_SECRET", random, expect.stringMatching(/^[0-9a-f]{64}$/)],
      ["ECH_CONFIG", random, Buffer.from(key.config).toString("hex")],
    ]);
  });
});

describe("a server that refuses", () => {
  const retryConfigs = (body: Bytes): Partial<Script> => ({
    encryptedExtensions: (list) =>
      withExtension(
        list,
        extension("encrypted_client_hello", (w) => w.bytes(body)),
      ),
  });
  const ech = echList(echKey().config);

  test("is verified for its public name, and then left (RFC 9849 §6.1.6)", async () => {
    const fresh = echList(echKey().config);
    const { error, alerts, hellos } = await connect({ ech }, retryConfigs(fresh));
    expect(error).toMatchObject({ code: "handshake/ech-rejected", alertSent: "ech_required" });
    expect(error?.echRetryConfigs).toEqual(fresh);
    expect(alerts).toEqual(["ech_required"]);
    expect(hellos).toHaveLength(1);
    // It survives the way from the worker to the page.
    const copy = TlsError.fromRecord(structuredClone(error?.toRecord() ?? fail()));
    expect(copy.echRetryConfigs).toEqual(fresh);
  });

  test("gets the same extension again behind a HelloRetryRequest", async () => {
    const { error, hellos } = await connect({ ech }, { retry: { group: "secp384r1" } });
    expect(error?.code).toBe("handshake/ech-rejected");
    const [first, second] = hellos.map((body) =>
      decodeClientHello(body).extensions.get(encrypted_client_hello),
    );
    expect(second).toEqual(first);
  });

  test("has turned it off where nothing it sends can be used", async () => {
    const unknown = echList(createEchKey({ version: 0xfe0e }).config);
    for (const script of [{}, retryConfigs(unknown), { version: "TLSv1.2" }] as const) {
      const { error, alerts } = await connect({ ech }, script);
      expect(error).toMatchObject({ code: "handshake/ech-rejected", alertSent: "ech_required" });
      expect(error?.echRetryConfigs).toBeUndefined();
      expect(alerts).toEqual(["ech_required"]);
    }
  });

  test("may not be somebody else", async () => {
    const other = echList(createEchKey({ publicName: "other.example" }).config);
    const { error } = await connect({ ech: other }, retryConfigs(ech));
    expect(error?.code).toBe("certificate/wrong-name");
    expect(error?.echRetryConfigs).toBeUndefined();
  });

  test("is known by roots alone, whatever is known of the server that is meant", async () => {
    const fresh = echList(echKey().config);
    const pins = [`sha256/${"A".repeat(43)}=`];
    const pinned = await connect({ ech }, retryConfigs(fresh), {}, { pins });
    expect(pinned.error?.echRetryConfigs).toEqual(fresh);
    const exact = { exactCertificates: [identity.certificate] };
    const other = echList(createEchKey({ publicName: "other.example" }).config);
    const { error } = await connect({ ech: other }, retryConfigs(fresh), {}, exact);
    expect(error?.code).toBe("certificate/wrong-name");
    expect(error?.echRetryConfigs).toBeUndefined();
  });

  const faults: [string, TlsOptions, Partial<Script>, string][] = [
    [
      "configurations that can't be read",
      { ech },
      retryConfigs(ech.subarray(1)),
      "handshake/decode-error",
    ],
    [
      "such ones to GREASE",
      { ech: "grease" },
      retryConfigs(new Uint8Array(4)),
      "handshake/decode-error",
    ],
    ["configurations nobody asked for", {}, retryConfigs(ech), "handshake/unsupported-extension"],
    [
      "a confirmation of 7 bytes",
      { ech: "grease" },
      {
        retry: { group: "secp384r1" },
        helloRetryRequest: (fields) => ({
          ...fields,
          extensions: [
            ...(fields.extensions ?? []),
            extension("encrypted_client_hello", (w) => w.bytes(new Uint8Array(7))),
          ],
        }),
      },
      "handshake/decode-error",
    ],
    [
      "a PSK that was none",
      { ech, psk: [{ identity: Uint8Array.of(1), key: new Uint8Array(32).fill(3) }] },
      {
        serverHello: (fields) => ({
          ...fields,
          extensions: [...(fields.extensions ?? []), extension("pre_shared_key", (w) => w.u16(0))],
        }),
      },
      "handshake/illegal-parameter",
    ],
  ];
  test.each(faults)("may not send %s", async (_, options, script, code) => {
    const { error } = await connect({ servername: peerName, ...options }, script);
    expect(error?.code).toBe(code);
  });
});

describe("GREASE (RFC 9849 §6.2.1)", () => {
  test("looks like the real thing, twice the same, and hides nothing", async () => {
    const options = { ech: "grease", servername: peerName } as const;
    const { info, hellos } = await connect(options, { retry: { group: "secp384r1" } });
    expect(info?.ech).toBe("grease");
    const [first, second] = hellos.map((body) => decodeClientHello(body));
    const body = first?.extensions.get(encrypted_client_hello) ?? new Uint8Array();
    expect(second?.extensions.get(encrypted_client_hello)).toEqual(body);
    expect(first?.extensions.get(server_name)).toEqual(serverNameExtension(peerName).body);
    Reader.parse(body, "ECH", (r) => {
      expect([r.u8(), r.u16(), r.u16()]).toEqual([0, 1, 1]);
      r.u8();
      expect(r.vector(2)).toHaveLength(32);
      const payload = r.vector(2);
      expect((payload.length - 16) % 32).toBe(0);
      expect(payload.length).toBeGreaterThanOrEqual(128 + 16);
    });
  });

  test("stands in for configurations that can't be used, where that is wanted", async () => {
    const ech = echList(createEchKey({ kem: 0x6666 }).config);
    const options = { ech, servername: peerName } as const;
    const greased = await connect({ ...options, echOtherwise: "grease" });
    expect(greased.info?.ech).toBe("grease");
    const plain = await connect({ ...options, echOtherwise: "none" });
    expect(plain.info?.ech).toBe("not-offered");
    const refused = await connect(options);
    expect(refused.error?.code).toBe("configuration/invalid-option");
    expect(refused.hellos).toEqual([]);
  });
});

describe("the option", () => {
  test("as a function that fails or finds nothing usable is an error of its own", async () => {
    const broken = () => Promise.reject(new Error("no DNS"));
    const { error, hellos } = await connect({ ech: broken });
    expect(error).toMatchObject({
      code: "handshake/ech-lookup-failed",
      cause: new Error("no DNS"),
    });
    expect(hellos).toEqual([]);
    const nothing = await connect({ ech: () => undefined, echOtherwise: "fail" });
    expect(nothing.error?.code).toBe("handshake/ech-lookup-failed");
  });

  const wrong: [string, object][] = [
    ["a string", { ech: "yes" }],
    ["without TLS 1.3", { ech: "grease", maxVersion: "TLSv1.2" }],
    ["otherwise without a list", { ech: "grease", echOtherwise: "none" }],
    ["otherwise unknown", { ech: new Uint8Array(4), echOtherwise: "maybe" }],
  ];
  test.each(wrong)("is refused: %s", async (_, options) => {
    await expect(identities.config(options)).rejects.toMatchObject({
      code: "configuration/invalid-option",
    });
  });

  test("refuses bytes that are no list", async () => {
    const { error } = await connect({ ech: Uint8Array.of(0, 1, 2) });
    expect(error?.code).toBe("configuration/invalid-option");
  });
});

function fail(): never {
  throw new Error("there should be an error");
}
