import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";
import { describe, expect, it, test } from "vitest";
import {
  createAuthority,
  generateKeys,
  type Issued,
  type KeyType,
} from "../../../test/authority.ts";
import {
  bitString,
  certificateOf,
  element,
  integer,
  octets,
  oid,
  sequence,
} from "../../../test/der-writer.ts";
import { failureOf } from "../../../test/failure.ts";
import { signBy } from "../../../test/peer/signing.ts";
import { nobleCrypto } from "../../crypto/noble.ts";
import { platformCrypto } from "../../crypto/platform.ts";
import { TlsError } from "../../errors.ts";
import type { SignatureScheme } from "../signature-scheme.ts";
import type { Identities, IdentityRequest, IdentitySelector } from "./identity.ts";
import { readSource } from "./source.ts";

const root = await createAuthority();
const clients = new Map<KeyType, Promise<Issued>>();

function clientOf(keyType: KeyType): Promise<Issued> {
  const known = clients.get(keyType) ?? root.issue({ names: [], keyType });
  clients.set(keyType, known);
  return known;
}

const request: IdentityRequest = {
  version: "TLSv1.3",
  servername: "server.example",
  certificateType: "X509",
  authorities: [],
  signatureSchemes: ["ed25519"],
};

/** The one identity that a server could be shown. */
async function usable(option: Identities | IdentitySelector, crypto = platformCrypto) {
  const [identity, ...others] = await (await readSource(option, crypto)).select(request);
  if (identity === undefined || others.length > 0) throw new Error("not one identity");
  return identity;
}

const names = (schemes: readonly SignatureScheme[]) => schemes.map(({ name }) => name);
const cryptoKeyOf = (client: Issued, algorithm: object, usages: KeyUsage[] = ["sign"]) =>
  crypto.subtle.importKey(
    "pkcs8",
    client.keys.privateKey.export({ type: "pkcs8", format: "der" }),
    algorithm as EcKeyImportParams,
    false,
    usages,
  );

describe("what a key signs by, most wanted first", () => {
  it.each<[KeyType, string[]]>([
    ["ecdsa-p384", ["ecdsa_secp384r1_sha384", "ecdsa_secp256r1_sha256", "ecdsa_secp521r1_sha512"]],
    ["ed25519", ["ed25519"]],
    [
      "rsa-2048",
      [
        "rsa_pss_rsae_sha256",
        "rsa_pss_rsae_sha384",
        "rsa_pss_rsae_sha512",
        "rsa_pkcs1_sha256",
        "rsa_pkcs1_sha384",
        "rsa_pkcs1_sha512",
      ],
    ],
    ["rsa-pss-2048", ["rsa_pss_pss_sha256", "rsa_pss_pss_sha384", "rsa_pss_pss_sha512"]],
  ])("%s in PEM", async (keyType, expected) => {
    const { chain, privateKey: key } = await clientOf(keyType);
    expect(names((await usable({ certificates: chain, key })).schemes)).toEqual(expected);
  });

  it("as the caller wants it", async () => {
    const { chain, privateKey: key } = await clientOf("rsa-2048");
    const signatureSchemes = ["rsa_pkcs1_sha512", "ed25519", "rsa_pss_rsae_sha256"] as const;
    const { schemes } = await usable({ certificates: chain, key, signatureSchemes });
    expect(names(schemes)).toEqual(["rsa_pkcs1_sha512", "rsa_pss_rsae_sha256"]);
  });

  it("what a CryptoKey is bound to", async () => {
    const client = await clientOf("rsa-2048");
    const key = await cryptoKeyOf(client, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-384" });
    const { schemes } = await usable({ certificates: client.chain, key });
    expect(names(schemes)).toEqual(["rsa_pkcs1_sha384"]);
  });

  it("what an external signer offers of what goes with the certificate", async () => {
    const { chain } = await clientOf("ed25519");
    const key = {
      schemes: ["ecdsa_secp256r1_sha256", "ed25519"] as const,
      sign: () => new Uint8Array(64),
    };
    expect(names((await usable({ certificates: chain, key })).schemes)).toEqual(["ed25519"]);
  });

  it("a key marked for one hash, by that alone (RFC 4055 §3.3)", async () => {
    const pair = generateKeyPairSync("rsa-pss", {
      modulusLength: 2048,
      hashAlgorithm: "sha384",
      mgf1HashAlgorithm: "sha384",
    });
    const publicKey = pair.publicKey.export({ type: "spki", format: "pem" }).toString();
    const key = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    expect(names((await usable({ publicKey, key })).schemes)).toEqual(["rsa_pss_pss_sha384"]);
  });
});

test("a key of ML-DSA signs by its parameter set", async () => {
  const seed = new Uint8Array(32).fill(9);
  const algorithm = sequence(oid("2.16.840.1.101.3.4.3.17"));
  const info = sequence(integer(0), algorithm, octets(element(0x80, seed)));
  const key = `-----BEGIN PRIVATE KEY-----\n${Buffer.from(info).toString("base64")}\n-----END PRIVATE KEY-----`;
  const spki = (from: Uint8Array) =>
    sequence(algorithm, bitString(ml_dsa44.keygen(from).publicKey));
  expect(names((await usable({ publicKey: spki(seed), key })).schemes)).toEqual(["mldsa44"]);
  const other = { publicKey: spki(new Uint8Array(32)), key };
  expect(await failureOf(() => usable(other))).toMatchObject({ code: "identity/key-mismatch" });
});

test("an EC key is made whole where its leading zeros were left out (RFC 5915 §3)", async () => {
  const sec1 = (scalar: Uint8Array) =>
    sequence(integer(1), octets(scalar), element(0xa0, oid("1.2.840.10045.3.1.7")));
  const whole = new Uint8Array(32);
  whole.set([1, 2, 3], 29);
  const privateKey = createPrivateKey({
    key: Buffer.from(sec1(whole)),
    format: "der",
    type: "sec1",
  });
  const keys = { type: "ecdsa-p256", privateKey, publicKey: createPublicKey(privateKey) } as const;
  const client = await root.issue({ names: [], keys });
  const short = Buffer.from(sec1(whole.subarray(29))).toString("base64");
  const key = `-----BEGIN EC PRIVATE KEY-----\n${short}\n-----END EC PRIVATE KEY-----\n`;
  expect(await usable({ certificates: client.chain, key })).toBeDefined();
});

test("without WebCrypto, ECDSA and Ed25519 sign in JavaScript, and RSA is refused", async () => {
  for (const keyType of ["ecdsa-p256", "ecdsa-p521", "ed25519"] as const) {
    const { chain, privateKey: key } = await clientOf(keyType);
    expect(await usable({ certificates: chain, key }, nobleCrypto)).toBeDefined();
  }
  const { chain, privateKey: key } = await clientOf("rsa-2048");
  const attempt = () => usable({ certificates: chain, key }, nobleCrypto);
  expect(await failureOf(attempt)).toMatchObject({ code: "configuration/unsupported-platform" });
});

describe("key and certificate that do not belong together", () => {
  it.each<[string, KeyType, KeyType]>([
    ["two of one kind", "ecdsa-p256", "ecdsa-p256"],
    ["two RSA keys", "rsa-2048", "rsa-2048"],
    ["two Ed25519 keys", "ed25519", "ed25519"],
    ["two curves", "ecdsa-p256", "ecdsa-p384"],
    ["two kinds", "rsa-2048", "ed25519"],
    ["a key for PSS alone", "rsa-2048", "rsa-pss-2048"],
  ])("in PEM: %s", async (_, certificateType, keyType) => {
    const [client, other] = await Promise.all([clientOf(certificateType), generateKeys(keyType)]);
    const key = other.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    expect(await failureOf(() => usable({ certificates: client.chain, key }))).toMatchObject({
      code: "identity/key-mismatch",
    });
  });

  it("a CryptoKey, of the same kind and of others", async () => {
    const client = await clientOf("ecdsa-p256");
    for (const algorithm of [
      { name: "ECDSA", namedCurve: "P-256" },
      { name: "ECDSA", namedCurve: "P-384" },
      { name: "Ed25519" },
    ]) {
      const pair = (await crypto.subtle.generateKey(algorithm as EcKeyGenParams, false, [
        "sign",
        "verify",
      ])) as CryptoKeyPair;
      const identity = { certificates: client.chain, key: pair.privateKey };
      expect(await failureOf(() => usable(identity))).toMatchObject({
        code: "identity/key-mismatch",
      });
    }
  });

  it("the chain in the wrong order", async () => {
    const intermediate = await root.intermediate();
    const client = await intermediate.issue({ names: [] });
    const certificates = [...client.chain].reverse();
    const identity = { certificates, key: client.privateKey };
    expect(await failureOf(() => usable(identity))).toMatchObject({
      code: "identity/key-mismatch",
      message: expect.stringContaining("first"),
    });
  });
});

describe("what can't be used is named", () => {
  const publicKeyOf = (client: Issued) =>
    client.keys.publicKey.export({ type: "spki", format: "pem" }).toString();

  it.each<[string, (client: Issued) => Promise<Identities> | Identities, string]>([
    [
      "no certificate",
      ({ privateKey: key }) => ({ certificates: [Uint8Array.of(1, 2)], key }),
      "identity/bad-certificate",
    ],
    [
      "a private key among the certificates",
      ({ pem, privateKey: key }) => ({ certificates: pem + key, key }),
      "identity/bad-certificate",
    ],
    [
      "a certificate above it that is none, where its issuer matters",
      ({ chain, privateKey: key }) => ({
        certificates: [...chain, Uint8Array.of(1)],
        key,
        onlyForItsAuthorities: true,
      }),
      "identity/bad-certificate",
    ],
    [
      "a point on no curve",
      ({ privateKey: key }) => ({ certificates: [certificateOf()], key }),
      "identity/key-mismatch",
    ],
    [
      "no public key",
      ({ privateKey: key }) => ({ publicKey: Uint8Array.of(1), key }),
      "identity/bad-certificate",
    ],
    [
      "two public keys",
      (client) => ({ publicKey: publicKeyOf(client).repeat(2), key: client.privateKey }),
      "identity/bad-certificate",
    ],
    ["no private key", ({ chain, pem }) => ({ certificates: chain, key: pem }), "identity/bad-key"],
    [
      "schemes that the key can't do",
      ({ chain, privateKey: key }) => ({
        certificates: chain,
        key,
        signatureSchemes: ["ed25519", "rsa_pss_pss_sha256"],
      }),
      "configuration/invalid-option",
    ],
    [
      "a signer without a scheme for the certificate",
      ({ chain }) => ({
        certificates: chain,
        key: { schemes: ["ed25519"], sign: () => new Uint8Array(64) },
      }),
      "identity/bad-key",
    ],
    [
      "a CryptoKey that does not sign",
      async (client) => ({
        certificates: client.chain,
        key: await cryptoKeyOf(client, { name: "ECDH", namedCurve: "P-256" }, ["deriveBits"]),
      }),
      "identity/bad-key",
    ],
  ])("%s", async (_, make, code) => {
    const identity = await make(await clientOf("ecdsa-p256"));
    expect(await failureOf(() => usable(identity))).toMatchObject({ code });
  });

  it("an RSA CryptoKey for SHA-1", async () => {
    const client = await clientOf("rsa-2048");
    const key = await cryptoKeyOf(client, { name: "RSA-PSS", hash: "SHA-1" });
    const attempt = () => usable({ certificates: client.chain, key });
    expect(await failureOf(attempt)).toMatchObject({ code: "identity/bad-key" });
  });

  it("a short RSA key", async () => {
    const { chain, privateKey: key } = await clientOf("rsa-1024");
    expect(await failureOf(() => usable({ certificates: chain, key }))).toMatchObject({
      code: "identity/bad-certificate",
      message: expect.stringContaining("1024 bits"),
    });
  });
});

describe("a function that chooses", () => {
  it("may give an identity, or several, or none", async () => {
    const { chain, privateKey: key } = await clientOf("ed25519");
    const identity = { certificates: chain, key };
    expect(await usable(() => identity)).toMatchObject({ certificateType: "X509" });
    const several = await readSource(async () => [identity, identity], platformCrypto);
    expect(await several.select(request)).toHaveLength(2);
    const none = await readSource(() => undefined, platformCrypto);
    expect(await none.select(request)).toEqual([]);
  });

  it.each<[string, () => unknown]>([
    ["throws", () => Promise.reject(new Error("cancelled"))],
    ["gives no identity", () => ({})],
    ["gives null", () => null],
    ["gives another function", () => () => undefined],
  ])("fails in its own words where it %s", async (_, selector) => {
    const source = await readSource(selector as IdentitySelector, platformCrypto);
    expect(await failureOf(() => source.select(request))).toMatchObject({
      code: "identity/selection-failed",
      cause: expect.any(Error),
    });
  });

  it("fails by the TlsError it throws, and by what is wrong with the identity it gives", async () => {
    const thrown = new TlsError("aborted", "The user has cancelled.");
    const throwing = await readSource(() => Promise.reject(thrown), platformCrypto);
    expect(await failureOf(() => throwing.select(request))).toBe(thrown);
    const { chain } = await clientOf("ed25519");
    const { privateKey: key } = await clientOf("ecdsa-p256");
    const mistaken = await readSource(() => ({ certificates: chain, key }), platformCrypto);
    expect(await failureOf(() => mistaken.select(request))).toMatchObject({
      code: "identity/key-mismatch",
    });
  });
});

test("the types to offer are those of the identities, in their order", async () => {
  const client = await clientOf("ecdsa-p256");
  const certificate = { certificates: client.chain, key: client.privateKey };
  const spki = client.keys.publicKey.export({ type: "spki", format: "der" });
  const raw = { publicKey: new Uint8Array(spki), key: client.privateKey };
  const typesOf = async (option: Identities | IdentitySelector) =>
    (await readSource(option, platformCrypto)).certificateTypes;
  expect(await typesOf([raw, certificate, raw])).toEqual(["RawPublicKey", "X509"]);
  expect(await typesOf(certificate)).toEqual(["X509"]);
  expect(await typesOf(() => raw)).toEqual(["X509"]);
  expect((await usable(raw)).certificates).toEqual([new Uint8Array(spki)]);
});

test("an external signer's copy of the content is its own", async () => {
  const client = await clientOf("ecdsa-p256");
  const sign = (_: string, content: Uint8Array) => {
    const signature = signBy(0x0403, client.keys.privateKey, content);
    content.fill(0);
    return signature;
  };
  const { schemes, sign: signed } = await usable({
    certificates: client.chain,
    key: { schemes: ["ecdsa_secp256r1_sha256"], sign },
  });
  const [scheme] = schemes;
  if (scheme === undefined) throw new Error("no scheme");
  const content = new TextEncoder().encode("content");
  expect((await signed(scheme, content))[0]).toBe(0x30);
  expect(new TextDecoder().decode(content)).toBe("content");
});
