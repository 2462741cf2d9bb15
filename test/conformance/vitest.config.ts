import { defineConfig } from "vitest/config";

/** Suites that need outside vectors (`WEBTLS_VECTORS`) or other languages' tools. */
export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/conformance/**/*.test.ts", "test/limbo/**/*.test.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
