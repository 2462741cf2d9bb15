import { servePages } from "./pages.ts";

/** Serves the test pages to all workers; they find the address in `WEBTLS_PAGES`. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const pages = await servePages();
  process.env.WEBTLS_PAGES = pages.origin;
  return pages.stop;
}
