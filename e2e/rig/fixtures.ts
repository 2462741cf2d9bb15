/**
 * What every browser test has at hand: a test authority, both bridges, a page with the library,
 * and the end of whatever it starts.
 *
 * @module
 */

import { test as base, expect, type Page } from "@playwright/test";
import {
  type Authority,
  createAuthority,
  type Issued,
  type KeyType,
} from "../../test/authority.ts";
import {
  type BridgeKind,
  bridgeKinds,
  type RunningBridge,
  startBridge,
} from "../../test/servers/bridges.ts";
import type { Trial } from "../page/rig.ts";
import { openLab } from "./lab.ts";

export { bridgeKinds, expect };

/** Something a test has started. */
interface Stoppable {
  stop(): Promise<void>;
}

interface TestFixtures {
  /** Ends what a test starts when the test ends. */
  keep<T extends Stoppable>(started: T | Promise<T>): Promise<T>;
  /** A connection to `localhost:port` through a bridge, with the test root trusted. */
  trial(kind: BridgeKind, port: number, options?: Trial["options"]): Promise<Trial>;
}

interface WorkerFixtures {
  /** The root that {@link TestFixtures.trial} trusts. */
  root: Authority;
  /** Certificates for `localhost` and `127.0.0.1` under an intermediate, one for each key type. */
  identity(keyType?: KeyType): Promise<Issued>;
  bridges: Readonly<Record<BridgeKind, RunningBridge>>;
  /** The test page, open already, with `window.rig`. One for all tests of a worker. */
  lab: Page;
}

/** The origin of the test pages. */
export function pagesOrigin(): string {
  const origin = process.env.WEBTLS_PAGES;
  if (origin === undefined) throw new Error("WEBTLS_PAGES is not set: the global setup sets it");
  return origin;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names out of the pattern.
  keep: async ({}, use) => {
    const kept: Stoppable[] = [];
    await use(async (started) => {
      const running = await started;
      kept.push(running);
      return running;
    });
    await Promise.all(kept.map((running) => running.stop()));
  },

  trial: async ({ bridges, root }, use) => {
    await use(async (kind, port, options = {}) => {
      const { url, allow } = bridges[kind];
      await allow(port);
      return { bridge: { kind, url }, address: `localhost:${port}`, roots: root.pem, options };
    });
  },

  root: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names out of the pattern.
    async ({}, use) => {
      await use(await createAuthority());
    },
    { scope: "worker" },
  ],

  identity: [
    async ({ root }, use) => {
      const intermediate = await root.intermediate();
      const issued = new Map<KeyType, Promise<Issued>>();
      await use((keyType = "ecdsa-p256") => {
        const names = ["localhost", "127.0.0.1"];
        const known = issued.get(keyType) ?? intermediate.issue({ names, keyType });
        issued.set(keyType, known);
        return known;
      });
    },
    { scope: "worker" },
  ],

  bridges: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names out of the pattern.
    async ({}, use) => {
      const [websockify, webtls] = await Promise.all([
        startBridge("websockify", pagesOrigin()),
        startBridge("webtls", pagesOrigin()),
      ]);
      await use({ websockify, webtls });
      await Promise.all([websockify.stop(), webtls.stop()]);
    },
    { scope: "worker" },
  ],

  lab: [
    async ({ browser }, use) => {
      const page = await openLab(await browser.newPage(), pagesOrigin());
      await use(page);
      await page.close();
    },
    { scope: "worker" },
  ],
});
