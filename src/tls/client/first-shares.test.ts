import { expect, test } from "vitest";
import { createIdentities } from "../../../test/peer/identities.ts";
import { toHex } from "../../crypto/bytes.ts";
import { platformCrypto } from "../../crypto/platform.ts";
import type { DhGroup } from "../../crypto/provider.ts";

const identities = await createIdentities();

/** A configuration, and the groups that keys were made of for it. */
async function counting() {
  const made: DhGroup[] = [];
  const crypto = {
    ...platformCrypto,
    generateDhKeyPair(group: DhGroup) {
      made.push(group);
      return platformCrypto.generateDhKeyPair(group);
    },
  };
  return { made, config: await identities.config({ groups: ["x25519"] }, { crypto }) };
}

test("keys that were made ahead are given out once, and others after that", async () => {
  const { made, config } = await counting();
  const { firstShares } = config;
  firstShares.prepare();
  firstShares.prepare();
  expect(made).toEqual(["X25519"]);
  const keys = new Set<string>();
  for (let index = 0; index < 3; index++) {
    const [entry] = (await firstShares.take()).entries;
    keys.add(toHex(entry?.keyExchange ?? new Uint8Array(0)));
    expect(made).toHaveLength(index + 1);
  }
  expect(keys.size).toBe(3);
});

test("two handshakes with one configuration have different keys", async () => {
  const { config } = await counting();
  config.firstShares.prepare();
  const other = { ...config };
  const [one, two] = await Promise.all([config.firstShares.take(), other.firstShares.take()]);
  expect(one.publicKey).not.toEqual(two.publicKey);
});
