/**
 * The dependency rule of ARCHITECTURE.md, tried: for every folder, the linter refuses an import
 * that points up and takes one that points down.
 */

import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Each folder, with what it may import and what it may not. */
interface Layer {
  readonly file: string;
  readonly allowed: readonly string[];
  readonly forbidden: readonly string[];
}

const layers: readonly Layer[] = [
  {
    file: "src/errors.ts",
    allowed: [],
    forbidden: ["pkijs", "./crypto/bytes.ts", "./tls/options.ts", "./index.ts"],
  },
  {
    file: "src/crypto/x.ts",
    allowed: ["../errors.ts", "./bytes.ts"],
    forbidden: [
      "../identity/x.ts",
      "../x509/der.ts",
      "../tls/options.ts",
      "../bridge/x.ts",
      "../index.ts",
    ],
  },
  {
    file: "src/crypto/noble/x.ts",
    allowed: ["../../errors.ts", "../provider.ts"],
    forbidden: [
      "../../identity/x.ts",
      "../../x509/der.ts",
      "../../tls/options.ts",
      "../../page/x.ts",
    ],
  },
  {
    file: "src/x509/x.ts",
    allowed: ["../errors.ts", "../crypto/bytes.ts"],
    forbidden: [
      "../identity/x.ts",
      "@peculiar/x509",
      "../tls/options.ts",
      "../roots/mozilla.ts",
      "../worker/x.ts",
      "../index.ts",
    ],
  },
  {
    file: "src/roots/x.ts",
    allowed: ["../errors.ts", "../x509/x.ts"],
    forbidden: ["../identity/x.ts", "../tls/options.ts", "../bridge/x.ts", "../page/x.ts"],
  },
  {
    file: "src/tls/record/x.ts",
    allowed: [
      "../identity/identity.ts",
      "../options.ts",
      "../../x509/x.ts",
      "../../roots/x.ts",
      "../../crypto/bytes.ts",
    ],
    forbidden: [
      "../../identity/x.ts",
      "@peculiar/x509",
      "pkijs",
      "reflect-metadata",
      "../../crypto/webcrypto/x.ts",
      "../../crypto/noble/x.ts",
      "../../stream/x.ts",
      "../../bridge/x.ts",
      "../../worker/x.ts",
      "../../page/x.ts",
      "../../index.ts",
    ],
  },
  {
    file: "src/stream/x.ts",
    allowed: ["../errors.ts", "../tls/connection.ts", "../crypto/bytes.ts"],
    forbidden: [
      "../identity/x.ts",
      "../bridge/x.ts",
      "../worker/x.ts",
      "../page/x.ts",
      "../index.ts",
    ],
  },
  {
    file: "src/bridge/x.ts",
    allowed: ["../errors.ts"],
    forbidden: [
      "../identity/x.ts",
      "../stream/x.ts",
      "../tls/options.ts",
      "../x509/x.ts",
      "../crypto/bytes.ts",
      "../worker/x.ts",
    ],
  },
  {
    file: "src/worker/x.ts",
    allowed: ["../errors.ts", "../bridge/x.ts", "../stream/x.ts", "../tls/connection.ts"],
    forbidden: ["../identity/x.ts", "pkijs", "../page/x.ts", "../index.ts"],
  },
  {
    file: "src/page/x.ts",
    allowed: ["../errors.ts", "../worker/protocol.ts", "../tls/options.ts"],
    forbidden: [
      "../identity/x.ts",
      "@peculiar/x509",
      "../index.ts",
      "../worker/host.ts",
      "../worker/connection.ts",
      "../crypto/noble/x.ts",
      "../tls/connection.ts",
      "../stream/link.ts",
      "../x509/path.ts",
    ],
  },
  {
    file: "src/index.ts",
    allowed: ["./errors.ts", "./page/socket.ts", "./tls/options.ts", "./worker/protocol.ts"],
    forbidden: [
      "./identity/index.ts",
      "@peculiar/x509",
      "pkijs",
      "./tls/connection.ts",
      "./stream/duplex.ts",
      "./x509/path.ts",
      "./worker/host.ts",
    ],
  },
  {
    file: "src/tls/x.ts",
    allowed: ["./identity/identity.ts", "./options.ts"],
    forbidden: [
      "../identity/index.ts",
      "../../proxy/bridge.ts",
      "../../test/authority.ts",
      "../../demo/x.ts",
      "node:fs",
    ],
  },
  {
    file: "src/identity/x.ts",
    allowed: [
      "../errors.ts",
      "../tls/identity/identity.ts",
      "../x509/pem.ts",
      "../crypto/bytes.ts",
      "@peculiar/x509",
      "pkijs",
    ],
    forbidden: [
      "../index.ts",
      "../page/x.ts",
      "../worker/x.ts",
      "../stream/x.ts",
      "../bridge/x.ts",
      "../roots/x.ts",
      "node:crypto",
    ],
  },
  {
    file: "proxy/x.ts",
    allowed: ["./relay.ts", "node:net"],
    forbidden: ["../src/tls/connection.ts", "../src/errors.ts", "../test/authority.ts"],
  },
];

let refused: ReadonlySet<string>;

// Files with those imports, one a line, in a folder that has the project's linter configuration.
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "webtls-layers-"));
  try {
    await copyFile(join(root, "biome.json"), join(folder, "biome.json"));
    for (const layer of layers) {
      await mkdir(join(folder, dirname(layer.file)), { recursive: true });
      await writeFile(join(folder, layer.file), linesOf(layer).join("\n"));
    }
    refused = await refusedLines(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

function linesOf({ allowed, forbidden }: Layer): string[] {
  return [
    ...allowed.map((target) => `export * from "${target}";`),
    ...forbidden.map((target) => `export * from "${target}";`),
    ...forbidden.map((target) => `await import("${target}");`),
  ];
}

/** The lines the import rule complains of, each as `path:line`. */
async function refusedLines(folder: string): Promise<Set<string>> {
  const biome = join(root, "node_modules/.bin/biome");
  const args = ["lint", "--vcs-enabled=false", "--only=style/noRestrictedImports"];
  const limits = { cwd: folder, timeout: 20_000 };
  const report = await new Promise<string>((resolve) => {
    // It ends with an exit code, since there is something to complain of.
    execFile(biome, [...args, "--max-diagnostics=none", "--reporter=json", "."], limits, (_, out) =>
      resolve(out),
    );
  });
  const { diagnostics } = JSON.parse(report) as {
    diagnostics: { category: string; location: { path: string; start: { line: number } } }[];
  };
  return new Set(diagnostics.map(({ location: { path, start } }) => `${path}:${start.line}`));
}

describe.each(layers)("$file", (layer) => {
  const line = (text: string) => `${layer.file}:${linesOf(layer).indexOf(text) + 1}`;

  test.each(layer.forbidden)("may not import %s", (target) => {
    expect(refused).toContain(line(`export * from "${target}";`));
    expect(refused).toContain(line(`await import("${target}");`));
  });

  test.each(layer.allowed)("may import %s", (target) => {
    expect(refused).not.toContain(line(`export * from "${target}";`));
  });
});
