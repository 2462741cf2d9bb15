import { describe, expect, test } from "vitest";
import { failureOf } from "../../../test/failure.ts";
import { connectToPeer } from "../../../test/peer/connect.ts";
import { createIdentities } from "../../../test/peer/identities.ts";
import type { Peer } from "../../../test/peer/peer.ts";
import { concat } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import { handshakeType } from "../messages/registry.ts";

const identities = await createIdentities();
const config = await identities.config();
const identity = await identities.of();
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const encode = (words: string) => new TextEncoder().encode(words);
const never = () => new Promise<void>(() => {});

/** Answers each KeyUpdate that asks for one, and each byte sent behind it. */
async function answer(peer: Peer): Promise<void> {
  for (;;) {
    const message = await peer.nextMessage();
    if (message.type === handshakeType.key_update && message.body[0] === 1) {
      await peer.keyUpdate("not requested");
      await peer.data("under the next key ");
      peer.wire.flush();
    }
  }
}

describe("KeyUpdate on request (RFC 8446 §4.6.3)", () => {
  test("the sending key changes, and the server's too where it is asked", async () => {
    const connection = connectToPeer(config, { identity, after: answer });
    await connection.handshake;
    await connection.client.write([encode("one ")]);
    await connection.client.updateKeys();
    await connection.client.write([encode("two ")]);
    await connection.client.updateKeys({ requestPeer: true });
    await connection.client.write([encode("three")]);
    await expect.poll(() => connection.delivered.length).toBe(1);
    await connection.client.closeWrite();
    await expect.poll(() => connection.received.alerts).toHaveLength(1);
    expect(text(concat(...connection.received.data))).toBe("one two three");
    const updates = connection.received.messages.filter(
      ({ type }) => type === handshakeType.key_update,
    );
    expect(updates.map(({ body }) => [...body])).toEqual([[0], [1]]);
  });

  test("calls at once are made one after another", async () => {
    const connection = connectToPeer(config, { identity, after: answer });
    await connection.handshake;
    const requested = { requestPeer: true };
    await Promise.all([
      connection.client.updateKeys(requested),
      connection.client.updateKeys(requested),
      connection.client.updateKeys(requested),
    ]);
    await expect.poll(() => connection.delivered.length).toBe(3);
    await connection.client.closeWrite();
    await expect.poll(() => connection.received.alerts).toHaveLength(1);
  });

  test("none is sent while one is on its way, and a failure ends the wait", async () => {
    let isStalled = false;
    const connection = connectToPeer(
      config,
      { identity, after: (peer) => peer.drain() },
      { sending: () => (isStalled ? never() : undefined) },
    );
    await connection.handshake;
    isStalled = true;
    const waiting = Promise.allSettled([
      connection.client.updateKeys(),
      connection.client.updateKeys(),
    ]);
    const updates = () =>
      connection.received.messages.filter(({ type }) => type === handshakeType.key_update);
    await expect.poll(() => updates().length).toBe(1);
    await connection.client.abort(new TlsError("aborted", "The caller gave up."));
    const outcomes = await waiting;
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(updates()).toHaveLength(1);
  });

  test("TLS 1.2 has none, and lives on", async () => {
    const connection = connectToPeer(config, {
      identity,
      version: "TLSv1.2",
      after: (peer) => peer.drain(),
    });
    await connection.handshake;
    const error = await failureOf(() => connection.client.updateKeys());
    expect(error.code).toBe("configuration/invalid-state");
    await connection.client.write([encode("still here")]);
    await expect.poll(() => text(concat(...connection.received.data))).toBe("still here");
  });

  test("not before the handshake is done, nor after closing", async () => {
    const connection = connectToPeer(config, { identity, after: (peer) => peer.drain() });
    const early = await failureOf(() => connection.client.updateKeys());
    await connection.handshake;
    await connection.client.closeWrite();
    const late = await failureOf(() => connection.client.updateKeys());
    expect([early.code, late.code]).toEqual(Array(2).fill("configuration/invalid-state"));
    const odd = { requestPeer: "yes" as unknown as boolean };
    expect((await failureOf(() => connection.client.updateKeys(odd))).code).toBe(
      "configuration/invalid-option",
    );
  });
});
