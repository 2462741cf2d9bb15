import { expect, test } from "vitest";
import { createIdentities } from "../../../test/peer/identities.ts";
import { madeUpSession13 } from "../../../test/peer/sessions.ts";
import { maxSessionLength } from "../limits.ts";
import { SessionCache } from "./cache.ts";
import type { StoredSession } from "./store.ts";

const identities = await createIdentities();
const identity = await identities.of();

test("sessions are put one after the other, whatever becomes of each", async () => {
  const settle: (() => void)[] = [];
  const put = () =>
    new Promise<void>((resolve, reject) => {
      settle.push(settle.length === 0 ? () => reject(new Error("full")) : resolve);
    });
  const cache = new SessionCache({ put, take: () => undefined }, await identities.config());
  const puts = [1, 2, 3].map(() => cache.put(madeUpSession13(identity)));
  for (const [index, done] of puts.entries()) {
    await expect.poll(() => settle.length).toBe(index + 1);
    settle[index]?.();
    await done;
  }
});

test("what is far longer than sessions are is not kept", async () => {
  const kept: StoredSession[] = [];
  const put = (_: string, session: StoredSession) => void kept.push(session);
  const cache = new SessionCache({ put, take: () => undefined }, await identities.config());
  const { peer } = madeUpSession13(identity);
  const long = { ...peer, certificates: [new Uint8Array(maxSessionLength)] };
  await cache.put(madeUpSession13(identity, { peer: long }));
  expect(kept).toHaveLength(0);
  const bearable = { ...peer, certificates: [new Uint8Array(maxSessionLength - 2_000)] };
  await cache.put(madeUpSession13(identity, { peer: bearable }));
  expect(kept).toHaveLength(1);
});
