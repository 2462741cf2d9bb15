/**
 * Serves the source and the test page that exposes it.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { createServer } from "vite";
import { insecureHost } from "./chromium.ts";

/** Starts Vite on a free port. The test page is at `/e2e/page/`. */
export async function servePages(): Promise<{ origin: string; stop(): Promise<void> }> {
  const server = await createServer({
    root: fileURLToPath(new URL("../..", import.meta.url)),
    configFile: false,
    logLevel: "error",
    appType: "mpa",
    // Dependencies are ES modules and served as they are: no bundling that is found wanting and
    // reloads the page amid a test. Nor does a file that changes.
    optimizeDeps: { noDiscovery: true, include: [] },
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
  return { origin: `http://127.0.0.1:${address.port}`, stop: () => server.close() };
}
