import type { TLSSocket } from "node:tls";
import type { Page } from "@playwright/test";
import { createAuthority } from "../test/authority.ts";
import { make, openssl } from "../test/command.ts";
import { readmeExamples } from "../test/readme.ts";
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

/**
 * Runs an example on a page. Only what a test can't have is put in place of what stands there: the
 * package's names, which a page without bundler does not know, the bridge, the server, and the test
 * authority's root.
 *
 * @returns what it prints.
 */
async function printedBy(
  example: string,
  page: Page,
  { bridge, port, root }: { bridge: string; port: number; root: string },
): Promise<unknown[]> {
  for (const [original, ours] of [
    ['"webtls"', '"/src/index.ts"'],
    ["wss://bridge.example/bridge", bridge],
    ['connect("example.org:443"', `connect("localhost:${port}"`],
    ["createTls({ ", `createTls({ roots: ${JSON.stringify(root)}, `],
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
  return (await printed.jsonValue()) ?? [];
}

test("the README's example of a connection runs as it stands there", async ({
  page,
  bridges,
  root,
  identity,
  keep,
}) => {
  const { port } = await keep(
    startNodeTls(await identity(), serveHttp, { ALPNProtocols: ["http/1.1"] }),
  );
  const { connecting } = await readmeExamples();
  const place = { bridge: bridges.webtls.url, port, root: root.pem };
  const [info, ...answer] = await printedBy(connecting, page, place);
  expect(info).toMatchObject({ version: "TLSv1.3", alpn: "http/1.1" });
  expect(answer.join("")).toBe("HTTP/1.0 200 OK\r\n\r\nasked for: GET / HTTP/1.0");
});

test("the README's example of a client certificate runs as it stands there", async ({
  page,
  bridges,
  root,
  identity,
  keep,
}) => {
  const staff = await createAuthority();
  const names: unknown[] = [];
  const note = (socket: TLSSocket) => void names.push(socket.getPeerCertificate().subject.CN);
  const clientAuth = { ca: staff.pem, requestCert: true, rejectUnauthorized: true };
  const { port } = await keep(startNodeTls(await identity(), note, clientAuth));
  await page.exposeFunction("sign", async (request: string) => {
    const files = { "a.csr": request, "ca.pem": staff.pem, "ca.key": staff.privateKey };
    const by = ["-CA", "ca.pem", "-CAkey", "ca.key", "-days", "5", "-out", "a.pem"];
    return (
      await make("a.pem", openssl(["x509", "-req", "-in", "a.csr", ...by], files))
    ).toString();
  });
  const { certifying } = await readmeExamples();
  const example = certifying.replace('"webtls/identity"', '"/src/identity/index.ts"');
  const place = { bridge: bridges.webtls.url, port, root: root.pem };
  expect(await printedBy(example, page, place)).toEqual(["sent"]);
  await expect.poll(() => names).toEqual(["Alice"]);
});
