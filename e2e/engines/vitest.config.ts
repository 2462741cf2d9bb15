import { defineConfig } from "vitest/config";

/** The library in three browser engines: `npm run test:engines`. */
export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["e2e/engines/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
