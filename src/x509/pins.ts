/**
 * Public key pins (RFC 7469 §2.4): a path is taken only if one of its keys is among those given.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import type { CryptoProvider } from "../crypto/provider.ts";
import { TlsError } from "../errors.ts";
import { describeName } from "./describe-name.ts";
import type { PathCondition } from "./path.ts";

/**
 * That some key of a path is pinned: of one of its certificates, or the root's. They are looked for
 * in the path that was verified, as a server can present any certificate beside it.
 *
 * @param pins `"sha256/"` and base64; one at least.
 */
export function isPinned(pins: readonly string[], crypto: CryptoProvider): PathCondition {
  return async ({ certificates, anchor }) => {
    const named = await Promise.all(
      [...certificates, anchor].map(async ({ subject, subjectPublicKeyInfo }) => ({
        pin: await pinOf(subjectPublicKeyInfo, crypto),
        name: describeName(subject),
      })),
    );
    if (named.some(({ pin }) => pins.includes(pin))) return;
    throw new TlsError(
      "certificate/not-pinned",
      "The server's certificate leads to a trusted root, but no key on the way is one of pins: " +
        `${named.map(({ pin, name }) => `${pin} of ${name}`).join(", ")}. Somebody else has got a ` +
        "certificate for its name, or it has new keys: ask who runs it before you add a pin.",
    );
  };
}

/** @param subjectPublicKeyInfo DER. */
async function pinOf(subjectPublicKeyInfo: Bytes, crypto: CryptoProvider): Promise<string> {
  const digest = await crypto.digest("SHA-256", subjectPublicKeyInfo);
  return `sha256/${btoa(String.fromCharCode(...digest))}`;
}
