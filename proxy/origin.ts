/**
 * Which web pages may use the bridge. Browsers send a page's origin with every WebSocket
 * (RFC 6455 §10.2) and the page can't change it; programs that are no browsers can.
 *
 * @module
 */

/**
 * Makes the check of an `Origin` header against the origins allowed.
 *
 * @param origins as browsers write them, e.g. `https://app.example` or `http://localhost:5173`.
 * @throws Error that names the one which is no origin.
 */
export function createOriginCheck(
  origins: readonly string[],
): (origin: string | undefined) => boolean {
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new Error(
        `"${origin}" is not an origin: expected scheme://host or scheme://host:port, in lower ` +
          "case and without path, e.g. https://app.example.",
      );
    }
  }
  const allowed = new Set(origins);
  return (origin) => origin !== undefined && allowed.has(origin);
}
