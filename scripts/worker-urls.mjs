/**
 * How built files name the scripts of workers: by the expression that bundlers find, as the source does.
 */

/**
 * Names the file of the worker's own worker as the page names the worker's: by the expression that
 * bundlers find. Left alone, this build would put a path in its place that only an application has.
 *
 * @type {import("vite").Plugin}
 */
export const pointingToDecryption = {
  name: "webtls-decryption",
  enforce: "pre",
  transform: (code, id) =>
    id.endsWith("/worker/decryption/client.ts")
      ? replacedOnce(code, '"./entry.ts"', "__webtls_decryption__")
      : undefined,
  renderChunk: (code, { name }) =>
    name === "bulk" ? replacedOnce(code, "__webtls_decryption__", '"../decryption.js"') : undefined,
};

/**
 * @param {string} code
 * @param {string} name
 * @param {string} other
 */
export function replacedOnce(code, name, other) {
  const parts = code.split(name);
  if (parts.length !== 2) throw new Error(`a worker is started in another way than by ${name}`);
  return parts.join(other);
}
