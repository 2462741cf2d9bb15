/**
 * What a page and the worker have to load: no protocol code for the page, and no fallback or root
 * that is not needed for the worker. Bundled from the source, as an application's bundler does it.
 */

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Bundle {
  /** Source files of what is loaded at once, relative to the project; packages by their path. */
  readonly modules: readonly string[];
  /** The same of what is loaded on demand. */
  readonly lazy: readonly string[];
  /** What is loaded on demand, each part with its modules and its size as below. */
  readonly parts: readonly { readonly modules: readonly string[]; readonly size: number }[];
  /** Bytes loaded at once, minified and gzipped. */
  readonly size: number;
}

/** What `webtls/identity` is made of, and nothing else may load, not even on demand. */
const ofIdentities =
  /^src\/identity\/|node_modules\/(@peculiar|pkijs|asn1js|bytestreamjs|pv|tsyringe|reflect-metadata)/;

const workerUrl = 'new URL("../worker/entry.ts", import.meta.url)';

async function bundle(entry: string, outDir?: string): Promise<Bundle> {
  const result = await build({
    root,
    configFile: false,
    logLevel: "error",
    // The worker is a bundle of its own, and no part of the page's: neither is its script, which
    // a library's build would take for an asset and put in as a data URL.
    plugins: [
      { name: "no-worker", transform: (code) => code.replace(workerUrl, '"worker/entry.js"') },
    ],
    build: {
      ...(outDir === undefined ? { write: false } : { outDir }),
      target: "es2022",
      lib: { entry: `${root}${entry}`, formats: ["es"], fileName: "entry" },
      rolldownOptions: { output: { minify: true } },
    },
  });
  const [{ output }] = result as [Rolldown.RolldownOutput];
  const chunks = new Map<string, Rolldown.OutputChunk>();
  for (const item of output) if (item.type === "chunk") chunks.set(item.fileName, item);
  const eager = new Set<Rolldown.OutputChunk>();
  const load = (chunk: Rolldown.OutputChunk | undefined) => {
    if (chunk === undefined || eager.has(chunk)) return;
    eager.add(chunk);
    for (const name of chunk.imports) load(chunks.get(name));
  };
  load([...chunks.values()].find(({ isEntry }) => isEntry));
  const later = [...chunks.values()].filter((chunk) => !eager.has(chunk));
  const modulesOf = (list: Iterable<Rolldown.OutputChunk>) =>
    [...list].flatMap(({ moduleIds }) => moduleIds.map((id) => id.replace(root, "")));
  const code = [...eager].map((chunk) => chunk.code).join("");
  const parts = later.map((chunk) => ({
    modules: modulesOf([chunk]),
    size: gzipSync(chunk.code).length,
  }));
  const size = gzipSync(code).length;
  return { modules: modulesOf(eager), lazy: modulesOf(later), parts, size };
}

describe("the page's entry", () => {
  test("holds no protocol code, and is small", async () => {
    const { modules, lazy, size } = await bundle("src/index.ts");
    console.log(`page entry: ${size} bytes`);
    expect(modules).toContain("src/index.ts");
    const allowed = /^src\/(index|errors|bridge\/descriptor|page\/[^/]+|worker\/protocol)\.ts$/;
    // Options, streams and windows: what page and worker share.
    const shared =
      /^src\/(tls\/(caller-options|trust-options)|stream\/(calls|credit|dispose|endpoint|inbound|outbound|schedule|trace))\.ts$/;
    expect(modules.filter((id) => !allowed.test(id) && !shared.test(id))).toEqual([]);
    expect(lazy).toEqual([]);
    expect(modules.filter((id) => ofIdentities.test(id))).toEqual([]);
    expect(size).toBeLessThan(6 * 1024);
  });
});

describe("the worker's entry", () => {
  test("loads fallbacks and roots on demand only", async () => {
    const { modules, lazy, size } = await bundle("src/worker/entry.ts");
    console.log(`worker entry: ${size} bytes`);
    const onDemand = /node_modules|^src\/roots|^src\/crypto\/noble\//;
    expect(modules.filter((id) => onDemand.test(id))).toEqual([]);
    expect([...modules, ...lazy].filter((id) => ofIdentities.test(id))).toEqual([]);
    expect(lazy.some((id) => id.includes("@noble/"))).toBe(true);
    expect(lazy).toContain("src/roots/mozilla.ts");
    expect(lazy).toContain("src/x509/path.ts");
    expect(lazy).toContain("src/tls/given-trust.ts");
    expect(lazy).toContain("src/tls/client/ech.ts");
    expect(lazy).toContain("src/x509/crl/crl.ts");
    expect(lazy).toContain("src/x509/crl/condition.ts");
    expect(lazy).toContain("src/tls/session/encoding.ts");
    expect(lazy).toContain("src/x509/ct/transparency.ts");
    expect(lazy).toContain("src/x509/constraints.ts");
    expect(lazy).toContain("src/x509/name-match.ts");
    expect(lazy.some((id) => id.includes("node_modules/hpke/"))).toBe(true);
    expect(size).toBeLessThan(46 * 1024);
  });

  test("loads the roots as a part of their own", async () => {
    const { parts } = await bundle("src/worker/entry.ts");
    const roots = parts.filter(({ modules }) => modules.includes("src/roots/mozilla.ts"));
    expect(roots).toHaveLength(1);
    console.log(`roots: ${roots[0]?.size} bytes`);
    const others = roots[0]?.modules.filter((id) => !id.startsWith("src/roots/"));
    expect(others).toEqual([]);
  });

  test("loads brotli's decoder and dictionary as a part of its own", async () => {
    const { parts } = await bundle("src/worker/entry.ts");
    const brotli = parts.filter(({ modules }) => modules.some((id) => id.includes("/brotli/")));
    expect(brotli).toHaveLength(1);
    console.log(`brotli: ${brotli[0]?.size} bytes`);
    const own =
      /src\/tls\/compression\/brotli\.ts|node_modules\/(brotli\/(decompress\.js|dec\/)|base64-js\/)/;
    expect(brotli[0]?.modules.filter((id) => !own.test(id) && !id.startsWith("\0"))).toEqual([]);
    expect(brotli[0]?.size).toBeLessThan(72 * 1024);
  });
});

describe("the entry for identities", () => {
  test("loads what reads and writes certificates when it is wanted", async () => {
    const { modules, parts, size } = await bundle("src/identity/index.ts");
    expect(modules.filter((id) => id.includes("node_modules"))).toEqual([]);
    expect(size).toBeLessThan(24 * 1024);
    console.log(`identity entry: ${size} bytes`);
    for (const [name, most] of [
      ["@peculiar/x509", 64 * 1024],
      ["pkijs", 96 * 1024],
    ] as const) {
      const own = parts.filter(({ modules }) => modules.some((id) => id.includes(`/${name}/`)));
      expect(own).toHaveLength(1);
      console.log(`${name}: ${own[0]?.size} bytes`);
      expect(own[0]?.size).toBeLessThan(most);
    }
  });

  test("works when it is bundled, with what has to be there before the rest", async () => {
    const folder = await mkdtemp(join(tmpdir(), "webtls-bundle-"));
    try {
      await bundle("src/identity/index.ts", folder);
      const script = `
        import { createSelfSigned, generateKeys, importPkcs12, inspectCertificate } from "./entry.js";
        const identity = await createSelfSigned({
          keys: await generateKeys(),
          subject: { commonName: "Alice" },
        });
        const { subject } = await inspectCertificate(identity.certificates[0]);
        const { code } = await importPkcs12(new Uint8Array()).catch((error) => error);
        console.log(subject, code);
      `;
      await writeFile(join(folder, "use.mjs"), script);
      await writeFile(join(folder, "package.json"), '{ "type": "module" }');
      const printed = await new Promise((resolve, reject) => {
        const limits = { cwd: folder, timeout: 20_000 };
        execFile(process.execPath, ["use.mjs"], limits, (error, out) =>
          error ? reject(error) : resolve(out),
        );
      });
      expect(printed).toBe("CN=Alice identity/bad-file\n");
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
