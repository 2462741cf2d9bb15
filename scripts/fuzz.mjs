/**
 * Runs the fuzzer of `test/fuzz` until its time is over:
 *
 *     node scripts/fuzz.mjs [--minutes 10] [--seed N] [--executions N]
 */

import { fileURLToPath } from "node:url";
import { createServer, createServerModuleRunner } from "vite";

const server = await createServer({
  root: fileURLToPath(new URL("..", import.meta.url)),
  configFile: false,
  appType: "custom",
  logLevel: "error",
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
});
const runner = createServerModuleRunner(server.environments.ssr, { hmr: false });
try {
  const { fuzz } = await runner.import("/test/fuzz/cli.ts");
  process.exitCode = (await fuzz(process.argv.slice(2))) ? 0 : 1;
} finally {
  await runner.close();
  await server.close();
}
