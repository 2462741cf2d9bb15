/**
 * The examples in README.md, as they stand there.
 *
 * @module
 */

import { readFile } from "node:fs/promises";

/** The blocks of TypeScript in README.md: how to connect, and how to come by a client certificate. */
export async function readmeExamples(): Promise<{ connecting: string; certifying: string }> {
  const text = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const [connecting, certifying, ...others] = Array.from(
    text.matchAll(/^```ts\n(.*?)^```$/gms),
    ([, example = ""]) => example,
  );
  if (connecting === undefined || certifying === undefined || others.length > 0) {
    throw new Error("README.md has other examples than two");
  }
  return { connecting, certifying };
}
