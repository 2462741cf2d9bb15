import { defineConfig } from "vitest/config";

/** Unit tests: beside the code they test, and in `test/` where they span folders. */
export default defineConfig({
  test: {
    include: ["src", "proxy", "demo", "test", "bench"].map((folder) => `${folder}/**/*.test.ts`),
    exclude: ["test/conformance/**", "test/limbo/**", "test/interop/**", "test/capture/**"],
    testTimeout: 30_000,
  },
});
