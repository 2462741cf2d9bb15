/**
 * Bundles what a page and the worker load, from the source and as an application's bundler does it,
 * and tells what of it is loaded at once and what on demand.
 *
 * @module
 */

import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Plugin, type Rolldown } from "vite";
import { sentencesApart } from "../scripts/sentences.mjs";
import { workerOutput } from "../scripts/worker-output.mjs";
import { pointingToDecryption } from "../scripts/worker-urls.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Bytes of JavaScript, as it is parsed and as it is sent, each file compressed by itself. */
export interface Size {
  readonly minified: number;
  readonly gzip: number;
}

/** One file of a bundle. */
export interface Part {
  readonly file: string;
  /** What it is made of: source files relative to the project, packages by their path. */
  readonly modules: readonly string[];
  /** Files that are loaded with it. */
  readonly imports: readonly string[];
  readonly size: Size;
}

export interface Bundle {
  /** What is loaded at once. */
  readonly entry: readonly Part[];
  /** What is loaded on demand. */
  readonly lazy: readonly Part[];
}

/** The page's script, and any other that is no worker's. @param outDir where to write it, if at all. */
export function bundle(entry: string, outDir?: string): Promise<Bundle> {
  return bundled(entry, { minify: true, comments: { annotation: false } }, [noWorker], outDir);
}

/**
 * The worker's script, cut into files as the package's is.
 *
 * @param entry of the worker, or of a part of it. @param outDir where to write it, if at all.
 */
export function bundleWorker(entry = "src/worker/entry.ts", outDir?: string): Promise<Bundle> {
  return bundled(entry, workerOutput, [sentencesApart(), pointingToDecryption], outDir);
}

/**
 * What the worker loads for a full handshake with no options and a server that asks for nothing
 * unusual, whichever version that speaks. The roots come on top.
 */
export const ordinary = ["src/tls/client/tls12.ts"];

/** What is loaded on demand for some modules, with what those import and was not there at once. */
export function loadedFor({ lazy }: Bundle, modules: readonly string[]): Part[] {
  const wanted = new Set<Part>();
  const load = (part: Part | undefined) => {
    if (part === undefined || wanted.has(part)) return;
    wanted.add(part);
    for (const name of part.imports) load(lazy.find(({ file }) => file === name));
  };
  for (const module of modules) {
    const part = lazy.find((candidate) => candidate.modules.includes(module));
    if (part === undefined) throw new Error(`${module} is not loaded on demand.`);
    load(part);
  }
  return [...wanted];
}

export function totalSize(parts: readonly Part[]): Size {
  const sum = (of: keyof Size) => parts.reduce((total, { size }) => total + size[of], 0);
  return { minified: sum("minified"), gzip: sum("gzip") };
}

export function modulesOf(parts: readonly Part[]): string[] {
  return parts.flatMap(({ modules }) => modules);
}

const workerUrl = 'new URL("../worker/entry.ts", import.meta.url)';

/**
 * The worker is a bundle of its own, and no part of the page's: neither is its script, which a
 * library's build would take for an asset and put in as a data URL.
 */
const noWorker: Plugin = {
  name: "no-worker",
  transform: (code) => code.replace(workerUrl, '"worker/entry.js"'),
};

async function bundled(
  entry: string,
  output: Rolldown.OutputOptions,
  plugins: readonly Plugin[],
  outDir?: string,
): Promise<Bundle> {
  const result = await build({
    root,
    configFile: false,
    logLevel: "error",
    plugins: [...plugins],
    build: {
      ...(outDir === undefined ? { write: false } : { outDir }),
      target: "es2022",
      lib: { entry: `${root}${entry}`, formats: ["es"], fileName: "entry" },
      rolldownOptions: { output },
    },
  });
  const [{ output: items }] = result as [Rolldown.RolldownOutput];
  const chunks = items.filter((item) => item.type === "chunk");
  const parts = new Map(chunks.map((chunk) => [chunk.fileName, partOf(chunk)]));
  const eager = new Set<Part>();
  const load = (name: string | undefined) => {
    const part = parts.get(name ?? "");
    if (part === undefined || eager.has(part)) return;
    eager.add(part);
    for (const imported of part.imports) load(imported);
  };
  load(chunks.find(({ isEntry }) => isEntry)?.fileName);
  return { entry: [...eager], lazy: [...parts.values()].filter((part) => !eager.has(part)) };
}

function partOf({ fileName, moduleIds, imports, code }: Rolldown.OutputChunk): Part {
  return {
    file: fileName,
    modules: moduleIds.map((id) => id.replace(root, "")),
    // What a plugin has put into the code itself is still among them.
    imports: imports.filter((name) => code.includes(`/${basename(name)}`)),
    size: { minified: Buffer.byteLength(code), gzip: gzipSync(code).length },
  };
}
