import { defineConfig } from "@playwright/test";
import { launchOptions } from "./e2e/rig/chromium.ts";

/**
 * Browser tests: the library in a real Chromium, through real bridges, to real servers. Each test
 * starts the servers it needs; the pages come from a Vite server that `globalSetup` starts.
 */
export default defineConfig({
  testDir: "e2e",
  // Tests named *.test.ts are Vitest's.
  testMatch: "**/*.spec.ts",
  globalSetup: "./e2e/rig/global-setup.ts",
  outputDir: "reports/playwright",
  fullyParallel: true,
  workers: 2,
  timeout: 30_000,
  globalTimeout: 10 * 60_000,
  forbidOnly: true,
  reporter: "list",
  use: {
    browserName: "chromium",
    launchOptions,
  },
});
