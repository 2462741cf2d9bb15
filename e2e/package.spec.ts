import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { openssl, run } from "../test/command.ts";
import { bridgeKinds, startBridge } from "../test/servers/bridges.ts";
import { startPeer } from "../test/servers/peers.ts";
import { startDropping } from "../test/servers/tcp.ts";
import type { webtls } from "./page/rig.ts";
import { expect, test } from "./rig/fixtures.ts";
import { startStaticHost } from "./rig/static-host.ts";

/** The path of the package's main entry, as its `exports` name it. */
async function mainEntry(): Promise<string> {
  const text = await readFile(new URL("../package.json", import.meta.url), "utf8");
  const entry = JSON.parse(text).exports["."];
  return new URL(entry.default ?? entry.import ?? entry, "http://host/").pathname;
}

for (const kind of bridgeKinds) {
  for (const version of ["TLSv1.3", "TLSv1.2"] as const) {
    test(`the built package connects under a strict policy (${version}, through ${kind})`, async ({
      page,
      keep,
      root,
      identity,
    }) => {
      const complaints: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error") complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(error.message));

      const host = await keep(startStaticHost("ws://127.0.0.1:*"));
      const bridge = await keep(startBridge(kind, host.origin));
      const server = await keep(startPeer("node", await identity("rsa-2048"), { version }));
      await bridge.allow(server.port);

      await page.goto(host.origin);
      const found = await page.evaluate(
        async ([entry, url, kind, address, roots]) => {
          const { createTls, websockify, webtlsBridge }: typeof webtls = await import(entry);
          const bridge = kind === "websockify" ? websockify(url) : webtlsBridge(url);
          const tls = createTls({ bridge, roots });
          const socket = tls.connect(address);
          const { version } = await socket.opened;
          const writer = socket.writable.getWriter();
          await writer.write(new TextEncoder().encode("webtls\n"));
          const { value } = await socket.readable.getReader().read();
          await tls.close();
          return { version, answer: new TextDecoder().decode(value) };
        },
        [await mainEntry(), bridge.url, kind, `localhost:${server.port}`, root.pem] as const,
      );
      expect(found).toEqual({ version, answer: "sltbew\n" });
      expect(host.missing).toEqual([]);
      expect(complaints.filter((text) => !text.includes("favicon"))).toEqual([]);
    });
  }
}

test("the built package says in words why a connection failed", async ({
  page,
  keep,
  root,
  identity,
}) => {
  const host = await keep(startStaticHost("ws://127.0.0.1:*"));
  const bridge = await keep(startBridge("webtls", host.origin));
  const server = await keep(startPeer("node", await identity("rsa-2048"), { version: "TLSv1.3" }));
  const gone = await startDropping();
  await gone.stop();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(host.origin);
  const said = await page.evaluate(
    async ([entry, url, roots, valid, gone]) => {
      const { createTls, webtlsBridge }: typeof webtls = await import(entry);
      const tls = createTls({ bridge: webtlsBridge(url), roots });
      const failures = [
        tls.connect(valid, { servername: "other.example" }),
        tls.connect(gone),
        tls.connect("localhost"),
      ].map(({ opened }) => opened.catch(({ message }) => message));
      const messages = await Promise.all(failures);
      await tls.close();
      return messages;
    },
    [
      await mainEntry(),
      bridge.url,
      root.pem,
      `localhost:${server.port}`,
      `localhost:${gone.port}`,
    ] as const,
  );
  expect(said).toEqual([
    expect.stringMatching(/^The server's certificate is .*other\.example/),
    expect.stringContaining("the server refused the connection or can't be reached"),
    expect.stringMatching(/^Option "address" is not valid: expected "host:port" or /),
  ]);
  expect(asked.filter((path) => path.includes("/spelling-"))).toHaveLength(1);
});

test("the built page entry loads no protocol code", async ({ page, keep }) => {
  const host = await keep(startStaticHost("'none'"));
  const loaded: string[] = [];
  page.on("request", (request) => loaded.push(new URL(request.url()).pathname));
  await page.goto(host.origin);
  await page.evaluate((entry) => import(entry), await mainEntry());
  const modules = loaded.filter((path) => path.startsWith("/dist/"));
  expect(modules).toContain("/dist/index.js");
  const protocol = /\/(x509|roots|worker\/entry|tls\/(client|keys|messages|record|connection))\b/;
  expect(modules.filter((path) => protocol.test(path))).toEqual([]);
});

test("the built webtls/core connects in Node, by its name", async ({ root, identity, keep }) => {
  const server = await keep(startPeer("s_server", await identity(), { version: "TLSv1.3" }));
  const script = fileURLToPath(new URL("rig/core-client.mjs", import.meta.url));
  const answer = await new Promise<string>((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [script, String(server.port)],
      { timeout: 20_000 },
      (error, stdout) => (error ? reject(error) : resolve(stdout)),
    );
    child.stdin?.end(root.pem);
  });
  expect(JSON.parse(answer)).toEqual({ version: "TLSv1.3", group: "x25519", answer: "sltbew" });
});

test("the built webtls/identity works in Node, by its name", async () => {
  const script = fileURLToPath(new URL("rig/identity-maker.mjs", import.meta.url));
  const { code, text } = await run({ program: process.execPath, args: [script] });
  expect(code).toBe(0);
  const { pem, subject, refusals } = JSON.parse(text);
  expect(subject).toBe("CN=Alice");
  expect(refusals).toEqual(["identity/bad-file", "configuration/unsupported-platform"]);
  const verify = ["req", "-in", "a.csr", "-verify", "-noout"];
  expect((await run(openssl(verify, { "a.csr": pem }))).text).toContain("verify OK");
});

test("the built package states the licences of what its worker holds", async () => {
  const notices = await readFile(new URL("../dist/THIRD-PARTY-LICENSES", import.meta.url), "utf8");
  const packages = ["ciphers", "curves", "hashes", "post-quantum"].map((name) => `@noble/${name}`);
  for (const name of [...packages, "micro-rsa-dsa-dh"]) {
    const folder = new URL(`../node_modules/${name}/`, import.meta.url);
    const { version } = JSON.parse(await readFile(new URL("package.json", folder), "utf8"));
    expect(notices).toContain(`${name} ${version} (MIT)`);
    expect(notices).toContain((await readFile(new URL("LICENSE", folder), "utf8")).trim());
  }
  expect(notices).toContain("https://mozilla.org/MPL/2.0/");
});
