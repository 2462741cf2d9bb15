import { expect, test, vi } from "vitest";
import { failureOf } from "../../../test/failure.ts";
import { connectToPeer } from "../../../test/peer/connect.ts";
import { createIdentities } from "../../../test/peer/identities.ts";
import { concat } from "../../crypto/bytes.ts";
import { handshakeType } from "../messages/registry.ts";

/** A few records above the margin at which a key is changed, instead of 2^24. */
vi.mock("../limits.ts", async (original) => ({
  ...(await original<typeof import("../limits.ts")>()),
  maxRecordsAesGcm: 2 ** 16 + 4,
}));

const identities = await createIdentities();
const identity = await identities.of();

test("TLS 1.3 changes its sending key by itself before the limit (RFC 8446 §5.5)", async () => {
  const options = { cipherSuites: ["TLS_AES_128_GCM_SHA256"] } as const;
  const connection = connectToPeer(await identities.config(options), {
    identity,
    after: (peer) => peer.drain(),
  });
  await connection.handshake;
  const chunks = Array.from({ length: 20 }, (_, index) => new Uint8Array(100).fill(index));
  for (const chunk of chunks) await connection.client.write([chunk]);
  await connection.client.closeWrite();
  await expect.poll(() => connection.received.alerts).toHaveLength(1);
  expect(concat(...connection.received.data)).toEqual(concat(...chunks));
  const updates = connection.received.messages.filter(
    ({ type }) => type === handshakeType.key_update,
  );
  // The KeyUpdate itself is the last record under its key, and asks for none in return.
  expect(updates.length).toBeGreaterThanOrEqual(3);
  expect(updates.every(({ body }) => body[0] === 0)).toBe(true);
  expect((await failureOf(() => connection.client.write([new Uint8Array(1)]))).code).toBe(
    "configuration/invalid-state",
  );
});
