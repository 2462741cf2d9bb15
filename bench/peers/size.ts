/**
 * What a page has to load of each peer, beside what it has to of webtls.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { bundle, bundleWorker, loadedFor, ordinary, totalSize } from "../../test/bundle.ts";
import type { Benchmark } from "../report.ts";
import { arePeersInstalled, installPeers } from "./install.ts";
import { peersPlugin } from "./vite.ts";

interface Size {
  readonly script: number;
  readonly wasm: number;
}

/** Modules of each, by the name that tables give it. */
const peers: Readonly<Record<string, readonly string[]>> = {
  subtls: ["peer:subtls"],
  "@reclaimprotocol/tls": ["peer:reclaim"],
  "node-forge": ["peer:node-forge"],
  "libcurl.js": ["peer:libcurl", "peer:libcurl-wasm"],
  "epoxy-tls 1.5": ["peer:epoxy", "peer:epoxy-wasm"],
  "epoxy-tls 2.1": ["peer:epoxy-2"],
};

export const peersSize: Benchmark = async () => {
  const notes = [
    "webtls: page, worker, path validation and TLS 1.2. node-forge: its tls and what that uses.",
    "Mozilla's roots come on top of webtls, subtls and node-forge; the others have them built in.",
  ];
  await installPeers().catch((error) => notes.push(String(error)));
  const data: Record<string, Size> = { webtls: await ownSize() };
  if (await arePeersInstalled()) {
    for (const [name, modules] of Object.entries(peers)) data[name] = await sizeOf(modules);
  }
  const rows = Object.entries(data).map(([name, { script, wasm }]) => [
    name,
    ...[script, wasm, script + wasm].map((count) => count.toLocaleString("en-US")),
  ]);
  const columns = ["gzip, bytes", "scripts", "WebAssembly", "sum"];
  return [{ title: "What is loaded, beside the peers", columns, rows, notes, data }];
};

async function ownSize(): Promise<Size> {
  const [page, worker] = [await bundle("src/index.ts"), await bundleWorker()];
  const parts = [...page.entry, ...worker.entry, ...loadedFor(worker, ordinary)];
  return { script: totalSize(parts).gzip, wasm: 0 };
}

async function sizeOf(modules: readonly string[]): Promise<Size> {
  const entry = "\0entry";
  const source = modules.map(
    (name) => `export const load${modules.indexOf(name)} = () => import("${name}");`,
  );
  const { output } = (await build({
    root: fileURLToPath(new URL(".", import.meta.url)),
    configFile: false,
    logLevel: "silent",
    plugins: [
      peersPlugin(),
      {
        name: "entry",
        resolveId: (id) => (id === "entry" ? entry : undefined),
        load: (id) => (id === entry ? source.join("\n") : undefined),
      },
    ],
    build: {
      write: false,
      assetsInlineLimit: 0,
      rolldownOptions: { input: "entry", preserveEntrySignatures: "strict" },
    },
  })) as Rolldown.RolldownOutput;
  let [script, wasm] = [0, 0];
  for (const part of output) {
    if (part.type === "chunk") script += gzipSync(part.code).length;
    else if (part.fileName.endsWith(".wasm")) wasm += gzipSync(part.source).length;
  }
  return { script, wasm };
}
