import { describe, expect, test } from "vitest";
import { failureOf } from "../../test/failure.ts";
import { connectToPeer } from "../../test/peer/connect.ts";
import { createIdentities } from "../../test/peer/identities.ts";
import type { Script } from "../../test/peer/script.ts";
import type { ChannelBindingType } from "./channel-binding.ts";
import { ClientConnection } from "./connection.ts";

const identities = await createIdentities();
const config = await identities.config();
const identity = await identities.of();

async function opened(script: Omit<Script, "identity"> = {}) {
  const connection = connectToPeer(config, { identity, ...script, after: (peer) => peer.drain() });
  await connection.handshake;
  return connection.client;
}

test("before the handshake is done there is nothing to export", async () => {
  const client = new ClientConnection(config, { send() {}, deliver() {} });
  const exported = await failureOf(() =>
    client.exportKeyingMaterial("EXPERIMENTAL", undefined, 32),
  );
  expect(exported.code).toBe("configuration/invalid-state");
  for (const type of ["tls-exporter", "tls-server-end-point", "tls-unique"] as const) {
    const error = await failureOf(() => client.channelBinding(type));
    expect(error.code).toBe("configuration/invalid-state");
  }
});

test("without the extended master secret, TLS 1.2 exports nothing (RFC 7627 §5.4)", async () => {
  const client = await opened({ version: "TLSv1.2", extendedMasterSecret: false });
  const exported = await failureOf(() =>
    client.exportKeyingMaterial("EXPERIMENTAL", undefined, 32),
  );
  expect(exported.code).toBe("configuration/invalid-state");
  expect(exported.message).toContain("requireExtendedMasterSecret");
  expect((await failureOf(() => client.channelBinding("tls-exporter"))).code).toBe(
    "configuration/invalid-state",
  );
  // The hash of a certificate is no secret.
  expect(await client.channelBinding("tls-server-end-point")).toHaveLength(32);
});

test("TLS 1.3 has no tls-unique (RFC 8446 appendix C.5)", async () => {
  const client = await opened();
  const error = await failureOf(() => client.channelBinding("tls-unique"));
  expect(error.code).toBe("configuration/invalid-state");
});

test("after the end of the connection its secrets can still be asked for", async () => {
  const connection = connectToPeer(config, { identity });
  await connection.outcome();
  expect(await connection.client.channelBinding("tls-exporter")).toHaveLength(32);
});

describe("what is asked is checked", () => {
  const bytes = new Uint8Array(0);
  test.each<[string, Parameters<ClientConnection["exportKeyingMaterial"]>]>([
    ["a label beyond ASCII", ["Schlüssel", bytes, 32]],
    ["a label of 250 bytes", ["x".repeat(250), bytes, 32]],
    ["a label of TLS itself", ["key expansion", bytes, 32]],
    ["a context of 64 KiB", ["label", new Uint8Array(2 ** 16), 32]],
    ["no bytes", ["label", bytes, 0]],
    ["more than HKDF makes", ["label", bytes, 8161]],
    ["half a byte", ["label", bytes, 0.5]],
  ])("%s", async (_, [label, context, length]) => {
    const client = await opened();
    const error = await failureOf(() => client.exportKeyingMaterial(label, context, length));
    expect(error.code).toBe("configuration/invalid-option");
  });

  test("another type of channel binding", async () => {
    const client = await opened();
    const error = await failureOf(() => client.channelBinding("tls-server" as ChannelBindingType));
    expect(error.code).toBe("configuration/invalid-option");
  });

  test.each(["TLSv1.3", "TLSv1.2"] as const)("%s: all that is allowed", async (version) => {
    const client = await opened({ version });
    const label = "x".repeat(249);
    const context = new Uint8Array(2 ** 16 - 1);
    expect(await client.exportKeyingMaterial(label, context, 8160)).toHaveLength(8160);
    expect(await client.exportKeyingMaterial("", undefined, 1)).toHaveLength(1);
  });
});
