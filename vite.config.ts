import { defineConfig } from "vite";
import { demoServersPlugin } from "./demo/servers/vite-plugin.ts";
import { bridgePlugin } from "./proxy/vite-plugin.ts";
import { sentencesApart } from "./scripts/sentences.mjs";
import { workerOutput } from "./scripts/worker-output.mjs";

/** The demo: the page, its bridge and its TLS servers, in one process. */
export default defineConfig({
  plugins: [demoServersPlugin(), bridgePlugin()],
  worker: {
    format: "es",
    plugins: () => [sentencesApart()],
    rolldownOptions: { output: workerOutput },
  },
  // Found while the page runs, a dependency would make Vite reload the page in the middle of a
  // connection. All are ES modules that need no preparing, but for those named.
  optimizeDeps: {
    noDiscovery: true,
    include: ["@peculiar/x509", "brotli/decompress.js", "reflect-metadata"],
  },
  // Apart from dist/, which holds the package.
  build: { outDir: ".run/demo" },
});
