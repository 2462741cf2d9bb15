/**
 * What other projects keep for their tests, where it is there: the folder that `WEBTLS_VECTORS`
 * names.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Bytes } from "../../../src/crypto/bytes.ts";
import type { Seeds } from "./readers.ts";

/** Longest file that is taken: those of the parsers' corpora are some kilobytes long. */
const longest = 20_000;

/** All of it, as far as it is what its folder says. */
export function outsideSeeds(folder = process.env.WEBTLS_VECTORS): Partial<Seeds> {
  if (folder === undefined || folder === "") return {};
  const corpus = (name: string) => filesOf(join(folder, "fuzz-corpora", name)).map(read);
  const pems = filesOf(join(folder, "boringssl-pki")).filter((path) => path.endsWith(".pem"));
  const isShort = ({ length }: Bytes) => length <= longest;
  return {
    certificates: [
      ...corpus("cert_corpus"),
      ...corpus("parse_certificate_fuzzer_corpus"),
      ...filesOf(join(folder, "pkits", "certs")).map(read),
      ...pems.flatMap((path) => blocksOf(readFileSync(path, "latin1"))),
    ].filter(isShort),
    crls: filesOf(join(folder, "pkits", "crls"))
      .map(read)
      .filter(isShort),
    responses: corpus("ocsp_parse_ocsp_response_fuzzer_corpus").filter(isShort),
    timestamps: filesOf(join(folder, "sct", "testdata"))
      .filter((path) => /sct\d?\.bin$/.test(path))
      .map(read),
  };
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
