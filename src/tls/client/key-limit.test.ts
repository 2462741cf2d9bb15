import { expect, test, vi } from "vitest";
import { failureOf } from "../../../test/failure.ts";
import { connectToPeer } from "../../../test/peer/connect.ts";
import { createIdentities } from "../../../test/peer/identities.ts";

/** A dozen records instead of 2^24. */
vi.mock("../limits.ts", async (original) => ({
  ...(await original<typeof import("../limits.ts")>()),
  maxRecordsAesGcm: 12,
}));

const identities = await createIdentities();

test("TLS 1.2 has no way to change its key: the connection ends at the limit, and says so", async () => {
  const connection = connectToPeer(
    await identities.config({ cipherSuites: ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"] }),
    { identity: await identities.of(), version: "TLSv1.2", after: (peer) => peer.drain() },
  );
  await connection.handshake;
  const flood = async () => {
    for (let count = 0; count < 20; count++) await connection.client.write([Uint8Array.of(count)]);
  };
  expect(await failureOf(flood)).toMatchObject({
    code: "record/sequence-exhausted",
    alertSent: "close_notify",
  });
  const { error, received } = await connection.outcome();
  expect(error?.code).toBe("record/sequence-exhausted");
  expect(received.alerts.map(({ name }) => name)).toEqual(["close_notify"]);
  expect(received.data.length).toBeLessThan(12);
});
