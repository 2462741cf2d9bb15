/** Sessions in IndexedDB: kept over a reload, by all tabs, and by nobody else. */

import type { Browser, BrowserContext, Page } from "@playwright/test";
import { reverseLines, startNodeTls } from "../test/servers/node-tls.ts";
import type { Trial } from "./page/rig.ts";
import { bridgeKinds, expect, pagesOrigin, test } from "./rig/fixtures.ts";
import { openLab } from "./rig/lab.ts";

const versions = ["TLSv1.3", "TLSv1.2"] as const;
const only = (version: (typeof versions)[number]) => ({ minVersion: version, maxVersion: version });

/** A browser profile of its own, with so many tabs. */
async function withTabs(
  browser: Browser,
  count: number,
  use: (tabs: Page[], context: BrowserContext) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext();
  try {
    const opening = Array.from({ length: count }, async () =>
      openLab(await context.newPage(), pagesOrigin()),
    );
    await use(await Promise.all(opening), context);
  } finally {
    await context.close();
  }
}

async function handshake(tab: Page | undefined, trial: Trial): Promise<string> {
  if (tab === undefined) throw new Error("there is no such tab");
  return tab.evaluate((trial) => window.rig.handshake(trial), trial);
}

for (const bridge of bridgeKinds) {
  for (const version of versions) {
    test(`a page that is loaded again resumes (${version}, through ${bridge})`, async ({
      browser,
      identity,
      keep,
      trial,
    }) => {
      const server = await keep(startNodeTls(await identity(), reverseLines));
      const to = await trial(bridge, server.port, only(version));
      await withTabs(browser, 1, async ([tab]) => {
        expect(await handshake(tab, to)).toBe("full");
        await tab?.reload();
        await tab?.waitForFunction(() => "rig" in window);
        expect(await handshake(tab, to)).toBe("resumed");
        // Another server of that name is another partition.
        const other = await keep(startNodeTls(await identity(), reverseLines));
        expect(await handshake(tab, await trial(bridge, other.port, only(version)))).toBe("full");
      });
    });
  }
}

test("two tabs never use one ticket", async ({ browser, identity, keep, trial }) => {
  const server = await keep(startNodeTls(await identity(), reverseLines));
  const to = await trial("webtls", server.port, only("TLSv1.3"));
  await withTabs(browser, 2, async (tabs) => {
    for (let round = 0; round < 3; round++) {
      await handshake(tabs[0], to);
      // That one may have taken the last session and, being resumed, have brought none: then the next
      // one is full, and waits for its own.
      const isNoneLeft = () =>
        tabs[0]?.evaluate(async () => !(await window.rig.storedKeys()).length);
      while (await isNoneLeft()) await handshake(tabs[0], to);
      await tabs[0]?.evaluate(() => window.rig.keepOneSession());
      const kinds = await Promise.all(tabs.map((tab) => handshake(tab, to)));
      expect(kinds.sort()).toEqual(["full", "resumed"]);
    }
  });
});

test("a session is taken by one tab only, however many ask", async ({ browser }) => {
  await withTabs(browser, 2, async (tabs) => {
    const expires = Date.now() + 60_000;
    for (let round = 0; round < 10; round++) {
      await tabs[0]?.evaluate(async (expires) => {
        const database = new window.rig.SessionDatabase();
        await database.put("partition", { bytes: Uint8Array.of(7), expires });
      }, expires);
      const taken = await Promise.all(
        tabs.map((tab) =>
          tab.evaluate(async () => {
            const database = new window.rig.SessionDatabase();
            const takes = [1, 2, 3].map(() => database.take("partition"));
            return (await Promise.all(takes)).flatMap((session) => [...(session?.bytes ?? [])]);
          }),
        ),
      );
      expect(taken.flat()).toEqual([7]);
    }
  });
});

for (const how of ["ciphertext", "partition", "shape"] as const) {
  test(`a session with another ${how} is dropped, and the handshake a full one`, async ({
    browser,
    identity,
    keep,
    trial,
  }) => {
    const server = await keep(startNodeTls(await identity(), reverseLines));
    const other = await keep(startNodeTls(await identity(), reverseLines));
    const to = await trial("webtls", server.port);
    const elsewhere = await trial("webtls", other.port);
    await withTabs(browser, 1, async ([tab]) => {
      expect(await handshake(tab, elsewhere)).toBe("full");
      await tab?.evaluate(() => window.rig.keepOneSession());
      expect(await handshake(tab, to)).toBe("full");
      await tab?.evaluate((how) => window.rig.spoilSessions(how), how);
      const before = (await tab?.evaluate(() => window.rig.storedKeys())) ?? [];
      expect(before.length).toBeGreaterThan(1);
      expect(await handshake(tab, to)).toBe("full");
      const after = await tab?.evaluate(() => window.rig.storedKeys());
      // What was no good is gone; nobody asked for the other server's.
      expect(after?.filter((key) => before.includes(key))).toEqual([before[0]]);
      expect(await handshake(tab, to)).toBe("resumed");
    });
  });
}

test("at rest, sessions tell nothing, and their key can't be had", async ({
  browser,
  identity,
  keep,
  trial,
}) => {
  const server = await keep(startNodeTls(await identity(), reverseLines));
  await withTabs(browser, 1, async ([tab]) => {
    await handshake(tab, await trial("webtls", server.port));
    const rows = await tab?.evaluate(async () => {
      const rows = await window.rig.storedSessions();
      return rows.map((row) => ({
        names: Object.keys(row).sort(),
        partition: row.partition,
        text: String.fromCharCode(...row.ciphertext),
      }));
    });
    expect(rows?.length).toBeGreaterThan(0);
    for (const { names, partition, text } of rows ?? []) {
      expect(names).toEqual(["ciphertext", "expires", "iv", "partition"]);
      expect(partition).toMatch(/^[0-9a-f]{64}$/);
      // The certificate in a session would show the name.
      expect(text).not.toContain("localhost");
    }
    const keys = await tab?.evaluate(() => window.rig.sessionKeys());
    expect(keys).toEqual(
      ["sealing", "naming"].map((name) => ({
        name,
        extractable: false,
        exported: "InvalidAccessError",
      })),
    );
  });
});

test("at rest, a partition goes by a name that each profile has of its own", async ({
  browser,
}) => {
  const names: (string | undefined)[] = [];
  for (let profile = 0; profile < 2; profile++) {
    await withTabs(browser, 1, async ([tab]) => {
      const stored = await tab?.evaluate(async () => {
        const database = new window.rig.SessionDatabase();
        for (const partition of ["one", "one", "other"]) {
          await database.put(partition, { bytes: Uint8Array.of(1), expires: Date.now() + 60_000 });
        }
        return (await window.rig.storedSessions()).map(({ partition }) => partition);
      });
      expect(stored?.[0]).toBe(stored?.[1]);
      names.push(...(stored?.slice(1) ?? []));
    });
  }
  expect(new Set(names).size).toBe(4);
  for (const name of names) expect(name).toMatch(/^[0-9a-f]{64}$/);
});

test("the database has bounds, and what has expired goes", async ({ browser }) => {
  await withTabs(browser, 1, async ([tab]) => {
    const counts = await tab?.evaluate(async () => {
      let now = 1_000_000;
      const database = new window.rig.SessionDatabase(indexedDB, () => now);
      const count = async () => (await window.rig.storedSessions()).length;
      const put = (partition: string, expires: number) =>
        database.put(partition, { bytes: Uint8Array.of(1), expires });
      const counts: number[] = [];
      for (let i = 0; i < 12; i++) await put("one", 2_000_000 + i);
      counts.push(await count());
      const newest = await database.take("one");
      counts.push((newest?.expires ?? 0) - 2_000_000);
      for (let i = 0; i < 520; i++) await put(`partition ${i}`, 3_000_000);
      counts.push(await count());
      now = 2_500_000;
      await put("one", 4_000_000);
      now = 3_500_000;
      counts.push((await database.take("partition 519")) === undefined ? 0 : 1);
      await put("one", 4_000_000);
      counts.push(await count());
      return counts;
    });
    expect(counts).toEqual([8, 11, 512, 0, 2]);
  });
});
