import { describe, expect, test } from "vitest";
import {
  checkTlsOptions,
  cipherSuiteNames,
  inRange,
  type TlsOptions,
  versionOfSuite,
} from "./options.ts";
import { checkRareOptions } from "./rare-options.ts";

const invalid = (option: string) =>
  expect.objectContaining({
    code: "configuration/invalid-option",
    message: expect.stringContaining(`"${option}"`),
  });

function check(options: TlsOptions): void {
  checkTlsOptions(options);
  checkRareOptions(options);
}

describe("options of a connection", () => {
  test("none, and all of them", () => {
    check({});
    check({
      servername: "example.org",
      alpn: ["h2", "http/1.1"],
      minVersion: "TLSv1.2",
      maxVersion: "TLSv1.3",
      cipherSuites: cipherSuiteNames,
      groups: ["secp384r1", "x25519"],
      requireExtendedMasterSecret: true,
      signatureSchemes: ["ed25519", "rsa_pkcs1_sha256"],
      certificateCompression: [],
      serverCertificateTypes: ["RawPublicKey", "X509"],
      ocspStapling: true,
      signedCertificateTimestamps: false,
      grease: true,
      maxFragmentSize: 32,
      recordSizeLimit: 16385,
      recordPadding: 1,
    });
  });

  // What JavaScript callers may pass, beyond what the types allow.
  const wrong: [string, object][] = [
    ["servername", { servername: "" }],
    ["servername", { servername: 7 }],
    ["alpn", { alpn: "h2" }],
    ["alpn", { alpn: [""] }],
    ["alpn", { alpn: ["é".repeat(128)] }],
    ["minVersion", { minVersion: "TLSv1.1" }],
    ["maxVersion", { maxVersion: 0x0304 }],
    ["minVersion", { minVersion: "TLSv1.3", maxVersion: "TLSv1.2" }],
    ["cipherSuites", { cipherSuites: [] }],
    ["cipherSuites", { cipherSuites: ["TLS_RSA_WITH_AES_128_CBC_SHA"] }],
    ["cipherSuites", { cipherSuites: ["TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"] }],
    ["cipherSuites", { cipherSuites: ["TLS_AES_128_GCM_SHA256"], maxVersion: "TLSv1.2" }],
    ["groups", { groups: ["P-256"] }],
    ["groups", { groups: [] }],
    ["groups", { groups: ["X25519MLKEM768"], maxVersion: "TLSv1.2" }],
    ["requireExtendedMasterSecret", { requireExtendedMasterSecret: 1 }],
    ["signatureSchemes", { signatureSchemes: [] }],
    ["signatureSchemes", { signatureSchemes: "ed25519" }],
    ["signatureSchemes", { signatureSchemes: ["rsa_pkcs1_sha1"] }],
    ["signatureSchemes", { signatureSchemes: ["ed25519", "ed25519"] }],
    ["signatureSchemes", { signatureSchemes: ["rsa_pkcs1_sha256"], minVersion: "TLSv1.3" }],
    ["certificateCompression", { certificateCompression: ["zstd"] }],
    ["certificateCompression", { certificateCompression: "zlib" }],
    ["serverCertificateTypes", { serverCertificateTypes: [] }],
    ["serverCertificateTypes", { serverCertificateTypes: ["OpenPGP"] }],
    ["ocspStapling", { ocspStapling: "yes" }],
    ["ocspStapling", { ocspStapling: "" }],
    ["signedCertificateTimestamps", { signedCertificateTimestamps: 1 }],
    ["grease", { grease: "yes" }],
    ["maxFragmentSize", { maxFragmentSize: 31 }],
    ["maxFragmentSize", { maxFragmentSize: 16385 }],
    ["maxFragmentSize", { maxFragmentSize: 100.5 }],
    ["recordSizeLimit", { recordSizeLimit: 63 }],
    ["recordSizeLimit", { recordSizeLimit: 16386 }],
    ["recordPadding", { recordPadding: 0 }],
    ["recordPadding", { recordPadding: "16" }],
    ["rejectUnauthorized", { rejectUnauthorized: false }],
  ];
  test.each(wrong)("names the bad option %s: %j", (option, options) => {
    expect(() => check(options as TlsOptions)).toThrow(invalid(option));
  });

  test("leaves the caller's own options to the caller", () => {
    checkTlsOptions({ signal: undefined } as TlsOptions, ["signal"]);
  });
});

test("suites belong to versions, versions to ranges", () => {
  expect(versionOfSuite("TLS_AES_128_GCM_SHA256")).toBe("TLSv1.3");
  expect(versionOfSuite("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")).toBe("TLSv1.2");
  expect(inRange("TLSv1.2", "TLSv1.3")).toBe(false);
  expect(inRange("TLSv1.3", undefined, "TLSv1.2")).toBe(false);
  expect(inRange("TLSv1.3")).toBe(true);
});
