/**
 * What other projects keep for their tests, where it is there: the folder that `WEBTLS_VECTORS`
 * names.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Bytes } from "../../../src/crypto/bytes.ts";

/** Longest file that is taken: those of the parsers' corpora are some kilobytes long. */
const longest = 20_000;

/** Certificates, as far as they are some, in DER. */
export function outsideCertificates(folder = process.env.WEBTLS_VECTORS): Bytes[] {
  if (folder === undefined || folder === "") return [];
  const corpora = ["cert_corpus", "parse_certificate_fuzzer_corpus"];
  return [
    ...corpora.flatMap((name) => filesOf(join(folder, "fuzz-corpora", name)).map(read)),
    ...filesOf(join(folder, "pkits", "certs")).map(read),
    ...filesOf(join(folder, "boringssl-pki"))
      .filter((path) => path.endsWith(".pem"))
      .flatMap((path) => blocksOf(readFileSync(path, "latin1"))),
  ].filter(({ length }) => length <= longest);
}

function read(path: string): Bytes {
  return new Uint8Array(readFileSync(path));
}

/** Their paths, the same each time. */
function filesOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return names.map((name) => join(folder, name)).filter((path) => statSync(path).isFile());
}

/** The certificates of a text with blocks of PEM. */
function blocksOf(text: string): Bytes[] {
  const blocks = text.matchAll(/-----BEGIN CERTIFICATE-----([^-]*)-----END/g);
  return [...blocks].map(([, base64 = ""]) => new Uint8Array(Buffer.from(base64, "base64")));
}
