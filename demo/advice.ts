/**
 * Failures for a person at this page: what they are in a word or two, and what can be done about
 * them, where that is more than the library's own sentence says.
 *
 * @module
 */

import type { TlsErrorCode } from "../src/index.ts";

const advice: Partial<Record<TlsErrorCode, string>> = {
  "bridge/unreachable":
    "Our own bridge runs with npm start, the real websockify with npm run websockify. websockify " +
    "knows the local servers only.",
  "certificate/self-signed":
    "Anyone can make such a certificate. A program that knows the server can trust it as a root.",
  "certificate/unknown-issuer":
    "For another server this page trusts Mozilla's roots and the local demo authority, for the " +
    "local servers that authority alone. A program can bring roots of its own, and intermediate " +
    "certificates that a server forgets to present.",
  "certificate/wrong-name":
    "The names are on the server's certificate below. If none is one you expect, this is not the " +
    "server you meant.",
  "closed/truncated": "All that came is in the transcript, but there may have been more.",
};

const reasons: Partial<Record<TlsErrorCode, string>> = {
  "certificate/bad-crl": "Its list of revoked certificates can't be used",
  "certificate/bad-signature": "Not signed by the issuer it names",
  "certificate/bad-status-response": "The word on its revocation can't be used",
  "certificate/budget-exceeded": "Too many ways to try",
  "certificate/crl-expired": "Its list of revoked certificates is out of date",
  "certificate/expired": "Expired",
  "certificate/malformed": "Can't be read",
  "certificate/missing": "No certificate",
  "certificate/name-constraint": "Its issuer may not issue for this name",
  "certificate/not-a-ca": "May not issue certificates",
  "certificate/not-logged": "Not made public in enough logs",
  "certificate/not-pinned": "Not one of the keys that are pinned",
  "certificate/not-yet-valid": "Not valid yet",
  "certificate/path-too-long": "Too many issuers below it",
  "certificate/revoked": "Revoked",
  "certificate/self-signed": "Vouches for itself only",
  "certificate/status-missing": "No word on whether it is revoked",
  "certificate/unknown-critical-extension": "Demands something that is not understood",
  "certificate/unknown-issuer": "Nobody trusted vouches for it",
  "certificate/unknown-revocation-status": "Not known whether it is revoked",
  "certificate/unsupported-algorithm": "Uses an algorithm that is not taken",
  "certificate/weak-key": "Its key is too weak",
  "certificate/wrong-key-usage": "Its key may not be used like this",
  "certificate/wrong-name": "Made out to another name",
  "certificate/wrong-purpose": "Not for a TLS server",
};

/** What to do, in a sentence or two; undefined where the error's message says all. */
export function adviceOn(code: TlsErrorCode): string | undefined {
  return advice[code];
}

/** What is wrong with a certificate, in a few words. */
export function reasonOf(code: TlsErrorCode): string {
  return reasons[code] ?? "Refused";
}
