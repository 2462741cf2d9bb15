/**
 * The server that the page comes from. Each browser has a number there, which stands in the page's
 * address.
 *
 * @module
 */

/** @param body is posted; without one, something is fetched. */
export function host(
  what: "task" | "mark" | "result" | "memory",
  body?: string,
): Promise<Response> {
  return fetch(`/${what}${location.search}`, body === undefined ? {} : { method: "POST", body });
}
