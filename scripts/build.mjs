/**
 * Builds the package into `dist/`: modules and declarations by TypeScript, the bridge's command, and
 * the worker as one bundle with its lazily loaded chunks beside it. Bare names do not resolve in a
 * worker, so the bundle holds its dependencies, with their licences in a file; all else imports them
 * by name.
 *
 *     node scripts/build.mjs
 */

import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { thirdPartyNotices } from "./licenses.mjs";
import { sentencesApart } from "./sentences.mjs";
import { workerOutput } from "./worker-output.mjs";
import { pointingToDecryption, replacedOnce } from "./worker-urls.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = `${root}dist`;

rmSync(dist, { recursive: true, force: true });
compile("tsconfig.build.json");
compile("tsconfig.bridge.json");
const modules = await bundleWorkers();
writeFileSync(`${dist}/THIRD-PARTY-LICENSES`, thirdPartyNotices(root, modules));
pointToBundle();

/** @param {string} project */
function compile(project) {
  const tsc = `${root}node_modules/typescript/bin/tsc`;
  const { status } = spawnSync(process.execPath, [tsc, "-p", project], {
    cwd: root,
    stdio: "inherit",
    timeout: 120_000,
  });
  if (status !== 0) process.exit(1);
}

/** @returns the paths of the files that the bundles are made of. */
async function bundleWorkers() {
  const worker = await bundleWorker();
  return [...worker, ...(await bundleDecryption())];
}

/** What the worker's own worker runs, in one file. */
async function bundleDecryption() {
  const [{ output }] = await build({
    root,
    configFile: false,
    logLevel: "warn",
    build: {
      target: "es2022",
      outDir: `${dist}/worker`,
      emptyOutDir: false,
      lib: {
        entry: `${root}src/worker/decryption/entry.ts`,
        formats: ["es"],
        fileName: () => "decryption.js",
      },
      rolldownOptions: { output: { minify: true } },
    },
  });
  return modulesOf(output);
}

async function bundleWorker() {
  const [{ output }] = await build({
    root,
    configFile: false,
    logLevel: "warn",
    plugins: [sentencesApart(), pointingToDecryption],
    build: {
      target: "es2022",
      outDir: `${dist}/worker`,
      emptyOutDir: false,
      lib: { entry: `${root}src/worker/entry.ts`, formats: ["es"] },
      rolldownOptions: {
        output: {
          ...workerOutput,
          entryFileNames: "entry.js",
          chunkFileNames: "chunks/[name]-[hash].js",
        },
      },
    },
  });
  return modulesOf(output);
}

/** @param {import("vite").Rolldown.RolldownOutput["output"]} output */
function modulesOf(output) {
  return output.flatMap((item) => (item.type === "chunk" ? item.moduleIds : []));
}

// In the source, the worker's URL names a TypeScript file: so bundlers find it in development.
function pointToBundle() {
  const file = `${dist}/page/worker-client.js`;
  const code = readFileSync(file, "utf8");
  writeFileSync(file, replacedOnce(code, '"../worker/entry.ts"', '"../worker/entry.js"'));
}
