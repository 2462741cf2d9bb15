/**
 * A page in Chromium, outside of Playwright's own runner.
 *
 * @module
 */

import { chromium, type Page } from "@playwright/test";
import { launchOptions } from "../../e2e/rig/chromium.ts";
import { servePages } from "../../e2e/rig/pages.ts";

/** A page that is open. */
export interface OpenPage {
  readonly page: Page;
  readonly origin: string;
  stop(): Promise<void>;
}

/**
 * Serves the project, and opens one of its pages.
 *
 * @param ready the global variable that the page has when its scripts are loaded.
 */
export async function openPage(path: string, ready: string): Promise<OpenPage> {
  const pages = await servePages();
  try {
    const browser = await chromium.launch(launchOptions);
    const page = await browser.newPage();
    const stop = async () => {
      await browser.close();
      await pages.stop();
    };
    await page.goto(`${pages.origin}${path}`);
    await page.waitForFunction((name) => name in window, ready);
    return { page, origin: pages.origin, stop };
  } catch (error) {
    await pages.stop();
    throw error;
  }
}
