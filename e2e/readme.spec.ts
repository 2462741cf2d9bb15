import type { TLSSocket } from "node:tls";
import { readmeExample } from "../test/readme.ts";
import { startNodeTls } from "../test/servers/node-tls.ts";
import { expect, pagesOrigin, test } from "./rig/fixtures.ts";

/** Answers a request that ends with an empty line, and closes. */
function serveHttp(socket: TLSSocket): void {
  let request = "";
  socket.on("data", (chunk: Buffer) => {
    request += chunk.toString();
    if (request.endsWith("\r\n\r\n")) {
      socket.end(`HTTP/1.0 200 OK\r\n\r\nasked for: ${request.slice(0, request.indexOf("\r"))}`);
    }
  });
}

test("the README's example runs as it stands there", async ({
  page,
  bridges,
  root,
  identity,
  keep,
}) => {
  const server = await keep(
    startNodeTls(await identity(), serveHttp, { ALPNProtocols: ["http/1.1"] }),
  );
  // Only what a test can't have is put in place of what stands there: the package's name, which a
  // page without bundler does not know, the bridge, the server, and the test authority's root. What is
  // printed is kept.
  let example = await readmeExample();
  for (const [original, ours] of [
    ['"webtls"', '"/src/index.ts"'],
    ["wss://bridge.example/bridge", bridges.webtls.url],
    ['connect("example.org:443"', `connect("localhost:${server.port}"`],
    ["createTls({ ", `createTls({ roots: ${JSON.stringify(root.pem)}, `],
  ] as const) {
    expect(example.split(original)).toHaveLength(2);
    example = example.replace(original, () => ours);
  }
  await page.goto(`${pagesOrigin()}/e2e/page/`);
  const console = "const printed = []; const console = { log: (value) => printed.push(value) };";
  await page.addScriptTag({
    type: "module",
    content: `${console}\n${example}\nwindow.printed = printed;`,
  });
  const printed = await page.waitForFunction(() => (window as { printed?: unknown[] }).printed);
  const [info, ...answer] = (await printed.jsonValue()) ?? [];
  expect(info).toMatchObject({ version: "TLSv1.3", alpn: "http/1.1" });
  expect(answer.join("")).toBe("HTTP/1.0 200 OK\r\n\r\nasked for: GET / HTTP/1.0");
});
