/**
 * What readers read that is no certificate: keys, PEM, lists.
 *
 * @module
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, concat } from "../../../src/crypto/bytes.ts";
import { element, integer, nothing, octets, oid, sequence } from "../../der-writer.ts";
import { ed25519Signer, p256Signer, rsaPrivateKey } from "./signers.ts";

/** A SignedCertificateTimestampList (RFC 6962 §3.3). */
export function listOf(timestamps: readonly Bytes[]): Bytes {
  const items = timestamps.map((one) => concat(Uint8Array.of(one.length >> 8, one.length), one));
  const body = concat(...items);
  return concat(Uint8Array.of(body.length >> 8, body.length), body);
}

/** JSON as Google publishes it, of two logs. */
export function logList(): Bytes {
  const logs = ["one", "other"].map((description) => {
    const { publicKey } = p256Signer(description);
    return {
      description,
      log_id: Buffer.from(sha256(publicKey)).toString("base64"),
      key: Buffer.from(publicKey).toString("base64"),
      state: {
        [description === "one" ? "usable" : "retired"]: { timestamp: "2025-01-01T00:00:00Z" },
      },
      temporal_interval: {
        start_inclusive: "2025-01-01T00:00:00Z",
        end_exclusive: "2027-01-01T00:00:00Z",
      },
    };
  });
  const list = { version: "1", operators: [{ name: "operator", logs, tiled_logs: logs }] };
  return new TextEncoder().encode(JSON.stringify(list));
}

/** A block of PEM with lines as OpenSSL writes them. */
export function pem(label: string, der: Bytes): Bytes {
  const lines = Buffer.from(der).toString("base64").replace(/.{64}/g, "$&\n");
  const text = `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** Each with the label of its form. */
export function privateKeys(): readonly (readonly [label: string, der: Bytes])[] {
  const rsa = rsaPrivateKey("key");
  const seed = new Uint8Array(32).fill(7);
  const inPkcs8 = (algorithm: Bytes, key: Bytes) => sequence(integer(0), algorithm, octets(key));
  return [
    ["PRIVATE KEY", p256Signer("key").privateKey],
    ["PRIVATE KEY", ed25519Signer("key").privateKey],
    ["PRIVATE KEY", inPkcs8(sequence(oid("1.2.840.113549.1.1.1"), nothing()), rsa)],
    ["PRIVATE KEY", inPkcs8(sequence(oid("1.2.840.113549.1.1.10")), rsa)],
    ["PRIVATE KEY", inPkcs8(sequence(oid("2.16.840.1.101.3.4.3.17")), element(0x80, seed))],
    ["RSA PRIVATE KEY", rsa],
    [
      "EC PRIVATE KEY",
      sequence(integer(1), octets(seed), element(0xa0, oid("1.2.840.10045.3.1.7"))),
    ],
  ];
}

/** RSASSA-PSS with SHA-256 throughout (RFC 4055 §3.1). */
export function pssAlgorithm(): Bytes {
  const sha256 = sequence(oid("2.16.840.1.101.3.4.2.1"), nothing());
  const parameters = sequence(
    element(0xa0, sha256),
    element(0xa1, sequence(oid("1.2.840.113549.1.1.8"), sha256)),
    element(0xa2, integer(32)),
  );
  return sequence(oid("1.2.840.113549.1.1.10"), parameters);
}
