/**
 * What a page has to load, in bytes: of the page's script, of the worker's, and of what either loads
 * when it is needed.
 *
 * @module
 */

import {
  type Bundle,
  bundle,
  bundleWorker,
  loadedFor,
  ordinary,
  type Size,
  totalSize,
} from "../test/bundle.ts";
import type { Benchmark } from "./report.ts";

/** What is loaded on demand, by what it is loaded for. Files that others share count with each. */
const subjects: Readonly<Record<string, string>> = {
  "src/tls/client/tls12.ts": "TLS 1.2",
  "src/roots/index.ts": "roots (Mozilla's)",
  "src/tls/session/encoding.ts": "sessions as bytes",
  "src/worker/session-database.ts": "sessions that outlive the page",
  "src/tls/client/stapled-status.ts": "OCSP responses",
  "src/tls/given-trust.ts": "roots and keys of the caller's",
  "src/tls/given-revocation.ts": "CRLs of the caller's",
  "src/x509/crl/condition.ts": "what CRLs say of a path",
  "src/x509/pins.ts": "pins",
  "src/tls/ct-logs.ts": "Certificate Transparency: logs",
  "src/x509/ct/transparency.ts": "Certificate Transparency: timestamps",
  "src/x509/constraints.ts": "name constraints",
  "src/x509/path-failures.ts": "what is said of failed paths",
  "src/worker/spelling.ts": "what errors say",
  "src/worker/bulk.ts": "large downloads",
  "src/tls/client/retry.ts": "HelloRetryRequest",
  "src/tls/client/known-peer.ts": "certificates and keys trusted as they are",
  "src/x509/issuer-lookup.ts": "issuers that a server left out",
  "src/tls/identity/read.ts": "identities of the client's",
  "src/tls/client/client-auth.ts": "client authentication",
  "src/crypto/webcrypto/signing.ts": "signing by WebCrypto",
  "src/tls/client/external-psk.ts": "external PSKs",
  "src/tls/client/early-data.ts": "early data",
  "src/tls/client/ech.ts": "Encrypted Client Hello",
  "src/crypto/hpke/sender.ts": "HPKE",
  "src/tls/client/compressed-certificate.ts": "compressed certificates",
  "src/tls/compression/brotli.ts": "brotli",
  "src/tls/channel-binding.ts": "channel bindings",
  "src/crypto/noble/hash.ts": "hashes and HMAC in JavaScript",
  "src/crypto/noble/aes-gcm.ts": "AES-GCM in JavaScript",
  "src/crypto/noble/chacha20-poly1305.ts": "ChaCha20-Poly1305 in JavaScript",
  "src/crypto/noble/curve25519.ts": "X25519 and Ed25519 in JavaScript",
  "src/crypto/noble/nist.ts": "NIST's curves in JavaScript",
  "src/crypto/noble/rsa.ts": "RSA in JavaScript",
  "src/crypto/noble/ml-kem.ts": "ML-KEM in JavaScript",
  "src/crypto/noble/ml-dsa.ts": "ML-DSA in JavaScript",
};

/** It needs no second run: the same source has the same size. */
export const size: Benchmark = async () => {
  const page = await bundle("src/index.ts");
  const worker = await bundleWorker();
  const decryption = await bundle("src/worker/decryption/entry.ts");
  const identity = await bundle("src/identity/index.ts");
  const loads = (of: Bundle, module: string) => totalSize(loadedFor(of, [module]));
  const data: Record<string, Size> = {
    "page entry": totalSize(page.entry),
    "worker entry": totalSize(worker.entry),
    "worker, ordinary handshake": totalSize([...worker.entry, ...loadedFor(worker, ordinary)]),
    ...Object.fromEntries(
      Object.entries(subjects).map(([module, what]) => [what, loads(worker, module)]),
    ),
    "worker that decrypts": totalSize(decryption.entry),
    "webtls/identity entry": totalSize(identity.entry),
    "webtls/identity, @peculiar/x509": loads(identity, moduleOf(identity, "@peculiar/x509")),
    "webtls/identity, pkijs": loads(identity, moduleOf(identity, "pkijs")),
  };
  const rows = Object.entries(data).map(([what, { gzip, minified }]) => [
    what,
    gzip.toLocaleString("en-US"),
    minified.toLocaleString("en-US"),
  ]);
  const columns = ["loaded", "gzip, bytes", "minified, bytes"];
  return [{ title: "Size of the scripts", columns, rows, notes, data }];
};

const notes = [
  "An ordinary handshake is the worker's entry and TLS 1.2, without the roots.",
  "What comes below it is loaded when it is needed, and counts with the files that it shares.",
];

/** A module of a package. */
function moduleOf({ lazy }: Bundle, name: string): string {
  const modules = lazy.flatMap((part) => part.modules);
  return modules.find((id) => id.includes(`node_modules/${name}/`)) ?? name;
}
