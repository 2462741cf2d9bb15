/**
 * Serves the source and the test page that exposes it.
 *
 * @module
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createServer } from "vite";
import { insecureHost } from "./chromium.ts";

/** Starts Vite on a free port. The test page is at `/e2e/page/`. */
export async function servePages(): Promise<{ origin: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "webtls-pages-"));
  const server = await createServer({
    root: fileURLToPath(new URL("../..", import.meta.url)),
    configFile: false,
    logLevel: "error",
    appType: "mpa",
    // Found while the page runs, a dependency would reload it amid a test. All are ES modules and
    // served as they are, but for those named. Nor does a file that changes reload the page.
    cacheDir: join(folder, "cache"),
    optimizeDeps: { noDiscovery: true, include: ["@peculiar/x509", "reflect-metadata"] },
    server: {
      host: "127.0.0.1",
      port: 0,
      strictPort: true,
      hmr: false,
      watch: null,
      allowedHosts: [insecureHost],
    },
  });
  await server.listen();
  const address = server.httpServer?.address();
  if (!address || typeof address === "string") throw new Error("Vite listens on no port");
  const stop = async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { origin: `http://127.0.0.1:${address.port}`, stop };
}
