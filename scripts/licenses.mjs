/**
 * The notices that a bundle of others' code has to carry.
 */

import { readFileSync } from "node:fs";

/**
 * The licences of the packages whose files are in a bundle, and the notice of Mozilla's root data.
 *
 * @param {string} root The project's folder, with a slash at its end.
 * @param {Iterable<string>} modules Paths of the bundled files.
 * @returns {string}
 * @throws Error where a package has no file LICENSE.
 */
export function thirdPartyNotices(root, modules) {
  const names = new Set();
  for (const path of modules) {
    const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
    if (name !== undefined) names.add(name);
  }
  const packages = [...names].sort().map((name) => {
    const folder = `${root}node_modules/${name}`;
    const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
    const text = readFileSync(`${folder}/LICENSE`, "utf8").trim();
    return `${name} ${version} (${license})\n\n${text}`;
  });
  const parts = [
    "The files of worker/ hold code of other packages, and root certificates, under these licences.",
    ...packages,
    `Mozilla's root certificates (MPL-2.0)\n\n${rootsNotice(root)}`,
  ];
  return `${parts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

/**
 * What the file of the roots says of itself at its head.
 *
 * @param {string} root
 */
function rootsNotice(root) {
  const code = readFileSync(`${root}src/roots/mozilla.ts`, "utf8");
  const comment = code.slice(0, code.indexOf(" * @license MPL-2.0"));
  if (!comment.includes("https://mozilla.org/MPL/2.0/")) {
    throw new Error("src/roots/mozilla.ts does not state its licence where expected");
  }
  const text = comment
    .replace("/**", "")
    .replace(/^ \* ?/gm, "")
    .trim();
  return `${text}\n\n"This file" is src/roots/mozilla.ts; here its data are in roots/mozilla.js and in a chunk of worker/.`;
}
