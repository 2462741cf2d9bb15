import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  bitString,
  element,
  integer,
  nothing,
  octets,
  oid,
  sequence,
} from "../../test/der-writer.ts";
import { failureOf } from "../../test/failure.ts";
import { privateKeyFromPem } from "./private-key.ts";

const pem = (label: string, der: Uint8Array) =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString("base64")}\n-----END ${label}-----\n`;
const pemOf = (key: KeyObject, type: "pkcs8" | "pkcs1" | "sec1") =>
  key.export({ type, format: "pem" }).toString();
const derOf = (key: KeyObject, type: "pkcs1" | "sec1" | "pkcs8") =>
  new Uint8Array(key.export({ type, format: "der" }));
const jwkMember = (key: KeyObject, name: "d") =>
  new Uint8Array(Buffer.from(key.export({ format: "jwk" })[name] ?? "", "base64url"));

const { privateKey: ec } = generateKeyPairSync("ec", { namedCurve: "P-384" });
const { privateKey: ed25519 } = generateKeyPairSync("ed25519");
const { privateKey: rsa } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const { privateKey: pss } = generateKeyPairSync("rsa-pss", {
  modulusLength: 2048,
  hashAlgorithm: "sha256",
  mgf1HashAlgorithm: "sha256",
});

const ecOid = oid("1.2.840.10045.2.1");
const p256 = oid("1.2.840.10045.3.1.7");
const scalar = new Uint8Array(32).fill(7);

describe("private keys in PEM", () => {
  it.each(["pkcs8", "sec1"] as const)("EC as %s", (type) => {
    const key = { kind: "ec", curve: "P-384", scalar: jwkMember(ec, "d") };
    expect(privateKeyFromPem(pemOf(ec, type))).toEqual(key);
  });

  it("EC as SEC 1 without its curve", () => {
    const der = sequence(integer(1), octets(scalar));
    const key = { kind: "ec", curve: undefined, scalar };
    expect(privateKeyFromPem(pem("EC PRIVATE KEY", der))).toEqual(key);
  });

  it("Ed25519, with its public key behind it or not (RFC 8410 §10.3)", () => {
    const key = { kind: "ed25519", seed: jwkMember(ed25519, "d") };
    expect(privateKeyFromPem(pemOf(ed25519, "pkcs8"))).toEqual(key);
    // RFC 8410 §10.3, the second example.
    const withPublicKey = `-----BEGIN PRIVATE KEY-----
MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB
Z9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PRIVATE KEY-----`;
    const seed = "d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842";
    expect(privateKeyFromPem(withPublicKey)).toEqual({
      kind: "ed25519",
      seed: new Uint8Array(Buffer.from(seed, "hex")),
    });
  });

  it.each(["pkcs8", "pkcs1"] as const)("RSA as %s", (type) => {
    const key = { kind: "rsa", rsaPrivateKey: derOf(rsa, "pkcs1") };
    expect(privateKeyFromPem(pemOf(rsa, type))).toEqual(key);
  });

  it("RSA for RSASSA-PSS alone", () => {
    expect(privateKeyFromPem(pemOf(pss, "pkcs8"))).toMatchObject({ kind: "rsa-pss" });
  });

  it("ML-DSA by its seed, alone or with what is made of it (RFC 9881 §6)", () => {
    const seed = new Uint8Array(32).fill(3);
    const key = { kind: "ml-dsa", parameters: "ML-DSA-65", seed };
    const algorithm = sequence(oid("2.16.840.1.101.3.4.3.18"));
    const info = (content: Uint8Array) =>
      pem("PRIVATE KEY", sequence(integer(0), algorithm, octets(content)));
    expect(privateKeyFromPem(info(element(0x80, seed)))).toEqual(key);
    const expanded = octets(new Uint8Array(4032));
    expect(privateKeyFromPem(info(sequence(octets(seed), expanded)))).toEqual(key);
    expect(() => privateKeyFromPem(info(expanded))).toThrow();
    expect(() => privateKeyFromPem(info(element(0x80, seed.subarray(1))))).toThrow();
  });

  it("beside other blocks", () => {
    const parameters = pem("EC PARAMETERS", oid("1.3.132.0.34"));
    const certificate = pem("CERTIFICATE", Uint8Array.of(1));
    const text = `${parameters}${pemOf(ec, "sec1")}${certificate}`;
    expect(privateKeyFromPem(text)).toMatchObject({ kind: "ec", curve: "P-384" });
  });

  it.each([
    ["PKCS#8", ec.export({ type: "pkcs8", format: "pem", cipher: "aes-128-cbc", passphrase: "x" })],
    ["SEC 1", ec.export({ type: "sec1", format: "pem", cipher: "aes-128-cbc", passphrase: "x" })],
    [
      "PKCS#1",
      rsa.export({ type: "pkcs1", format: "pem", cipher: "aes-128-cbc", passphrase: "x" }),
    ],
  ])("that are encrypted are named so: %s", async (_, text) => {
    expect(await failureOf(() => privateKeyFromPem(text.toString()))).toMatchObject({
      code: "identity/encrypted-key",
      message: expect.stringContaining("openssl pkey"),
    });
  });

  const pkcs8 = (algorithm: Uint8Array, key: Uint8Array, version = 0) =>
    pem("PRIVATE KEY", sequence(integer(version), algorithm, octets(key)));
  const sec1 = (...parts: Uint8Array[]) => pem("EC PRIVATE KEY", sequence(...parts));
  const pkcs1 = derOf(rsa, "pkcs1");

  it.each([
    ["nothing", ""],
    ["a certificate only", pem("CERTIFICATE", Uint8Array.of(1))],
    ["two keys", pemOf(ec, "sec1") + pemOf(rsa, "pkcs1")],
    ["a form that is not known", pem("DSA PRIVATE KEY", Uint8Array.of(1))],
    ["base64 that is none", pemOf(ec, "sec1").replace(/M/, "*")],
    ["a block that is cut", pemOf(ec, "sec1").slice(0, -20)],
    ["an older form under the label of PKCS#8", pem("PRIVATE KEY", pkcs1)],
    ["bytes behind it", pem("RSA PRIVATE KEY", Buffer.concat([pkcs1, Buffer.of(0)]))],
    ["a key that is cut", pem("RSA PRIVATE KEY", pkcs1.subarray(0, -1))],
    ["PKCS#8 of version 3", pkcs8(sequence(ecOid, p256), scalar, 2)],
    ["an X25519 key", pkcs8(sequence(oid("1.3.101.110")), octets(scalar))],
    ["a curve that is not known", sec1(integer(1), octets(scalar), element(0xa0, ecOid))],
    ["a number too long", sec1(integer(1), octets(scalar, scalar), element(0xa0, p256))],
    ["SEC 1 of version 2", sec1(integer(2), octets(scalar))],
    [
      "two curves",
      pkcs8(
        sequence(ecOid, p256),
        sequence(integer(1), octets(scalar), element(0xa0, oid("1.3.132.0.34"))),
      ),
    ],
    ["an Ed25519 key of 31 bytes", pkcs8(sequence(oid("1.3.101.112")), octets(scalar.subarray(1)))],
    [
      "RSA of many primes",
      pem("RSA PRIVATE KEY", sequence(integer(1), ...Array.from({ length: 9 }, () => integer(1)))),
    ],
    ["RSA without its NULL", pkcs8(sequence(oid("1.2.840.113549.1.1.1")), pkcs1)],
    ["RSA with a BIT STRING", pkcs8(sequence(oid("1.2.840.113549.1.1.1"), nothing()), bitString())],
  ])("are refused: %s", async (_, text) => {
    expect(await failureOf(() => privateKeyFromPem(text))).toMatchObject({
      code: "identity/bad-key",
    });
  });
});
