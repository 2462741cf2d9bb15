import { expect, test } from "vitest";
import { connectToPeer } from "./connect.ts";
import { createIdentities } from "./identities.ts";

const identities = await createIdentities();
const identity = await identities.of();

test.each(["TLSv1.3", "TLSv1.2"] as const)("an honest server of %s", async (version) => {
  const config = await identities.config();
  const connection = connectToPeer(config, {
    version,
    identity,
    after: async (peer) => {
      await peer.data("hello");
      await peer.closeNotify();
    },
  });
  const { info, error, delivered } = await connection.outcome();
  expect(error).toBeUndefined();
  expect(info).toMatchObject({ version, handshake: "full", group: "x25519" });
  expect(new TextDecoder().decode(delivered)).toBe("hello");
});
