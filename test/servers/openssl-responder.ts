/**
 * OCSP responses by `openssl ocsp`, a responder that is none of ours.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Bytes } from "../../src/crypto/bytes.ts";
import type { Issued } from "../authority.ts";
import { writeText } from "./folder.ts";

const run = promisify(execFile);

/** What the responder is asked, and how it answers. */
export interface OpensslAnswer {
  readonly issuer: Issued;
  readonly leaf: Issued;
  /** What its index says; `"unlisted"`: nothing. Default: `"good"`. */
  readonly status?: "good" | "unlisted" | { readonly revoked: Date; readonly reason?: string };
  /** Who signs. Default: the issuer. */
  readonly signer?: Issued;
  /** Further options, e.g. `["-ndays", "1"]`. */
  readonly args?: readonly string[];
  /** Hash by which the request names the certificate. Default: `"sha1"`. */
  readonly hash?: string;
}

/** DER of the OCSPResponse. */
export async function opensslResponse(answer: OpensslAnswer): Promise<Bytes> {
  const { issuer, leaf, signer = issuer, args = [], hash = "sha1" } = answer;
  return inFolder(async (folder) => {
    const ca = await writeText(folder, "issuer.pem", issuer.pem);
    const cert = await writeText(folder, "leaf.pem", leaf.pem);
    const rsigner = await writeText(folder, "signer.pem", signer.pem);
    const rkey = await writeText(folder, "signer-key.pem", signer.privateKey);
    const index = await writeText(folder, "index.txt", indexOf(answer));
    const request = join(folder, "request.der");
    const response = join(folder, "response.der");
    const about = ["-issuer", ca, `-${hash}`, "-cert", cert];
    await run("openssl", ["ocsp", ...about, "-no_nonce", "-reqout", request]);
    const signing = ["-CA", ca, "-rsigner", rsigner, "-rkey", rkey, "-index", index];
    await run("openssl", ["ocsp", ...signing, ...args, "-reqin", request, "-respout", response]);
    return new Uint8Array(await readFile(response));
  });
}

/**
 * What OpenSSL makes of a response about a certificate: the lines that it prints.
 *
 * @throws where it does not verify.
 */
export async function opensslVerdict(
  response: Bytes,
  { issuer, leaf }: Pick<OpensslAnswer, "issuer" | "leaf">,
): Promise<string> {
  return inFolder(async (folder) => {
    const ca = await writeText(folder, "issuer.pem", issuer.pem);
    const cert = await writeText(folder, "leaf.pem", leaf.pem);
    const file = join(folder, "response.der");
    await writeFile(file, response);
    const trust = ["-CAfile", ca, "-partial_chain"];
    const about = ["-issuer", ca, "-cert", cert, "-respin", file, ...trust];
    const { stdout, stderr } = await run("openssl", ["ocsp", ...about]);
    return stdout + stderr;
  });
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "webtls-responder-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The index of `openssl ca`: status, expiry, revocation, serial number, file, subject. */
function indexOf({ leaf, status = "good" }: OpensslAnswer): string {
  if (status === "unlisted") return "";
  const { serialNumber } = new X509Certificate(leaf.pem);
  const serial = serialNumber.length % 2 === 0 ? serialNumber : `0${serialNumber}`;
  const fields =
    status === "good"
      ? ["V", indexTime(new Date("2049-12-31")), ""]
      : [
          "R",
          indexTime(new Date("2049-12-31")),
          [indexTime(status.revoked), status.reason].filter(Boolean).join(","),
        ];
  return `${[...fields, serial, "unknown", "/CN=leaf"].join("\t")}\n`;
}

function indexTime(date: Date): string {
  return `${date.toISOString().slice(2, 19).replace(/[-:T]/g, "")}Z`;
}
