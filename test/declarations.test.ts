/**
 * The declarations as a user's compiler sees them: strict, with library checks on, and with the
 * oldest `lib` that has what the library needs.
 */

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readmeExample } from "./readme.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "webtls-types-"));
  const options = ["-p", "tsconfig.build.json", "--emitDeclarationOnly", "--outDir"];
  expect(await compile(root, [...options, join(folder, "dist")])).toBe("");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What the compiler complains of. */
function compile(cwd: string, args: readonly string[]): Promise<string> {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  return new Promise((resolve) => {
    execFile(process.execPath, [tsc, ...args], { cwd, timeout: 60_000 }, (_, out) => resolve(out));
  });
}

async function use(code: string): Promise<string> {
  await writeFile(join(folder, "user.ts"), code);
  const compilerOptions = {
    target: "ES2022",
    module: "ESNext",
    moduleResolution: "Bundler",
    lib: ["ES2022", "DOM"],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    paths: { webtls: ["./dist/index.d.ts"], "webtls/core": ["./dist/stream/duplex.d.ts"] },
  };
  await writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files: ["user.ts"] }),
  );
  return compile(folder, ["-p", "."]);
}

test("what users write compiles", async () => {
  const complaints = await use(`
    import { connectTls } from "webtls/core";
    import { createTls, type Socket, TlsError, websockify } from "webtls";
    const bridge = websockify("wss://bridge.example/", { target: "fixed" });
    await using tls = createTls({ bridge, roots: ["mozilla", new Uint8Array(1)], keyLog: console.log });
    const { signal } = new AbortController();
    const socket: Socket = tls.connect({ hostname: "a.example", port: 1 }, { alpn: ["h2"], signal });
    const { version, certificates } = await socket.opened;
    console.log(version.length, certificates[0]?.byteLength);
    await new Blob(["x"]).stream().pipeTo(socket.writable);
    await new Response(socket.readable).text();
    const plain = tls.connect("a.example:1", { secureTransport: "starttls" });
    console.log((await plain.opened).remoteAddress, (await plain.startTls().opened).group);
    const pair = new TransformStream<Uint8Array, Uint8Array>();
    connectTls(pair, { hostname: "a.example" }).closed.catch((error: unknown) => {
      if (error instanceof TlsError && error.code === "closed/truncated") console.log(error.phase);
    });
  `);
  expect(complaints).toBe("");
});

test("so does the example in README.md", async () => {
  expect(await use(await readmeExample())).toBe("");
});

test("what is wrong does not", async () => {
  const complaints = await use(`
    import { createTls, websockify } from "webtls";
    const tls = createTls({ bridge: websockify("wss://bridge.example/"), rejectUnauthorized: false });
    const plain = tls.connect("a.example:1", { secureTransport: "off" });
    console.log((await plain.opened).version);
    tls.connect("a.example:1", { minVersion: "TLSv1.1" });
  `);
  for (const word of ["'rejectUnauthorized'", "'version'", '"TLSv1.1"']) {
    expect(complaints).toContain(word);
  }
  expect(complaints.match(/^user\.ts\(/gm)).toHaveLength(3);
});
