/** Patterns as the runner matches them: `*` for anything but a slash, `?` for one such character. */

/**
 * @param {string} pattern
 * @param {string} name
 */
export function matches(pattern, name) {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${source.replaceAll("*", "[^/]*").replaceAll("?", "[^/]")}$`).test(name);
}
