/**
 * The timestamps that rustls's `sct.rs` is tested with: of made logs with keys of each kind, over
 * the four bytes "cert", and of two real logs over a certificate of Google's of 2017.
 */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Bytes } from "../../src/crypto/bytes.ts";
import { platformCrypto } from "../../src/crypto/platform.ts";
import { readTransparency } from "../../src/tls/ct-logs.ts";
import { parseCertificate } from "../../src/x509/certificate.ts";
import { judgeTimestamp, type TimestampFault } from "../../src/x509/ct/log.ts";
import { bitString, nothing, oid, sequence } from "../der-writer.ts";
import { skipWithoutVectors, vectorPath } from "./vectors.ts";

const folder = vectorPath("sct/testdata");

/** The files hold keys without the SubjectPublicKeyInfo around them, of which a log's id is made. */
const ec = (curve: string) => (key: Bytes) =>
  sequence(sequence(oid("1.2.840.10045.2.1"), oid(curve)), bitString(key));
const p256 = ec("1.2.840.10045.3.1.7");
const rsa = (key: Bytes) =>
  sequence(sequence(oid("1.2.840.113549.1.1.1"), nothing()), bitString(key));

const logs = {
  ecdsa_p256: { file: "ecdsa-prime256v1-pub.raw", wrap: p256 },
  ecdsa_p384: { file: "ecdsa-secp384r1-pub.raw", wrap: ec("1.3.132.0.34") },
  rsa2048: { file: "rsa-2048-pub.raw", wrap: rsa },
  rsa3072: { file: "rsa-3072-pub.raw", wrap: rsa },
  rsa4096: { file: "rsa-4096-pub.raw", wrap: rsa },
  pilot: { file: "google-pilot-pubkey.bin", wrap: p256 },
  symantec: { file: "symantec-log-pubkey.bin", wrap: p256 },
} as const;
type LogName = keyof typeof logs;

/** What is expected of a timestamp, with the time it is judged at. */
interface Case {
  readonly sct: string;
  readonly logs: readonly LogName[];
  readonly now: number;
  readonly expected: LogName | TimestampFault;
}

const made: readonly LogName[] = ["ecdsa_p256", "ecdsa_p384", "rsa2048", "rsa3072", "rsa4096"];
const faults: readonly (readonly [string, TimestampFault, number])[] = [
  ["junk", "malformed", 1235],
  ["wrongid", "unknown-log", 1235],
  ["version", "unknown-version", 1235],
  ["future", "in-future", 1233],
  ["wrongext", "bad-signature", 1235],
  ["badsigalg", "bad-signature", 1235],
];

const cases: readonly Case[] = [
  ...made.flatMap((log): Case[] => [
    { sct: `${log}-basic`, logs: [log], now: 1235, expected: log },
    { sct: `${log}-wrongtime`, logs: [log], now: 1235, expected: "bad-signature" },
    { sct: `${log}-wrongcert`, logs: [log], now: 1235, expected: "bad-signature" },
  ]),
  ...faults.map(
    ([name, expected, now]): Case => ({
      sct: `ecdsa_p256-${name}`,
      logs: ["ecdsa_p256"],
      now,
      expected,
    }),
  ),
  { sct: "google-sct0", logs: ["pilot", "symantec"], now: 1499619463644, expected: "pilot" },
  { sct: "google-sct1", logs: ["pilot", "symantec"], now: 1499619463644, expected: "symantec" },
];

describe("Signed Certificate Timestamps of rustls", () => {
  if (folder === undefined) {
    skipWithoutVectors("sct/testdata");
    return;
  }
  const read = (file: string) => new Uint8Array(readFileSync(`${folder}/${file}`));
  const google = read("google-cert.bin");
  const cert = new TextEncoder().encode("cert");

  async function judge(sct: Bytes, names: readonly LogName[], now: number) {
    const known = await readTransparency({
      logs: names.map((name) => {
        const { file, wrap } = logs[name];
        return { name, operator: name, publicKey: wrap(read(file)) };
      }),
    });
    const certificate = names.includes("pilot") ? google : cert;
    const notAfter = parseCertificate(google).notAfter.getTime();
    const verdict = await judgeTimestamp(
      { delivery: "handshake", sct, entry: { kind: "certificate", certificate } },
      { logs: known.logs, now, notAfter, crypto: platformCrypto, spend: () => {} },
    );
    return "log" in verdict ? verdict.log.name : verdict.fault;
  }

  test.each(cases)("$sct: $expected", async ({ sct, logs: names, now, expected }) => {
    expect(await judge(read(`${sct}-sct.bin`.replace(/(sct\d)-sct/, "$1")), names, now)).toBe(
      expected,
    );
  });

  test("ecdsa_p256-short: malformed, cut off anywhere", async () => {
    const sct = read("ecdsa_p256-short-sct.bin");
    for (let length = 0; length < sct.length; length += 1) {
      const verdict = await judge(sct.subarray(0, length), ["ecdsa_p256"], 1234);
      expect(verdict, `${length} bytes`).toBe("malformed");
    }
  });

  test("no file is left out", () => {
    const used = new Set([
      ...cases.map(({ sct }) => (sct.startsWith("google") ? `${sct}.bin` : `${sct}-sct.bin`)),
      ...Object.values(logs).map(({ file }) => file),
      "ecdsa_p256-short-sct.bin",
      "google-cert.bin",
    ]);
    expect(readdirSync(folder).filter((file) => !used.has(file))).toEqual([]);
  });
});
