import type { Page } from "@playwright/test";

/** Opens the test page and waits for the library, which is then in `window.rig`. */
export async function openLab(page: Page, origin: string): Promise<Page> {
  await page.goto(`${origin}/e2e/page/`);
  await page.waitForFunction(() => "rig" in window);
  return page;
}
