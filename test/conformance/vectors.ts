/**
 * Where the outside suites find their vectors: the folder that the environment variable
 * `WEBTLS_VECTORS` names. The project carries none of them; what is absent is named and skipped.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "vitest";

const folder = process.env.WEBTLS_VECTORS;

/** The full path of a vector file or folder, or undefined where it is not there. */
export function vectorPath(relativePath: string): string | undefined {
  if (folder === undefined || folder === "") return undefined;
  const path = join(folder, relativePath);
  return existsSync(path) ? path : undefined;
}

/**
 * A JSON file of vectors, or undefined where it is not there.
 *
 * @typeParam Vectors the shape the suite knows its file to have; it is not checked.
 */
export function readVectors<Vectors>(relativePath: string): Vectors | undefined {
  const path = vectorPath(relativePath);
  if (path === undefined) return undefined;
  const vectors: Vectors = JSON.parse(readFileSync(path, "utf8"));
  return vectors;
}

/** Registers a test that is skipped and says, in its name and on the console, what is not there. */
export function skipWithoutVectors(relativePath: string): void {
  const reason =
    folder === undefined || folder === ""
      ? `WEBTLS_VECTORS is not set: ${relativePath} was not found`
      : `WEBTLS_VECTORS has no ${relativePath}`;
  console.warn(`not run: ${reason}`);
  test.skip(reason, () => {});
}

/** Bytes of a hexadecimal string. */
export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(hex, "hex"));
}
