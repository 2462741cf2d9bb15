import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { createServer } from "vite";
import { demoServersPlugin } from "../demo/servers/vite-plugin.ts";
import { bridgePlugin } from "../proxy/vite-plugin.ts";
import { startWebsockify } from "../test/servers/websockify.ts";
import { expect, test } from "./rig/fixtures.ts";

/** What `npm start` runs, on free ports and with a token file of its own. */
async function startDemo() {
  const folder = await mkdtemp(join(tmpdir(), "webtls-demo-"));
  const tokenFile = join(folder, "targets");
  const vite = await createServer({
    root: fileURLToPath(new URL("..", import.meta.url)),
    configFile: false,
    logLevel: "error",
    plugins: [demoServersPlugin({ tokenFile }), bridgePlugin()],
    worker: { format: "es" },
    cacheDir: join(folder, "cache"),
    optimizeDeps: { noDiscovery: true, include: ["@peculiar/x509", "reflect-metadata"] },
    server: { host: "127.0.0.1", port: 0, hmr: false, watch: null },
  });
  await vite.listen();
  const address = vite.httpServer?.address();
  if (!address || typeof address === "string") throw new Error("Vite listens on no port");
  return {
    url: `http://127.0.0.1:${address.port}/`,
    tokens: await readFile(tokenFile, "utf8"),
    async stop() {
      await vite.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Demo = Awaited<ReturnType<typeof startDemo>>;
let demo: Demo;

test.describe.configure({ mode: "serial" });
test.beforeAll(async () => {
  demo = await startDemo();
});
test.afterAll(async () => {
  await demo.stop();
});
test.beforeEach(async ({ page }) => {
  await page.goto(demo.url);
  await expect(page.getByRole("radio", { name: "TLS 1.3" })).toBeChecked();
});

async function connectTo(page: Page, server: string): Promise<void> {
  await page.getByRole("radio", { name: new RegExp(`^${server}`) }).check();
  await page.getByRole("button", { name: /^Connect( anew)?$/ }).click();
}

/** The places of the chain that is drawn, the server's first. */
function places(page: Page) {
  return page.locator("#chain > li");
}

/** The places as they are shown: what each is, its name, and how it stands. */
async function drawn(page: Page): Promise<(string | null)[]> {
  await expect(page.locator("#certificates")).toBeVisible();
  const rows = await places(page).all();
  const cells = await Promise.all(
    rows.map(async (row) => [
      await row.locator(".role").evaluate((role) => role.lastChild?.textContent ?? null),
      await row.getByRole("heading").textContent(),
      await row.getAttribute("data-state"),
    ]),
  );
  return cells.flat();
}

/** What the page shows beside a term. */
function described(page: Page, section: string, term: string) {
  return page.locator(section).locator("div", { hasText: term }).locator("dd");
}

for (const { server, version, handshake } of [
  { server: "TLS 1.3", version: "TLS 1.3", handshake: /^full$/ },
  { server: "TLS 1.2", version: "TLS 1.2", handshake: /^full$/ },
  { server: "Another key share", version: "TLS 1.3", handshake: /asked for another ClientHello/ },
]) {
  test(`${server}: shows what was negotiated, the chain, and the answer`, async ({ page }) => {
    await connectTo(page, server);
    await expect(page.getByRole("status")).toContainText("Connected to localhost:");
    await expect(described(page, "#negotiated", "Version")).toHaveText(version);
    await expect(described(page, "#negotiated", "Handshake")).toHaveText(handshake);
    const [first, last] = [places(page).first(), places(page).last()];
    await expect(first).toContainText("localhost, 127.0.0.1, ::1");
    await expect(first).toContainText("signed by");
    await expect(last).toContainText("Trusted root");
    await expect(last).toContainText("webtls demo root");

    await page.getByLabel("a line of text").fill("hello");
    await page.getByRole("button", { name: "Send line" }).click();
    await expect(page.locator("#transcript .received")).toHaveText("hello\n");
    await page.getByRole("button", { name: "Disconnect" }).click();
    await expect(page.getByRole("status")).toHaveText("Disconnected.");

    await connectTo(page, server);
    await page.getByRole("button", { name: "Send GET" }).click();
    await expect(page.locator("#transcript .received")).toContainText(`demo server "${server}"`);
    await expect(page.getByRole("status")).toHaveText("The server has closed the connection.");
  });
}

for (const { server, code, reason, chain } of [
  {
    server: "Expired",
    code: "certificate/expired",
    reason: "Expired",
    chain: ["The server", "localhost", "bad"],
  },
  {
    server: "Wrong name",
    code: "certificate/wrong-name",
    reason: "Made out to another name",
    chain: [
      "The server",
      "somewhere-else.example",
      "bad",
      "Trusted root",
      "webtls demo root",
      "open",
    ],
  },
  {
    server: "Revoked",
    code: "certificate/revoked",
    reason: "Revoked",
    chain: ["The server", "localhost", "bad", "Trusted root", "webtls demo root", "open"],
  },
  {
    server: "Missing intermediate",
    code: "certificate/unknown-issuer",
    reason: "Nobody trusted vouches for it",
    chain: ["The server", "localhost", "open", "Missing", "webtls demo intermediate", "bad"],
  },
  {
    server: "Unknown root",
    code: "certificate/unknown-issuer",
    reason: "Nobody trusted vouches for it",
    chain: [
      ...["The server", "localhost", "open", "Intermediate authority", "another intermediate"],
      ...["open", "A root, but none that is trusted", "another root", "bad"],
    ],
  },
  {
    server: "No way up",
    code: "certificate/expired",
    reason: "Expired",
    chain: [
      ...["The server", "localhost", "open"],
      ...["Intermediate authority", "webtls demo intermediate", "bad"],
    ],
  },
  {
    server: "Self-signed",
    code: "certificate/self-signed",
    reason: "Vouches for itself only",
    chain: ["The server", "localhost", "bad"],
  },
]) {
  test(`${server}: is refused with ${code}, and where in the chain is shown`, async ({ page }) => {
    await connectTo(page, server);
    await expect(page.getByRole("alert")).toContainText("Refused, as it should be");
    await expect(described(page, "#failure", "Code")).toHaveText(code);
    await expect(page.locator("#verdict")).toContainText(reason);
    expect(await drawn(page)).toEqual(chain);
    // Why stands where it is, in words.
    const faulty = places(page).and(page.locator("[data-state=bad]"));
    await expect(faulty.locator(".reason strong")).toHaveText(reason);
    // The step that failed is marked, behind what led to it and in front of the alert.
    const steps = await page.locator("#steps .title").allTextContents();
    expect(steps.slice(-3, -1)).toEqual(["received: Certificate", "failed: Certificate refused"]);
    expect(steps.at(-1)).toMatch(/^sent: Alert /);
    await expect(described(page, "#negotiated", "Version")).toHaveText("TLS 1.3");
    await expect(described(page, "#negotiated", "Signature")).toHaveText("not reached");
  });
}

test("an intermediate that the page brings is marked as left out by the server", async ({
  page,
}) => {
  await page.getByLabel("Bring the demo's intermediate certificate").check();
  await connectTo(page, "Missing intermediate");
  await expect(page.getByRole("status")).toContainText("Connected to localhost:");
  await expect(places(page).nth(1)).toContainText("left out by the server");
  await expect(places(page).nth(1)).toContainText("webtls demo intermediate");
});

test("what was presented in vain and what was tried in vain are told apart", async ({ page }) => {
  await connectTo(page, "Two ways up");
  await expect(page.getByRole("status")).toContainText("Connected to localhost:");
  const unused = page.locator("#chain-rest .unused").getByRole("listitem");
  await expect(unused).toHaveCount(1);
  await expect(unused).toContainText("webtls demo intermediate");
  await expect(unused).toContainText("30 days ago");

  await connectTo(page, "No way up");
  await expect(page.locator("#chain-rest .unused")).toHaveCount(0);
  await page.getByText("Other paths that were tried (1)").click();
  const other = page.locator("#chain-rest .others").getByRole("listitem");
  await expect(other).toContainText("another root");
  await expect(other).toContainText("Nobody trusted vouches for it");
});

test("each step of the handshake is shown, with its direction and time", async ({ page }) => {
  await connectTo(page, "TLS 1.3");
  await expect(page.getByRole("status")).toContainText("Connected to localhost:");
  const steps = page.getByRole("list", { name: "Steps" }).getByRole("listitem");
  const titles = await steps.locator(".title").allTextContents();
  expect(titles.slice(0, 4)).toEqual([
    "Worker ready",
    "Bridge open",
    "sent: ClientHello",
    "received: ServerHello",
  ]);
  expect(titles).toContain("Certificate trusted");
  expect(titles).toContain("Connected");
  for (const time of await steps.locator(".time").allTextContents()) {
    expect(time).toMatch(/^\d+(\.\d)? ms$/);
  }
  await page.getByRole("button", { name: "Disconnect" }).click();
  await expect(steps.last()).toContainText("close_notify");
  // The next connection begins a list of its own.
  await connectTo(page, "TLS 1.2");
  await expect(steps.filter({ hasText: "Connected" })).toHaveCount(1);
});

test("nothing is wider than a phone, with or without a failure", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const server of ["TLS 1.2", "Two ways up", "No way up"]) {
    await connectTo(page, server);
    await expect(page.locator("#chain")).toBeVisible();
    // What happens comes into sight by itself.
    await expect(page.getByRole("status")).toBeInViewport();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  }
});

test("a typed address is connected to, and a refusal is shown in words", async ({ page }) => {
  await page.getByLabel("Address of another server").fill("localhost:1");
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("localhost:1");
  await expect(described(page, "#failure", "Code")).toHaveText("bridge/refused");
});

test("the local servers are reached through a real websockify too", async ({ page, keep }) => {
  const { url, allow } = await keep(startWebsockify());
  for (const line of demo.tokens.trimEnd().split("\n")) {
    const [token = "", target = ""] = line.split(": ");
    await allow(token, target);
  }
  await page.getByLabel("Kind of another bridge").selectOption("websockify, token file");
  await page.getByLabel("URL of another bridge").fill(url);
  await connectTo(page, "TLS 1.3");
  await expect(page.getByRole("status")).toContainText("Connected to localhost:");
  await page.getByRole("button", { name: "Send GET" }).click();
  await expect(page.locator("#transcript .received")).toContainText('demo server "TLS 1.3"');
});

test("a bridge that does not run is said to be out of reach", async ({ page }) => {
  await page.getByLabel("URL of another bridge").fill("ws://127.0.0.1:1/");
  await connectTo(page, "TLS 1.3");
  await expect(described(page, "#failure", "Code")).toHaveText("bridge/unreachable");
});
