/**
 * The example in README.md, as it stands there.
 *
 * @module
 */

import { readFile } from "node:fs/promises";

/** The first block of TypeScript in README.md. */
export async function readmeExample(): Promise<string> {
  const text = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const example = /^```ts\n(.*?)^```$/ms.exec(text)?.[1];
  if (example === undefined) throw new Error("README.md has no example");
  return example;
}
