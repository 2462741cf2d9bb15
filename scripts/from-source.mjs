/**
 * Modules of the project in TypeScript, for scripts. They can import each other at any time, so they
 * are of use only until the function that is given them has ended.
 */

import { fileURLToPath } from "node:url";
import { createServer, createServerModuleRunner } from "vite";

/**
 * @template Result
 * @param {string} path of the module, from the project's root on, e.g. "/test/fuzz/cli.ts"
 * @param {(module: any) => Promise<Result>} use
 * @returns {Promise<Result>} of `use`
 */
export async function fromSource(path, use) {
  const server = await createServer({
    root: fileURLToPath(new URL("..", import.meta.url)),
    configFile: false,
    appType: "custom",
    // Pages are none of its business.
    optimizeDeps: { noDiscovery: true },
    logLevel: "error",
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  });
  const runner = createServerModuleRunner(server.environments.ssr, { hmr: false });
  try {
    return await use(await runner.import(path));
  } finally {
    await runner.close();
    await server.close();
  }
}
