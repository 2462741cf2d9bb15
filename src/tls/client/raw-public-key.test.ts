import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { generateKeys, type Issued } from "../../../test/authority.ts";
import { failureOf } from "../../../test/failure.ts";
import { decodeClientHello } from "../../../test/peer/client-hello.ts";
import { connectToPeer } from "../../../test/peer/connect.ts";
import { createIdentities, peerName } from "../../../test/peer/identities.ts";
import {
  type CertificateFields,
  type Extension,
  encodeCompressedCertificate,
  extension,
} from "../../../test/peer/messages.ts";
import type { Script } from "../../../test/peer/script.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { type ClientEnvironment, resolveConfig } from "../config.ts";
import { extensionType } from "../messages/extension.ts";
import { handshakeType } from "../messages/registry.ts";
import { Writer } from "../messages/writer.ts";
import type { TlsOptions } from "../options.ts";
import type { ServerToVerify } from "../presented.ts";
import type { ProtocolStep } from "../trace.ts";
import { nobody, readTrust } from "../trust.ts";
import type { TrustOptions } from "../trust-options.ts";

const identities = await createIdentities();
const identity = await identities.of();
const [key, other] = [publicKeyOf(identity), publicKeyOf({ keys: await generateKeys() })];
const roots = identities.root.certificate;

function publicKeyOf({ keys }: Pick<Issued, "keys">): Bytes {
  return new Uint8Array(keys.publicKey.export({ type: "spki", format: "der" }));
}

type Version = "TLSv1.3" | "TLSv1.2";
const X509 = 0;
const RawPublicKey = 2;
const chosen = (type: number): Extension => extension("server_certificate_type", (w) => w.u8(type));

/** A server that answers what types are offered, and shows its certificates. */
function answering(version: Version, answer: readonly Extension[]): Omit<Script, "identity"> {
  const answered = (list: readonly Extension[]) => [...list, ...answer];
  return version === "TLSv1.3"
    ? { encryptedExtensions: answered }
    : { version, serverHello: (hello) => ({ ...hello, extensions: answered(hello.extensions) }) };
}

/** A server that answers the same, and shows a key. */
function showing(
  version: Version,
  answer: readonly Extension[],
  shown: Uint8Array = key,
): Omit<Script, "identity"> {
  const body = Writer.build((w) => w.vector(3, () => w.bytes(shown)));
  return {
    ...answering(version, answer),
    ...(version === "TLSv1.3"
      ? { certificate: entries({ certificate: shown, extensions: [] }) }
      : { on: { certificate: { instead: ({ type }) => [{ type, body }] } } }),
  };
}

const entries =
  (...entries: CertificateFields["entries"]) =>
  ({ context }: CertificateFields): CertificateFields => ({ context, entries });

async function connect(
  script: Partial<Script>,
  trust: TrustOptions | undefined,
  options: TlsOptions = {},
  environment: ClientEnvironment = {},
) {
  const steps: ProtocolStep[] = [];
  const trace = (step: ProtocolStep) => void steps.push(step);
  const whom = trust === undefined ? nobody : await readTrust(trust);
  const groups = { groups: ["x25519", "secp256r1"] as const };
  const config = resolveConfig(peerName, { ...groups, ...options }, whom, {
    trace,
    ...environment,
  });
  const connection = connectToPeer(config, { identity, ...script });
  const outcome = await connection.outcome();
  const hello = decodeClientHello(outcome.received.messages[0]?.body ?? new Uint8Array());
  const offered = hello.extensions.get(extensionType.server_certificate_type);
  return { ...outcome, client: connection.client, offered, kinds: steps.map(({ kind }) => kind) };
}

describe("server_certificate_type (RFC 7250 §4.1)", () => {
  const answer = showing("TLSv1.3", [chosen(RawPublicKey)]);

  test.each<[string, TrustOptions, TlsOptions, number[] | undefined]>([
    ["keys alone", { publicKeys: [key] }, {}, [1, 2]],
    ["keys and roots", { publicKeys: [key], roots }, {}, [2, 2, 0]],
    [
      "keys and roots, in another order",
      { publicKeys: [key], roots },
      { serverCertificateTypes: ["X509", "RawPublicKey"] },
      [2, 0, 2],
    ],
    [
      "keys and roots, of which the keys are wanted",
      { publicKeys: [key], roots },
      { serverCertificateTypes: ["RawPublicKey"] },
      [1, 2],
    ],
  ])("%s", async (_, trust, options, expected) => {
    const { offered, error } = await connect(answer, trust, options);
    expect(error).toBeUndefined();
    expect([...(offered ?? [])]).toEqual(expected);
  });

  test("is left out for X.509 alone", async () => {
    expect((await connect({}, { roots })).offered).toBeUndefined();
    const wanted: TlsOptions = { serverCertificateTypes: ["X509"] };
    const { offered, info } = await connect({}, { publicKeys: [key], roots }, wanted);
    expect(offered).toBeUndefined();
    expect(info?.certificateType).toBe("X509");
  });

  test.each<[TrustOptions | undefined, TlsOptions]>([
    [{ roots }, { serverCertificateTypes: ["RawPublicKey"] }],
    [{ publicKeys: [key] }, { serverCertificateTypes: ["RawPublicKey", "X509"] }],
    [undefined, { serverCertificateTypes: ["RawPublicKey"] }],
  ])("does not ask for what nobody can verify: %#", async (trust, options) => {
    await expect(connect({}, trust, options)).rejects.toMatchObject({
      code: "configuration/invalid-option",
    });
  });
});

describe.each<Version>(["TLSv1.3", "TLSv1.2"])("%s: a server with a raw public key", (version) => {
  const raw = showing(version, [chosen(RawPublicKey)]);

  test("has no certificate to bind a channel to, but an exporter (RFC 5929 §4.1)", async () => {
    const { client } = await connect(raw, { publicKeys: [key] });
    const error = await failureOf(() => client.channelBinding("tls-server-end-point"));
    expect(error.code).toBe("configuration/invalid-state");
    expect(await client.channelBinding("tls-exporter")).toHaveLength(32);
  });

  test("is known by it", async () => {
    const { error, info, kinds } = await connect(raw, { publicKeys: [other, key] });
    expect(error).toBeUndefined();
    expect(info).toMatchObject({
      version,
      certificateType: "RawPublicKey",
      certificates: [key],
      trustedBy: "public-key",
      verifiedPath: [],
    });
    expect(kinds).toContain("public-key-known");
    expect(kinds).not.toContain("certificate-verified");
  });

  test("has another one", async () => {
    const { error, info } = await connect(raw, { publicKeys: [other] });
    expect(info).toBeUndefined();
    expect(error).toMatchObject({
      code: "certificate/unknown-key",
      alertSent: "certificate_unknown",
      certificates: [key],
    });
  });

  test("does not have the private key", async () => {
    const { error } = await connect(showing(version, [chosen(RawPublicKey)], other), {
      publicKeys: [other],
    });
    expect(error).toMatchObject({ code: "handshake/bad-signature", alertSent: "decrypt_error" });
  });

  test("is judged by the caller", async () => {
    const seen: ServerToVerify[] = [];
    const dangerousVerify = (server: ServerToVerify) => void seen.push(server);
    const { error, info } = await connect(
      raw,
      undefined,
      { serverCertificateTypes: ["RawPublicKey"] },
      { dangerousVerify },
    );
    expect(error).toBeUndefined();
    expect(seen).toEqual([
      { certificateType: "RawPublicKey", certificates: [key], servername: peerName },
    ]);
    expect(info?.certificateType).toBe("RawPublicKey");
  });

  test.each([
    ["chosen", [chosen(X509)]],
    ["left to be understood", []],
  ])("shows a certificate where both may be: %s", async (_, answer) => {
    const script = answering(version, answer);
    const { error, info } = await connect(script, { publicKeys: [key], roots });
    expect(error).toBeUndefined();
    expect(info).toMatchObject({ certificateType: "X509", certificates: identity.chain });
    expect(info?.verifiedPath).toHaveLength(1);
  });

  test("shows a certificate where none is accepted (RFC 7250 §4.2)", async () => {
    const { error } = await connect(answering(version, []), { publicKeys: [key] });
    expect(error).toMatchObject({
      code: "certificate/unsupported-type",
      alertSent: "unsupported_certificate",
    });
  });

  test.each([
    ["X.509, which was not offered", [chosen(X509)], "handshake/illegal-parameter"],
    ["another type", [chosen(1)], "handshake/illegal-parameter"],
    [
      "a list of types",
      [extension("server_certificate_type", (w) => w.u8(1).u8(RawPublicKey))],
      "handshake/decode-error",
    ],
    ["none of all types", [extension("server_certificate_type")], "handshake/decode-error"],
  ] as const)("chooses %s", async (_, answer, code) => {
    const { error } = await connect(showing(version, answer), { publicKeys: [key] });
    expect(error?.code).toBe(code);
  });

  test("chooses, though it was not asked", async () => {
    const { error } = await connect(raw, { roots });
    expect(error).toMatchObject({
      code: "handshake/unsupported-extension",
      alertSent: "unsupported_extension",
    });
  });

  test.each([
    ["nothing", new Uint8Array(), "handshake/decode-error"],
    ["a certificate instead of it", identity.certificate, "certificate/malformed"],
  ])("shows %s", async (_, shown, code) => {
    const script = showing(version, [chosen(RawPublicKey)], shown);
    const { error } = await connect(script, { publicKeys: [key] });
    expect(error?.code).toBe(code);
  });

  test("shows a key where a certificate was agreed on", async () => {
    const { error } = await connect(showing(version, [chosen(X509)]), { publicKeys: [key], roots });
    expect(["certificate/malformed", "handshake/decode-error"]).toContain(error?.code);
  });
});

describe("TLS 1.3", () => {
  test("two keys are refused (RFC 8446 §4.4.2)", async () => {
    const entry = { certificate: key, extensions: [] };
    const { error } = await connect(
      {
        ...showing("TLSv1.3", [chosen(RawPublicKey)]),
        certificate: entries(entry, entry),
      },
      { publicKeys: [key] },
    );
    expect(error).toMatchObject({ code: "handshake/illegal-parameter" });
  });

  test("no key is refused (RFC 8446 §4.4.2.4)", async () => {
    const { error } = await connect(
      {
        ...showing("TLSv1.3", [chosen(RawPublicKey)]),
        certificate: entries(),
      },
      { publicKeys: [key] },
    );
    expect(error).toMatchObject({ code: "certificate/missing", alertSent: "decode_error" });
  });

  test("a key may come compressed (RFC 8879 §4)", async () => {
    const { error, info } = await connect(
      {
        ...showing("TLSv1.3", [chosen(RawPublicKey)]),
        on: {
          certificate: {
            instead: ({ body }) => [
              {
                type: handshakeType.compressed_certificate,
                body: encodeCompressedCertificate(1, body.length, deflateSync(body)),
              },
            ],
          },
        },
      },
      { publicKeys: [key] },
    );
    expect(error).toBeUndefined();
    expect(info?.certificates).toEqual([key]);
  });
});

test.each(["ed25519", "ecdsa-p384", "rsa-2048", "rsa-pss-2048"] as const)(
  "a key of type %s",
  async (keyType) => {
    const owner = await identities.of(keyType);
    const own = publicKeyOf(owner);
    const script = { ...showing("TLSv1.3", [chosen(RawPublicKey)], own), identity: owner };
    const { error } = await connect(script, { publicKeys: [own] });
    expect(error).toBeUndefined();
  },
);
