/**
 * The shim as one program: TypeScript and dependencies bundled, so that starting it some thousand
 * times takes little.
 */

import { chmodSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";

/**
 * @param {string} root The project's folder.
 * @param {string} folder Where to.
 * @returns {Promise<string>} its path.
 */
export async function buildShim(root, folder) {
  await build({
    root,
    configFile: false,
    logLevel: "warn",
    ssr: { noExternal: true, target: "node" },
    build: {
      target: "node20",
      outDir: folder,
      emptyOutDir: true,
      ssr: join(root, "test/bogo/shim/main.ts"),
      rolldownOptions: {
        output: {
          banner: ({ isEntry }) => (isEntry ? `#!${process.execPath}\n` : ""),
          entryFileNames: "shim.mjs",
          chunkFileNames: "[name]-[hash].mjs",
        },
      },
    },
  });
  const path = join(folder, "shim.mjs");
  chmodSync(path, 0o755);
  return path;
}
