/**
 * Mozilla's roots, bundled. They are some 70 KB, so this module is loaded by dynamic `import()` and
 * only where they are wanted.
 *
 * @module
 */

import type { TrustAnchor } from "../x509/anchor.ts";
import { bytesFromBase64 } from "../x509/base64.ts";
import { mozillaRootsData } from "./mozilla.ts";
import { decodeAnchors } from "./records.ts";

export { mozillaRootsDate } from "./mozilla.ts";

let decoded: readonly TrustAnchor[] | undefined;

/** Everyone Mozilla trusts to issue certificates for TLS servers; always the same array. */
export function mozillaRoots(): readonly TrustAnchor[] {
  decoded ??= decodeAnchors(bytesFromBase64(mozillaRootsData));
  return decoded;
}
