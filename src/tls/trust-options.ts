/**
 * Whom a caller trusts, and the check of it. No protocol code: the page checks with this.
 *
 * @module
 */

import { invalidOption } from "../errors.ts";
import type { CertificateTransparency } from "./ct-options.ts";
import type { RevocationOptions } from "./revocation-options.ts";

/** Certificates in PEM (one or more a string) or DER (one an array); or keys, one each. */
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
  /**
   * Raw public keys of servers (RFC 7250), each a SubjectPublicKeyInfo in DER, or in PEM ("PUBLIC
   * KEY"). A server that has one of them is taken for the one that is meant, whatever its name.
   * Without `roots`, no certificate is accepted besides. Default: none.
   */
  publicKeys?: readonly CertificateSource[];
  /**
   * Ask CRLs whether certificates are revoked. Raw public keys are none. Default: none is asked, and
   * a revoked certificate is taken until it expires.
   */
  revocation?: RevocationOptions;
  /**
   * Ask that certificates be shown to have been made public (RFC 6962). Raw public keys are none.
   * Default: nothing is asked.
   */
  certificateTransparency?: CertificateTransparency;
}

/** The names of all members of {@link TrustOptions}. */
export const trustOptionNames = [
  "roots",
  "publicKeys",
  "revocation",
  "certificateTransparency",
] as const satisfies readonly (keyof TrustOptions)[];

/**
 * Checks what is trusted, without reading the certificates themselves.
 *
 * @throws TlsError `configuration/invalid-option`.
 */
export function checkTrustOptions({ roots, publicKeys }: TrustOptions): void {
  const areRoots = (sources: unknown[]) =>
    sources.length > 0 &&
    sources.every((source) => source === "mozilla" || isPemOrDer(source, "CERTIFICATE"));
  if (roots !== undefined && !areRoots([roots].flat())) {
    throw invalidOption("roots", '"mozilla", certificates in PEM or DER, or a list with one');
  }
  const areKeys = (sources: readonly unknown[]) =>
    Array.isArray(sources) &&
    sources.length > 0 &&
    sources.every((source) => isPemOrDer(source, "PUBLIC KEY"));
  if (publicKeys !== undefined && !areKeys(publicKeys)) {
    throw invalidOption("publicKeys", "a list with public keys in PEM or DER");
  }
}

/** Whether it looks like PEM with this label, or like DER. */
export function isPemOrDer(source: unknown, label: string): boolean {
  if (typeof source === "string") return source.includes(`-----BEGIN ${label}-----`);
  // A proxy of an array looks like one, and has no bytes to show.
  return source instanceof Uint8Array && ArrayBuffer.isView(source);
}

/**
 * Whom to trust, checked before. Lists and certificates are copied: the caller may change its own
 * later, and a reactive list (a `Proxy`) would not survive structured clone. Lists of logs
 * and CRLs are long, and read by copying.
 */
export function trustOptionsOf(options: TrustOptions): TrustOptions {
  const { roots, publicKeys, revocation, certificateTransparency } = options;
  return {
    ...(revocation === undefined ? {} : { revocation }),
    ...(certificateTransparency === undefined ? {} : { certificateTransparency }),
    ...(roots === undefined ? {} : { roots: structuredClone([roots].flat()) }),
    ...(publicKeys === undefined ? {} : { publicKeys: structuredClone([...publicKeys]) }),
  };
}
