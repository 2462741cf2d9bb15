/**
 * What a page and the worker have to load: no protocol code for the page, and no fallback or root
 * that is not needed for the worker. Bundled from the source, as an application's bundler does it.
 */

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type Bundle,
  bundle,
  bundleWorker,
  loadedFor,
  modulesOf,
  ordinary,
  type Part,
  totalSize,
} from "./bundle.ts";

/** What `webtls/identity` is made of, and nothing else may load, not even on demand. */
const ofIdentities =
  /^src\/identity\/|node_modules\/(@peculiar|pkijs|asn1js|bytestreamjs|pv|tsyringe|reflect-metadata)/;

/** Prints what parts weigh. @returns bytes, minified and gzipped. */
function weigh(what: string, parts: readonly Part[]): number {
  const { gzip } = totalSize(parts);
  console.log(`${what}: ${gzip} bytes`);
  return gzip;
}

describe("the page's entry", () => {
  test("holds no protocol code, and is small", async () => {
    const { entry, lazy } = await bundle("src/index.ts");
    const modules = modulesOf(entry);
    expect(modules).toContain("src/index.ts");
    const allowed = /^src\/(index|errors|bridge\/descriptor|page\/[^/]+|worker\/protocol)\.ts$/;
    // Options, streams, windows and garbage: what page and worker share.
    const shared =
      /^src\/(tls\/caller-options|stream\/(ballast|calls|credit|dispose|endpoint|inbound|outbound|schedule|trace))\.ts$/;
    expect(modules.filter((id) => !allowed.test(id) && !shared.test(id))).toEqual([]);
    expect(lazy).toEqual([]);
    expect(modules.filter((id) => ofIdentities.test(id))).toEqual([]);
    expect(weigh("page entry", entry)).toBeLessThanOrEqual(5_000);
  });
});

describe("the worker's entry", () => {
  let worker: Bundle;
  beforeAll(async () => {
    worker = await bundleWorker();
  });

  test("loads fallbacks and roots on demand only", () => {
    const modules = modulesOf(worker.entry);
    const lazy = modulesOf(worker.lazy);
    const onDemand = /node_modules|^src\/roots|^src\/crypto\/noble[./]/;
    expect(modules.filter((id) => onDemand.test(id))).toEqual([]);
    expect([...modules, ...lazy].filter((id) => ofIdentities.test(id))).toEqual([]);
    expect(lazy.some((id) => id.includes("@noble/"))).toBe(true);
    expect(lazy).toContain("src/roots/mozilla.ts");
    // What nearly every connection needs is there at once.
    expect(modules).toContain("src/x509/path.ts");
    expect(lazy).toContain("src/tls/given-trust.ts");
    expect(lazy).toContain("src/tls/rare-options.ts");
    expect(lazy).toContain("src/tls/client/retry.ts");
    expect(lazy).toContain("src/tls/client/known-peer.ts");
    expect(lazy).toContain("src/tls/client/ech.ts");
    expect(lazy).toContain("src/x509/crl/crl.ts");
    expect(lazy).toContain("src/x509/crl/condition.ts");
    expect(lazy).toContain("src/tls/session/encoding.ts");
    expect(lazy).toContain("src/x509/ct/transparency.ts");
    expect(lazy).toContain("src/x509/constraints.ts");
    expect(lazy).toContain("src/x509/name-match.ts");
    expect(lazy.some((id) => id.includes("node_modules/hpke/"))).toBe(true);
  });

  test("is small, and so is what an ordinary handshake loads besides", () => {
    expect(weigh("worker entry", worker.entry)).toBeLessThan(41_700);
    const loaded = [...worker.entry, ...loadedFor(worker, ordinary)];
    expect(weigh("ordinary handshake", loaded)).toBeLessThanOrEqual(45_000);
  });

  test("is two files: what starts it, and what is started", () => {
    expect(worker.entry.map(({ modules }) => modules.includes("src/worker/entry.ts"))).toEqual([
      true,
      false,
    ]);
  });

  test("loads the roots as a part of their own", () => {
    const roots = worker.lazy.filter(({ modules }) => modules.includes("src/roots/mozilla.ts"));
    expect(roots).toHaveLength(1);
    weigh("roots", roots);
    expect(modulesOf(roots).filter((id) => !id.startsWith("src/roots/"))).toEqual([]);
    // Most connections load them, and nothing besides.
    expect(loadedFor(worker, ["src/roots/index.ts"])).toEqual(roots);
  });

  test("asks for no file that nothing but another file knows it needs", () => {
    expect(loadedFor(worker, ["src/roots/index.ts", "src/tls/given-trust.ts"])).toHaveLength(2);
  });

  test("loads brotli's decoder and dictionary as a part of its own", () => {
    const brotli = worker.lazy.filter(({ modules }) =>
      modules.some((id) => id.includes("/brotli/")),
    );
    expect(brotli).toHaveLength(1);
    const own =
      /src\/tls\/compression\/brotli\.ts|node_modules\/(brotli\/(decompress\.js|dec\/)|base64-js\/)/;
    expect(modulesOf(brotli).filter((id) => !own.test(id) && !id.startsWith("\0"))).toEqual([]);
    expect(weigh("brotli", brotli)).toBeLessThan(72 * 1024);
  });
});

describe("the entry for identities", () => {
  test("loads what reads and writes certificates when it is wanted", async () => {
    const { entry, lazy } = await bundle("src/identity/index.ts");
    expect(modulesOf(entry).filter((id) => id.includes("node_modules"))).toEqual([]);
    expect(weigh("identity entry", entry)).toBeLessThan(24 * 1024);
    for (const [name, most] of [
      ["@peculiar/x509", 64 * 1024],
      ["pkijs", 96 * 1024],
    ] as const) {
      const own = lazy.filter(({ modules }) => modules.some((id) => id.includes(`/${name}/`)));
      expect(own).toHaveLength(1);
      expect(weigh(name, own)).toBeLessThan(most);
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
