/**
 * X25519MLKEM768 against Go's `crypto/tls` from a page in Chromium, through both bridges: there
 * ML-KEM is the platform's.
 */

import { type Browser, chromium, type Page } from "@playwright/test";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchOptions } from "../../../e2e/rig/chromium.ts";
import { openLab } from "../../../e2e/rig/lab.ts";
import { servePages } from "../../../e2e/rig/pages.ts";
import type { TlsOptions } from "../../../src/tls/options.ts";
import { type Authority, createAuthority, type Issued } from "../../authority.ts";
import { type BridgeKind, bridgeKinds, startBridge } from "../../servers/bridges.ts";
import { buildGoProgram, type GoProgram, whyNoGo } from "../../servers/go.ts";

const missing = await whyNoGo();
if (missing !== undefined) console.warn(`not run: X25519MLKEM768 in Chromium: ${missing}`);

describe.skipIf(missing !== undefined)("a page against Go's crypto/tls", () => {
  let root: Authority;
  let identity: Issued;
  let program: GoProgram;
  let pages: { origin: string; stop(): Promise<void> };
  let browser: Browser;
  let page: Page;
  /** What the page and its workers have loaded. */
  const requests: string[] = [];

  beforeAll(async () => {
    root = await createAuthority();
    identity = await root.issue({ names: ["localhost"] });
    program = await buildGoProgram();
    pages = await servePages();
    browser = await chromium.launch(launchOptions);
    page = await browser.newPage();
    page.on("request", (request) => requests.push(request.url()));
    await openLab(page, pages.origin);
  });
  afterAll(async () => {
    await browser?.close();
    await pages?.stop();
    await program?.remove();
  });

  /** Connects through a bridge to a server that accepts the hybrid group only. */
  async function negotiate(kind: BridgeKind, options: TlsOptions = {}) {
    const server = await program.start(identity, { version: "TLSv1.3", group: "X25519MLKEM768" });
    const bridge = await startBridge(kind, pages.origin);
    try {
      await bridge.allow(server.port);
      const client = await page.evaluate((trial) => window.rig.negotiate(trial), {
        bridge: { kind, url: bridge.url },
        address: `localhost:${server.port}`,
        roots: root.pem,
        options,
      });
      return { client, server: await server.negotiated() };
    } finally {
      await Promise.all([bridge.stop(), server.stop()]);
    }
  }

  describe.each(bridgeKinds)("through %s", (kind) => {
    test("agrees on the hybrid group by default", async () => {
      const { client, server } = await negotiate(kind);
      expect(client).toMatchObject({ group: "X25519MLKEM768", handshake: "full" });
      // The Go server echoes what it receives.
      expect(client.answer).toBe("webtls");
      expect(server).toMatchObject({ group: "X25519MLKEM768", retried: false });
    });

    test("sends the hybrid share when a HelloRetryRequest asks for it", async () => {
      const { client, server } = await negotiate(kind, { keyShares: ["secp256r1"] });
      expect(client).toMatchObject({
        group: "X25519MLKEM768",
        handshake: "hello-retry-request",
        answer: "webtls",
      });
      expect(server).toMatchObject({ group: "X25519MLKEM768", retried: true });
    });
  });

  test("ML-KEM was the platform's: nothing else was loaded for it", () => {
    expect(requests.some((url) => url.includes("/src/tls/connection.ts"))).toBe(true);
    expect(requests.filter((url) => url.includes("post-quantum"))).toEqual([]);
  });
});
