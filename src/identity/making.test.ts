/** Keys, requests and self-signed certificates, read by OpenSSL. */

import { X509Certificate } from "node:crypto";
import { afterEach, describe, expect, test, vi } from "vitest";
import { openssl, run } from "../../test/command.ts";
import { failureOf } from "../../test/failure.ts";
import { platformCrypto } from "../crypto/platform.ts";
import { readSource } from "../tls/identity/source.ts";
import { parseCertificate } from "../x509/certificate.ts";
import {
  type AlternativeNames,
  createCertificateRequest,
  createSelfSigned,
  generateKeys,
  inspectCertificate,
  type KeyAlgorithmName,
  type Subject,
} from "./index.ts";

const algorithms = ["P-256", "P-384", "Ed25519", "RSA-2048"] as const;
const subject: Subject = {
  organization: "Doe, John + Söhne",
  commonName: 'Alice "#" <a=b>\\',
  country: "DE",
};
const names: AlternativeNames = {
  dns: ["device.example.org"],
  email: ["alice@example.org"],
  ip: ["192.0.2.7", "2001:db8::7"],
  uri: ["spiffe://example.org/alice"],
};
const text = ["-noout", "-text", "-nameopt", "sep_multiline,utf8"];

afterEach(() => void vi.unstubAllGlobals());

describe("keys", () => {
  test.each([...algorithms, "RSA-3072" as const])(
    "of %s are made, and can't be read",
    async (algorithm) => {
      const { privateKey, publicKey } = await generateKeys({ algorithm });
      expect([privateKey.type, privateKey.extractable, privateKey.usages]).toEqual([
        "private",
        false,
        ["sign"],
      ]);
      await expect(crypto.subtle.exportKey("pkcs8", privateKey)).rejects.toThrow();
      expect((await crypto.subtle.exportKey("spki", publicKey)).byteLength).toBeGreaterThan(40);
    },
  );

  test("are of P-256, and can be read where that is asked for", async () => {
    const { privateKey } = await generateKeys({ extractable: true });
    expect(privateKey.algorithm).toEqual({ name: "ECDSA", namedCurve: "P-256" });
    expect((await crypto.subtle.exportKey("pkcs8", privateKey)).byteLength).toBeGreaterThan(40);
  });

  test.each([
    { algorithm: "RSA-1024" as KeyAlgorithmName },
    { extractable: 1 as unknown as boolean },
    { curve: "P-256" },
  ])("are not made from %o", async (options) => {
    expect(await failureOf(() => generateKeys(options))).toMatchObject({
      code: "configuration/invalid-option",
    });
  });
});

describe("requests", () => {
  test.each(algorithms)("by %s are what OpenSSL takes", async (algorithm) => {
    const keys = await generateKeys({ algorithm });
    const { der, pem } = await createCertificateRequest({ keys, subject, names });
    expect(Buffer.from(pem.replace(/-----.*-----/g, ""), "base64")).toEqual(Buffer.from(der));
    const found = await run(openssl(["req", "-in", "a.csr", "-verify", ...text], { "a.csr": pem }));
    expect(found.code).toBe(0);
    expect(found.text).toContain("verify OK");
    for (const line of [
      /Subject:\s+C=DE\s+O=Doe, John \+ Söhne\s+CN=Alice "#" <a=b>\\$/m,
      /X509v3 Key Usage: critical\s+Digital Signature$/m,
      /X509v3 Extended Key Usage:\s+TLS Web Client Authentication$/m,
      /DNS:device.example.org, email:alice@example.org, IP Address:192.0.2.7, IP Address:2001:DB8:0:0:0:0:0:7, URI:spiffe:/,
    ]) {
      expect(found.text).toMatch(line);
    }
    expect(found.text).not.toContain("challenge");
  });
});

describe("self-signed certificates", () => {
  test.each(algorithms)("by %s are what OpenSSL takes of clients", async (algorithm) => {
    const keys = await generateKeys({ algorithm });
    const identity = await createSelfSigned({ keys, subject, names });
    expect(Object.keys(identity)).toEqual(["certificates", "key"]);
    expect(identity.key).toBe(keys.privateKey);
    const [der = new Uint8Array()] = identity.certificates;
    const certificate = new X509Certificate(der);
    const spki = Buffer.from(await crypto.subtle.exportKey("spki", keys.publicKey));
    expect(certificate.publicKey.export({ type: "spki", format: "der" })).toEqual(spki);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    // As a connection reads it, a signature on trial included.
    await readSource(identity, platformCrypto);
    const pem = certificate.toString();
    const verify = ["verify", "-x509_strict", "-purpose", "sslclient", "-partial_chain"];
    const verified = await run(
      openssl([...verify, "-trusted", "a.pem", "a.pem"], { "a.pem": pem }),
    );
    expect(verified).toEqual({ code: 0, text: "a.pem: OK\n" });
    const shown = await run(openssl(["x509", "-in", "a.pem", ...text], { "a.pem": pem }));
    for (const line of [
      /Version: 3 /,
      /X509v3 Basic Constraints: critical\s+CA:FALSE$/m,
      /X509v3 Key Usage: critical\s+Digital Signature$/m,
      /X509v3 Extended Key Usage:\s+TLS Web Client Authentication$/m,
      /X509v3 Subject Alternative Name:\s+DNS:device.example.org, email:alice/,
    ]) {
      expect(shown.text).toMatch(line);
    }
  });

  test("have an end, and serial numbers by chance", async () => {
    const keys = await generateKeys();
    const now = Date.now();
    const read = async () => {
      const { certificates } = await createSelfSigned({ keys, subject });
      return new X509Certificate(certificates[0] ?? new Uint8Array());
    };
    const [one, other] = [await read(), await read()];
    expect(now - Date.parse(one.validFrom)).toBeGreaterThanOrEqual(60 * 60 * 1000);
    const days = (Date.parse(one.validTo) - Date.parse(one.validFrom)) / (24 * 60 * 60 * 1000);
    expect(days).toBe(365);
    for (const { serialNumber } of [one, other]) expect(serialNumber).toMatch(/^[4-7].{31}$/);
    expect(one.serialNumber).not.toBe(other.serialNumber);
  });

  test("have the term that is asked for, beyond 2049 too", async () => {
    const keys = await generateKeys();
    const term = { notBefore: new Date("2049-12-31T23:59:59Z"), notAfter: new Date("2050-01-01Z") };
    const { certificates } = await createSelfSigned({ keys, subject, ...term });
    expect(parseCertificate(Uint8Array.from(certificates[0] ?? []))).toMatchObject(term);
  });

  test("without a subject are named by their names, which are critical then", async () => {
    const keys = await generateKeys();
    const { certificates } = await createSelfSigned({ keys, names: { email: ["a@example.org"] } });
    const pem = new X509Certificate(certificates[0] ?? new Uint8Array()).toString();
    const shown = await run(openssl(["x509", "-in", "a.pem", ...text], { "a.pem": pem }));
    expect(shown.text).toMatch(/Subject Alternative Name: critical\s+email:a@example.org$/m);
  });
});

describe("what can't be in a certificate", () => {
  const wrong: [string, object][] = [
    ["names", { names: { dns: ["bücher.example"] } }],
    ["names.ip", { names: { ip: ["192.0.2.0/24"] } }],
    ["names.ip", { names: { ip: ["1:2"] } }],
    ["names.email", { names: { email: "alice@example.org" } }],
    ["othername", { names: { othername: ["x"] } }],
    ["subject.commonName", { subject: { commonName: "a".repeat(65) } }],
    ["subject.commonName", { subject: { commonName: "" } }],
    ["subject.commonName", { subject: { commonName: 5 } }],
    ["subject.commonName", { subject: { commonName: "\ud800" } }],
    ["subject.country", { subject: { country: "DEU" } }],
    ["subject.emailAddress", { subject: { emailAddress: "ä@example.org" } }],
    ["CN", { subject: { CN: "Alice" } }],
    ["subject", { subject: "CN=Alice" }],
    ["subject", {}],
    ["keys", { subject: { commonName: "Alice" }, keys: {} }],
    ["days", { subject: { commonName: "Alice" }, days: 5 }],
    ["notAfter", { subject: { commonName: "Alice" }, notAfter: new Date(0) }],
    ["notAfter", { subject: { commonName: "Alice" }, notAfter: new Date(Number.NaN) }],
  ];
  test.each(wrong)("is refused by its option %s: %o", async (option, given) => {
    const keys = await generateKeys();
    const making = () => createSelfSigned({ keys, ...given });
    const { code, message } = await failureOf(making);
    expect(code).toBe("configuration/invalid-option");
    expect(message).toContain(`"${option}`);
  });

  test("is a public key instead of a pair", async () => {
    const { publicKey } = await generateKeys();
    const keys = { publicKey, privateKey: publicKey };
    const making = () => createCertificateRequest({ keys, subject });
    expect(await failureOf(making)).toMatchObject({ code: "configuration/invalid-option" });
  });

  test("is a key of Diffie and Hellman's", async () => {
    const dh = { name: "ECDH", namedCurve: "P-256" };
    const keys = await crypto.subtle.generateKey(dh, false, ["deriveBits"]);
    const making = () => createCertificateRequest({ keys, subject });
    expect(await failureOf(making)).toMatchObject({ code: "configuration/invalid-option" });
  });
});

describe("inspectCertificate", () => {
  test("shows what is in a certificate, in DER or PEM", async () => {
    const { certificates } = await createSelfSigned({ keys: await generateKeys(), subject, names });
    const [der = new Uint8Array()] = certificates;
    const shown = await inspectCertificate(der);
    expect(shown.subjectName.getField("CN")).toEqual([subject.commonName]);
    expect(await shown.verify({ signatureOnly: true })).toBe(true);
    const again = await inspectCertificate(shown.toString("pem"));
    expect(new Uint8Array(again.rawData)).toEqual(der);
  });

  test.each([
    ["nothing", new Uint8Array()],
    ["something else", Uint8Array.of(0x30, 0x03, 0x02, 0x01, 0x07)],
    ["no PEM", "certificate"],
  ])("refuses %s", async (_, given) => {
    expect(await failureOf(() => inspectCertificate(given))).toMatchObject({
      code: "certificate/malformed",
    });
  });

  test.each([null, undefined, 5])("refuses %s", async (given) => {
    expect(await failureOf(() => inspectCertificate(given as never))).toMatchObject({
      code: "configuration/invalid-option",
    });
  });
});

test("without WebCrypto, that is said", async () => {
  const keys = await generateKeys();
  vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
  for (const making of [
    () => generateKeys(),
    () => createCertificateRequest({ keys, subject }),
    () => createSelfSigned({ keys, subject }),
  ]) {
    expect(await failureOf(making)).toMatchObject({ code: "configuration/unsupported-platform" });
  }
});
