/**
 * The notices that a bundle of others' code has to carry.
 */

import { existsSync, readFileSync } from "node:fs";

/**
 * The licences of the packages whose files are in a bundle, and the notice of Mozilla's root data.
 *
 * @param {string} root The project's folder, with a slash at its end.
 * @param {Iterable<string>} modules Paths of the bundled files.
 * @returns {string}
 * @throws Error where a package has no file LICENSE (or LICENSE.md) and its files do not state one either.
 */
export function thirdPartyNotices(root, modules) {
  /** @type {Map<string, string[]>} */
  const files = new Map();
  for (const path of modules) {
    const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
    if (name !== undefined) files.set(name, [...(files.get(name) ?? []), path]);
  }
  const packages = [...files.keys()].sort().map((name) => {
    const folder = `${root}node_modules/${name}`;
    const about = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
    const path = ["LICENSE", "LICENSE.md"].map((file) => `${folder}/${file}`).find(existsSync);
    const text =
      path === undefined
        ? statedInFiles(root, about, files.get(name) ?? [])
        : readFileSync(path, "utf8").trim();
    return `${name} ${about.version} (${about.license})\n\n${text}`;
  });
  const parts = [
    "The files of worker/ hold code of other packages, and root certificates, under these licences.",
    ...packages,
    `Mozilla's root certificates (MPL-2.0)\n\n${rootsNotice(root)}`,
  ];
  return `${parts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

/**
 * What a package without a file LICENSE says of its licence: in its description, and in the comments
 * at the head of its files.
 *
 * @param {string} root
 * @param {{ name: string, author: string, license: string, homepage: string }} about
 * @param {readonly string[]} paths
 */
function statedInFiles(root, about, paths) {
  const heads = paths.flatMap((path) => {
    const [comment] = /^\/\*[\s\S]*?\*\//.exec(readFileSync(path, "utf8")) ?? [];
    // Up to what the comment says of the file itself.
    const [stated] = /Copyright[\s\S]*limitations under the License\./.exec(comment ?? "") ?? [];
    return stated === undefined ? [] : [stated.replace(/^ {3}/gm, "")];
  });
  if (heads.length === 0) throw new Error(`${about.name} states no licence`);
  const stated = [...new Set(heads)].join("\n\n");
  if (!stated.includes("Apache License, Version 2.0")) {
    throw new Error(`${about.name} states a licence that is not known here`);
  }
  const apache = readFileSync(`${root}node_modules/typescript/LICENSE`, "utf8").trim();
  const description = `By ${about.author}, ${about.homepage}, under the licence ${about.license}.`;
  return `${description} Parts of it state:\n\n${stated}\n\n${apache}`;
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
