/** Certificates and keys in PEM, and certificates attached to keys. */

import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { beforeAll, describe, expect, test, vi } from "vitest";
import {
  type Authority,
  createAuthority,
  type Issued,
  type KeyType,
} from "../../test/authority.ts";
import { make, openssl } from "../../test/command.ts";
import { failureOf } from "../../test/failure.ts";
import { platformCrypto } from "../crypto/platform.ts";
import { readSource } from "../tls/identity/source.ts";
import {
  attachCertificates,
  createCertificateRequest,
  createSelfSigned,
  generateKeys,
  importPem,
  inspectCertificate,
} from "./index.ts";

const password = "Grüße, 密码 🔑";
let root: Authority;
let intermediate: Authority;
let client: Issued;

beforeAll(async () => {
  root = await createAuthority();
  intermediate = await root.intermediate();
  client = await issue("ecdsa-p256");
});

function issue(keyType: KeyType): Promise<Issued> {
  return intermediate.issue({ names: [], commonName: "Alice", keyType });
}

/** The key in PEM by OpenSSL. */
async function keyPem(privateKey: string, args: readonly string[]): Promise<string> {
  const files = { "key.pem": privateKey, pass: password, again: password };
  const io = ["-in", "key.pem", "-out", "out.pem"];
  return (await make("out.pem", openssl([...args, ...io], files))).toString();
}

const encrypt = (...args: string[]) => ["pkcs8", "-topk8", "-passout", "file:pass", ...args];

describe("importPem", () => {
  test.each<KeyType>([
    "ecdsa-p256",
    "ecdsa-p384",
    "ecdsa-p521",
    "ed25519",
    "rsa-2048",
    "rsa-pss-2048",
  ])("takes a key of %s, encrypted or not, never to be exported", async (keyType) => {
    const { privateKey, chainPem, chain } = await issue(keyType);
    for (const key of [privateKey, await keyPem(privateKey, encrypt())]) {
      const identity = await importPem([key, chainPem], { password });
      expect(identity.certificates).toEqual(chain);
      expect([identity.key.type, identity.key.extractable]).toEqual(["private", false]);
      await expect(crypto.subtle.exportKey("pkcs8", identity.key)).rejects.toThrow();
      await readSource(identity, platformCrypto);
    }
  });

  test.each([
    ["AES-128 and SHA-1", ["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA1"]],
    ["AES-256 and SHA-512", ["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512"]],
    ["AES-192 and SHA-384", ["-v2", "aes-192-cbc", "-v2prf", "hmacWithSHA384"]],
    ["500000 rounds", ["-iter", "500000"]],
  ])("takes a key encrypted by %s", async (_, args) => {
    const key = await keyPem(client.privateKey, encrypt(...args));
    expect((await importPem(key + client.pem, { password })).certificates).toHaveLength(1);
  });

  test.each(["sec1", "pkcs1"] as const)("takes a key in the form %s", async (type) => {
    const issued = type === "sec1" ? client : await issue("rsa-2048");
    const key = createPrivateKey(issued.privateKey).export({ type, format: "pem" });
    expect((await importPem(issued.chainPem + key)).certificates).toEqual(issued.chain);
  });

  test("finds the client's own certificate and its chain in any order", async () => {
    const stranger = await createAuthority({ commonName: "stranger" });
    const pem = [root.pem, stranger.pem, intermediate.pem, client.privateKey, client.pem].join("");
    expect((await importPem(pem)).certificates).toEqual(client.chain);
  });

  test.each([
    ["a wrong password", encrypt(), "identity/wrong-password", "Grüße"],
    ["no password", encrypt(), "identity/encrypted-key", undefined],
    ["Triple DES", encrypt("-v2", "des3"), "identity/unsupported-file", password],
    ["scrypt", encrypt("-scrypt"), "identity/unsupported-file", password],
    ["PBES1", encrypt("-v1", "PBE-SHA1-3DES"), "identity/unsupported-file", password],
    [
      "OpenSSL's old way",
      ["ec", "-aes256", "-passout", "file:pass"],
      "identity/unsupported-file",
      password,
    ],
  ])("refuses a key with %s", async (_, args, code, given) => {
    const key = await keyPem(client.privateKey, args);
    const options = given === undefined ? {} : { password: given };
    const failure = await failureOf(() => importPem(key + client.pem, options));
    expect(failure.code).toBe(code);
    expect(`${failure.message} ${failure.cause}`).not.toContain("Grüße");
    if (code === "identity/unsupported-file") expect(failure.message).toContain("openssl pkcs8");
  });

  test.each<[string, () => string]>([
    ["it was imported", () => client.pem],
    ["there was no certificate", () => ""],
    ["the certificates were for others", () => intermediate.pem],
    ["a certificate was none", () => client.pem.replace(/\nMII/, "\nAAA")],
  ])("leaves nothing of a decrypted key where %s", async (_, pem) => {
    const key = await keyPem(client.privateKey, encrypt());
    const decrypting = vi.spyOn(crypto.subtle, "decrypt");
    await importPem(key + pem(), { password }).catch(() => undefined);
    const decrypted = await Promise.all(decrypting.mock.results.map(({ value }) => value));
    decrypting.mockRestore();
    expect(decrypted).toHaveLength(1);
    expect(new Uint8Array(decrypted[0])).toEqual(new Uint8Array(decrypted[0].byteLength));
  });

  test("says rightly how to convert what it refuses", async () => {
    const old = await keyPem(client.privateKey, encrypt("-v2", "des3"));
    const key = await keyPem(old, encrypt("-v2", "aes-256-cbc", "-passin", "file:again"));
    expect((await importPem(key + client.pem, { password })).certificates).toHaveLength(1);
  });

  test.each<[string, string, () => string]>([
    ["no key", "identity/bad-key", () => client.pem],
    ["two keys", "identity/bad-key", () => client.privateKey + client.privateKey + client.pem],
    ["no certificate", "identity/bad-certificate", () => client.privateKey],
    ["nothing", "identity/bad-key", () => ""],
    ["others' certificates", "identity/key-mismatch", () => client.privateKey + intermediate.pem],
    ["half a block", "identity/bad-file", () => client.privateKey + client.pem.slice(0, -20)],
    [
      "what is no certificate",
      "identity/bad-certificate",
      () => `${client.privateKey}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
    ],
    [
      "what is no key",
      "identity/bad-key",
      () => `${client.pem}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n`,
    ],
    [
      "what is nothing encrypted",
      "identity/bad-file",
      () =>
        `${client.pem}-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n`,
    ],
  ])("refuses %s", async (_, code, pem) => {
    expect(await failureOf(() => importPem(pem(), { password }))).toMatchObject({ code });
  });

  test("refuses another key of the same kind", async () => {
    for (const keyType of ["ecdsa-p256", "ed25519", "rsa-2048"] as const) {
      const [one, other] = [await issue(keyType), await issue(keyType)];
      expect(await failureOf(() => importPem(one.privateKey + other.chainPem))).toMatchObject({
        code: "identity/key-mismatch",
      });
    }
  });

  test("shows nothing of a key in its errors", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { d = "" } = privateKey.export({ format: "jwk" });
    const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const { message, cause, stack } = await failureOf(() => importPem(key + client.pem));
    const told = `${message} ${cause} ${stack}`;
    expect(told).not.toContain(Buffer.from(d, "base64url").toString("base64").slice(0, 12));
    expect(told).not.toContain(key.split("\n")[1]);
  });

  test.each([
    ["pem", [7, {}]],
    ["pem", [[7], {}]],
    ["options", ["", null]],
    ["password", ["", { password: 7 }]],
    ["friendlyName", ["", { friendlyName: "x" }]],
  ])("checks its option %s", async (option, [pem, options]) => {
    const importing = () => importPem(pem as string, options as object);
    expect(await failureOf(importing)).toMatchObject({
      code: "configuration/invalid-option",
      message: expect.stringContaining(`"${option}"`),
    });
  });
});

describe("attachCertificates", () => {
  /** The certificate that the intermediate's OpenSSL makes of a request. */
  async function signed(csr: string): Promise<string> {
    const by = ["-CA", "ca.pem", "-CAkey", "ca.key", "-copy_extensions", "copyall", "-days", "5"];
    const files = { "a.csr": csr, "ca.pem": intermediate.pem, "ca.key": intermediate.privateKey };
    const command = ["x509", "-req", "-in", "a.csr", ...by, "-out", "a.pem"];
    return (await make("a.pem", openssl(command, files))).toString();
  }

  test.each(["P-256", "P-384", "Ed25519", "RSA-2048"] as const)(
    "puts a key of %s together with what was issued for its request",
    async (algorithm) => {
      const keys = await generateKeys({ algorithm });
      const { pem } = await createCertificateRequest({ keys, subject: { commonName: "Alice" } });
      const issued = await signed(pem);
      const identity = await attachCertificates(keys.privateKey, issued + intermediate.pem);
      expect(Object.keys(identity)).toEqual(["certificates", "key"]);
      expect(identity.key).toBe(keys.privateKey);
      expect(identity.certificates[1]).toEqual(intermediate.certificate);
      const { subject, extendedKeyUsage } = await shown(identity.certificates[0]);
      expect([subject, extendedKeyUsage]).toEqual(["CN=Alice", ["1.3.6.1.5.5.7.3.2"]]);
      // In DER, in another order, with the root.
      const others = [root.certificate, ...identity.certificates.toReversed()];
      expect(await attachCertificates(keys.privateKey, others)).toEqual(identity);
    },
  );

  test("refuses certificates for another key", async () => {
    const { privateKey } = await generateKeys();
    expect(await failureOf(() => attachCertificates(privateKey, client.chainPem))).toMatchObject({
      code: "identity/key-mismatch",
    });
  });

  test("takes a certificate that the client has issued to itself", async () => {
    const keys = await generateKeys();
    const own = await createSelfSigned({ keys, subject: { commonName: "Alice" } });
    expect(await attachCertificates(keys.privateKey, own.certificates)).toEqual(own);
  });

  test.each<[string, string, unknown]>([
    ["no certificate", "identity/bad-certificate", []],
    ["text", "identity/bad-certificate", "certificate"],
    ["bytes that are none", "identity/bad-certificate", [Uint8Array.of(1)]],
    ["another thing", "configuration/invalid-option", 7],
  ])("refuses %s", async (_, code, certificates) => {
    const { privateKey } = await generateKeys();
    const attaching = () => attachCertificates(privateKey, certificates as string);
    expect(await failureOf(attaching)).toMatchObject({ code });
  });

  test("refuses what is no private key", async () => {
    const { publicKey } = await generateKeys();
    expect(await failureOf(() => attachCertificates(publicKey, client.pem))).toMatchObject({
      code: "identity/bad-key",
    });
    const attaching = () => attachCertificates("key" as unknown as CryptoKey, client.pem);
    expect(await failureOf(attaching)).toMatchObject({ code: "configuration/invalid-option" });
  });
});

async function shown(der = new Uint8Array()) {
  const certificate = await inspectCertificate(der);
  const extension = certificate.getExtension("2.5.29.37");
  const usages = extension && "usages" in extension ? extension.usages : undefined;
  return { subject: certificate.subject, extendedKeyUsage: usages };
}
