/**
 * The declarations as a user's compiler sees them: strict, with library checks on, and with the
 * oldest `lib` that has what the library needs.
 */

import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readmeExamples } from "./readme.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "webtls-types-"));
  // The dependencies whose types stand in the declarations, as they are where webtls is installed.
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
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
    paths: {
      webtls: ["./dist/index.d.ts"],
      "webtls/core": ["./dist/stream/duplex.d.ts"],
      "webtls/identity": ["./dist/identity/index.d.ts"],
    },
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

test("so does what they write with identities", async () => {
  const complaints = await use(`
    import {
      attachCertificates, createCertificateRequest, createSelfSigned, type CryptoKeyIdentity,
      generateKeys, importPem, importPkcs12, inspectCertificate, openIdentityStore, TlsError,
    } from "webtls/identity";
    import { createTls, type Identity, websockify } from "webtls";
    const keys = await generateKeys({ algorithm: "Ed25519" });
    const names = { email: ["alice@a.example"] };
    const { pem } = await createCertificateRequest({ keys, subject: { commonName: "Alice" }, names });
    const store = await openIdentityStore();
    await store.keys.save("alice", keys);
    const { privateKey } = (await store.keys.load("alice")) ?? keys;
    const issued: CryptoKeyIdentity = await attachCertificates(privateKey, pem);
    await store.identities.save("alice", issued);
    const identity: Identity | undefined = await store.identities.load("alice");
    const bridge = websockify("wss://bridge.example/");
    if (identity !== undefined) createTls({ bridge, identity });
    createTls({ bridge, identity: await createSelfSigned({ keys, names }) });
    const { files } = document.createElement("input");
    const [file] = files ?? [];
    if (file !== undefined) createTls({ bridge, identity: await importPkcs12(file, { password: "x" }) });
    createTls({ bridge, identity: await importPem([pem, pem]) });
    const { subject, notAfter } = await inspectCertificate(issued.certificates[0] ?? "");
    console.log(subject, notAfter.getTime(), TlsError.name, await store.identities.list());
  `);
  expect(complaints).toBe("");
});

test("so do the examples in README.md", async () => {
  const { connecting, certifying } = await readmeExamples();
  expect(await use(connecting)).toBe("");
  const authority = "declare function sign(request: string): Promise<string>;";
  expect(await use(`${certifying}${authority}`)).toBe("");
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
