import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Rolldown } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { peersPlugin } from "./vite.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "webtls-peers-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("the page's build", () => {
  it.each(["subtls", "node-forge", "reclaim", "libcurl", "libcurl-wasm", "epoxy", "epoxy-wasm"])(
    "leaves a module that says so where peer:%s is not installed",
    async (name) => {
      const script = join(folder, `${name}.mjs`);
      await writeFile(script, await built(`export const load = () => import("peer:${name}");`));
      const { load } = await import(pathToFileURL(script).href);
      await expect(load()).rejects.toThrow("The peers are not installed.");
    },
  );
});

/** One script, built where no peers are installed. */
async function built(source: string): Promise<string> {
  const input = join(folder, "entry.js");
  await writeFile(input, source);
  const result = (await build({
    root: folder,
    configFile: false,
    logLevel: "silent",
    plugins: [peersPlugin(async () => false)],
    build: {
      write: false,
      lib: { entry: input, formats: ["es"] },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  })) as Rolldown.RolldownOutput[];
  return result[0]?.output[0]?.code ?? "";
}
