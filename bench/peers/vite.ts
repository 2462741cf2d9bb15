/**
 * How the page's build finds the peers: `peer:subtls` and its like are the packages in the folder
 * that they were installed in. Where they were not, the page is built all the same, and says so when
 * it is asked to use one.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import type { Plugin } from "vite";
import { arePeersInstalled, peersFolder } from "./install.ts";

const packages = `${peersFolder}/node_modules`;
const epoxy = `${packages}/@mercuryworkshop/epoxy-tls/pkg`;
const reclaim = `${packages}/@reclaimprotocol/tls/lib`;

/** Files as they are; `?url` has Vite serve one and give its address. */
const files: Readonly<Record<string, string>> = {
  "peer:subtls": `${packages}/subtls/index.js`,
  "peer:libcurl": `${packages}/libcurl.js/libcurl.mjs`,
  "peer:libcurl-wasm": `${packages}/libcurl.js/libcurl.wasm?url`,
  "peer:epoxy-wasm": `${epoxy}/epoxy.wasm?url`,
  "peer:epoxy-2": `${packages}/epoxy-tls-2/full/epoxy.js`,
};

/** Modules made of several files, or of one that is none. */
const modules: Readonly<Record<string, () => Promise<string>>> = {
  // Its TLS and the suites for it, without the rest of the package.
  "peer:node-forge": async () => `
    import ${JSON.stringify(`${packages}/node-forge/lib/aesCipherSuites.js`)};
    export { default as tls } from ${JSON.stringify(`${packages}/node-forge/lib/tls.js`)};`,
  "peer:reclaim": async () => `
    export * from ${JSON.stringify(`${reclaim}/index.js`)};
    export * from ${JSON.stringify(`${reclaim}/crypto/webcrypto.js`)};`,
  // A script that declares a variable. Its other form, a module, holds the WASM in base64.
  "peer:epoxy": async () => `${await readFile(`${epoxy}/epoxy.js`, "utf8")}\nexport default epoxy;`,
  // What peers import of Node where they do not look for the platform's own.
  "peer:node-crypto": async () => "export const webcrypto = globalThis.crypto;",
};

const missing = `throw new Error("The peers are not installed.");`;

/** @param ask whether they are installed; asked when a build begins. */
export function peersPlugin(ask = arePeersInstalled): Plugin {
  let areInstalled = false;
  return {
    name: "webtls-bench-peers",
    enforce: "pre",
    async buildStart() {
      areInstalled = await ask();
    },
    resolveId(source, importer) {
      if (source === "crypto" && importer?.includes(packages)) return "\0peer:node-crypto";
      if (!source.startsWith("peer:")) return undefined;
      return (areInstalled ? files[source] : undefined) ?? `\0${source}`;
    },
    async load(id) {
      if (!id.startsWith("\0peer:")) return undefined;
      if (!areInstalled) return missing;
      return modules[id.slice(1)]?.();
    },
  };
}
