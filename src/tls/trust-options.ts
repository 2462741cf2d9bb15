/**
 * Whom a caller trusts, and the check of it. No protocol code.
 *
 * @module
 */

import { invalidOption } from "../errors.ts";
import type { CertificateTransparency } from "./ct-options.ts";
import type { RevocationOptions } from "./revocation-options.ts";

/** Certificates in PEM (one or more a string) or DER (one an array); or keys, one each. */
export type CertificateSource = string | Uint8Array;

/**
 * Whom to trust: roots, certificates, keys, or several of these. A server is taken for the one that
 * is meant where one of them says so.
 */
export interface TrustOptions {
  /**
   * Roots that vouch for servers by name. `"mozilla"` stands for the bundled Mozilla roots;
   * certificates given here are trusted instead of them unless it stands among these. A root that is
   * given has to be one, and valid, when a path ends at it; one that can't be used at all is left out,
   * unless none is left. Default: `"mozilla"`, or none where `exactCertificates` or `publicKeys` are
   * given.
   */
  roots?: "mozilla" | CertificateSource | readonly ("mozilla" | CertificateSource)[];
  /**
   * Keys of which one has to be on the way from a server to its root: of the verified path, or of
   * the root that it ends at. Each is `"sha256/"` and the SHA-256 of a SubjectPublicKeyInfo in base64
   * (RFC 7469 §2.4). Give several, one of a key that is kept in reserve: without it, a server whose
   * key is lost can't be reached any more. They make roots narrower, and so need some. What has none
   * fails with `certificate/not-pinned`, whose message names the pins of the path. Default: none.
   */
  pins?: readonly string[];
  /**
   * Servers' own certificates, each trusted as it is, byte for byte: self-signed ones, for example.
   * A server that presents one is taken for the one that is meant, whatever its name and whoever has
   * issued it; no pin, CRL, OCSP response or timestamp is asked for, whatever they would say. That it
   * is valid now and for TLS servers, with a key that is strong enough, is checked nevertheless. Give
   * the server's own alone: of a chain in PEM each certificate would be trusted so. Default: none.
   */
  exactCertificates?: readonly CertificateSource[];
  /**
   * Raw public keys of servers (RFC 7250), each a SubjectPublicKeyInfo in DER, or in PEM ("PUBLIC
   * KEY"). A server that has one of them is taken for the one that is meant, whatever its name.
   * Default: none.
   */
  publicKeys?: readonly CertificateSource[];
  /**
   * Certificates of authorities that servers may have forgotten to present. They help to find a path
   * to a root, and change nothing about who is trusted: each is verified as if it had been presented.
   * Default: none.
   */
  intermediates?: CertificateSource | readonly CertificateSource[];
  /**
   * Ask CRLs whether certificates that lead to a root are revoked. Default: none is asked, and a
   * revoked certificate is taken until it expires.
   */
  revocation?: RevocationOptions;
  /**
   * Ask that certificates which lead to a root be shown to have been made public (RFC 6962). Default:
   * nothing is asked.
   */
  certificateTransparency?: CertificateTransparency;
}

/** The names of all members of {@link TrustOptions}. */
export const trustOptionNames = [
  "roots",
  "pins",
  "exactCertificates",
  "publicKeys",
  "intermediates",
  "revocation",
  "certificateTransparency",
] as const satisfies readonly (keyof TrustOptions)[];

/** Of {@link TrustOptions}, what says something about paths to roots, and nothing without any. */
const aboutPaths = [
  "pins",
  "intermediates",
  "revocation",
  "certificateTransparency",
] as const satisfies readonly (keyof TrustOptions)[];

/** SHA-256 in base64: the last digit stands for four bits. */
const pin = /^sha256\/[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/**
 * Checks what is trusted, without reading the certificates themselves.
 *
 * @throws TlsError `configuration/invalid-option`.
 */
export function checkTrustOptions(options: TrustOptions): void {
  const { roots, pins, exactCertificates, publicKeys, intermediates } = options;
  checkList(
    "roots",
    roots && [roots].flat(),
    (root) => root === "mozilla" || isPemOrDer(root, "CERTIFICATE"),
    '"mozilla", certificates in PEM or DER, or a list with one',
  );
  checkList(
    "exactCertificates",
    exactCertificates,
    (source) => isPemOrDer(source, "CERTIFICATE"),
    "a list with certificates in PEM or DER",
  );
  checkList(
    "publicKeys",
    publicKeys,
    (source) => isPemOrDer(source, "PUBLIC KEY"),
    "a list with public keys in PEM or DER",
  );
  checkList(
    "intermediates",
    intermediates && [intermediates].flat(),
    (source) => isPemOrDer(source, "CERTIFICATE"),
    "certificates in PEM or DER, or a list with one",
  );
  checkList(
    "pins",
    pins,
    (value) => typeof value === "string" && pin.test(value),
    'a list with strings of "sha256/" and the base64 of 32 bytes',
  );
  if (roots !== undefined || (exactCertificates ?? publicKeys) === undefined) return;
  for (const name of aboutPaths) {
    if (options[name] !== undefined) {
      throw invalidOption(name, "roots beside it, since it says something about paths to them");
    }
  }
}

function checkList(
  option: string,
  list: unknown,
  isEntry: (entry: unknown) => boolean,
  expected: string,
): void {
  if (list === undefined) return;
  if (!Array.isArray(list) || list.length === 0 || !list.every(isEntry)) {
    throw invalidOption(option, expected);
  }
}

/** Whether it looks like PEM with this label, or like DER. */
export function isPemOrDer(source: unknown, label: string): boolean {
  if (typeof source === "string") return source.includes(`-----BEGIN ${label}-----`);
  // A proxy of an array looks like one, and has no bytes to show.
  return source instanceof Uint8Array && ArrayBuffer.isView(source);
}

/**
 * Whom to trust, checked before. All is copied: the caller may change its own later, and a reactive
 * list (a `Proxy`) would not survive structured clone. Each CRL and a log list alone are left as
 * they are: they are long, and read by copying.
 */
export function trustOptionsOf(options: TrustOptions): TrustOptions {
  const given = trustOptionNames.filter((name) => options[name] !== undefined);
  const isLong = (name: string) => name === "revocation" || name === "certificateTransparency";
  return Object.fromEntries(
    given.map((name) => [name, isLong(name) ? membersOf(options[name]) : copyOf(options[name])]),
  );
}

/** An object with the same members, and with copies of the lists among them, but not of their entries. */
function membersOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value);
  return Object.fromEntries(
    members.map(([name, member]) => [name, Array.isArray(member) ? [...member] : member]),
  );
}

function copyOf(value: unknown): unknown {
  return Array.isArray(value) ? value.map(copyOf) : structuredClone(value);
}
