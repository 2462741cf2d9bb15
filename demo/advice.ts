/**
 * What a person at this page can do about a failure, where that is more than the library's own
 * sentence says.
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
    "local servers that authority alone. A program can bring roots of its own.",
  "certificate/wrong-name":
    "The names are in the certificate below. If none is one you expect, this is not the server " +
    "you meant.",
  "closed/truncated": "All that came is in the transcript, but there may have been more.",
};

/** What to do, in a sentence or two; undefined where the error's message says all. */
export function adviceOn(code: TlsErrorCode): string | undefined {
  return advice[code];
}
