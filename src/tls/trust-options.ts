/**
 * Whom a caller trusts, and the check of it. No protocol code: the page checks with this.
 *
 * @module
 */

import { invalidOption } from "../errors.ts";

/** Certificates in PEM (one or more a string) or DER (one an array). */
export type CertificateSource = string | Uint8Array;

/**
 * Whom to trust.
 *
 * `"mozilla"` stands for the bundled Mozilla roots. Certificates given here are trusted as roots,
 * instead of the bundle unless `"mozilla"` stands among them.
 */
export interface TrustOptions {
  /** Default: `"mozilla"`. */
  roots?: "mozilla" | CertificateSource | readonly ("mozilla" | CertificateSource)[];
}

/**
 * Checks what is trusted, without reading the certificates themselves.
 *
 * @throws TlsError `configuration/invalid-option`.
 */
export function checkTrustOptions({ roots }: TrustOptions): void {
  if (roots === undefined) return;
  const sources = [roots].flat();
  if (sources.length === 0) throw invalidOption("roots", "at least one source of roots");
  for (const source of sources) {
    const isPem = typeof source === "string" && source.includes("-----BEGIN CERTIFICATE-----");
    // A proxy of an array looks like one, and has no bytes to show.
    const isDer = source instanceof Uint8Array && ArrayBuffer.isView(source);
    if (source !== "mozilla" && !isPem && !isDer) {
      throw invalidOption("roots", '"mozilla", certificates in PEM, or a certificate in DER');
    }
  }
}

/**
 * Whom to trust, checked before. Lists and certificates are copied: the caller may change its own
 * later, and a reactive list (a `Proxy`) would not survive structured clone.
 */
export function trustOptionsOf({ roots }: TrustOptions): TrustOptions {
  return roots === undefined ? {} : { roots: structuredClone([roots].flat()) };
}
