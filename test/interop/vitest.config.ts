import { defineConfig } from "vitest/config";

/** Real servers, and what a bridge sees: suites that need programs besides Node and a browser. */
export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/interop/**/*.test.ts", "test/capture/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 90_000,
    // Each file starts servers and a browser of its own.
    maxWorkers: 2,
  },
});
