import { beforeAll, describe, expect, test } from "vitest";
import { createIdentities } from "../../test/peer/identities.ts";
import { type Recording, recordPeer } from "../../test/peer/replay.ts";
import type { Script } from "../../test/peer/script.ts";
import { seeded } from "../../test/peer/seeded.ts";
import type { Bytes } from "../crypto/bytes.ts";

const identities = await createIdentities();
const identity = await identities.of();

/** Connections whose bytes are cut, good ones and bad ones, with what has to come of each. */
const scripts: readonly [string, Omit<Script, "identity">, handshake: string, end: string][] = [
  [
    "TLS 1.3 with data, tickets, key changes and close_notify",
    {
      after: async (peer) => {
        await peer.ticket();
        await peer.data("one ");
        await peer.keyUpdate("not requested");
        await peer.data(new Uint8Array(3000).fill(0x61));
        await peer.keyUpdate("requested");
        await peer.data(" two");
        await peer.closeNotify();
        await peer.data("ignored");
      },
    },
    "TLSv1.3",
    "closed",
  ],
  ["TLS 1.3 with a HelloRetryRequest", { retry: { group: "secp256r1" } }, "TLSv1.3", "closed"],
  [
    "TLS 1.2 with data, a HelloRequest and close_notify",
    {
      version: "TLSv1.2",
      after: async (peer) => {
        await peer.data("one ");
        await peer.handshake(0);
        await peer.data(new Uint8Array(3000).fill(0x61));
        await peer.closeNotify();
        await peer.data("ignored");
      },
    },
    "TLSv1.2",
    "closed",
  ],
  [
    "TLS 1.3 with a bad Finished",
    { verifyData: (data) => data.with(0, (data[0] ?? 0) ^ 1) },
    "handshake/bad-finished",
    "handshake/bad-finished",
  ],
  [
    "TLS 1.3 with data behind KeyUpdate in its record",
    {
      after: async (peer) => {
        await peer.data("data");
        await peer.keyUpdate("not requested", Uint8Array.of(4, 0));
        await peer.data("more");
      },
    },
    "TLSv1.3",
    "handshake/unexpected-message",
  ],
  [
    "TLS 1.2 with a changed record",
    {
      version: "TLSv1.2",
      after: async (peer) => {
        await peer.data("data");
        await peer.wire.record(23, new Uint8Array(9), (sealed) =>
          sealed.with(-1, (sealed.at(-1) ?? 0) ^ 1),
        );
        await peer.data("more");
      },
    },
    "TLSv1.2",
    "record/bad-mac",
  ],
  [
    "TLS 1.3 cut off in a record",
    {
      after: async (peer) => {
        await peer.data("data");
        await peer.wire.record(23, new Uint8Array(99), (sealed) => sealed.subarray(0, -9));
      },
    },
    "TLSv1.3",
    "closed/truncated",
  ],
];

describe.each(scripts)("fault 37: %s comes to the same", (_, script, handshake, end) => {
  let recording: Recording;
  let whole: Awaited<ReturnType<Recording["replay"]>>;

  beforeAll(async () => {
    recording = await recordPeer(identities, { identity, ...script });
    whole = await recording.replay([recording.bytes]);
    expect(whole.handshake).toMatch(handshake);
    expect(whole.end).toBe(end);
  });

  test("byte by byte, at once and one after another", async () => {
    const bytes = Array.from(recording.bytes, (byte) => Uint8Array.of(byte));
    expect(await recording.replay(bytes)).toEqual(whole);
    expect(await recording.replay(bytes, true)).toEqual(whole);
  });

  test("cut in two at and around each edge of a record", async () => {
    for (const edge of recordEdges(recording.bytes)) {
      for (const at of [edge - 1, edge, edge + 1, edge + 4, edge + 5, edge + 6]) {
        const cut = [recording.bytes.slice(0, at), recording.bytes.slice(at)];
        expect(await recording.replay(cut, true), `cut at ${at}`).toEqual(whole);
      }
    }
  });

  test("in random pieces, empty ones among them", async () => {
    const random = seeded(1);
    for (let round = 0; round < 20; round++) {
      const chunks = randomPieces(recording.bytes, random);
      const lengths = chunks.map(({ length }) => length).join();
      expect(await recording.replay(chunks, round % 2 === 0), lengths).toEqual(whole);
    }
  });
});

/** Where records begin, and where the last one ends. */
function recordEdges(bytes: Bytes): number[] {
  const edges = [];
  for (let at = 0; at < bytes.length; ) {
    edges.push(at);
    at += 5 + (bytes[at + 3] ?? 0) * 256 + (bytes[at + 4] ?? 0);
  }
  return [...edges, bytes.length];
}

function randomPieces(bytes: Bytes, random: () => number): Bytes[] {
  const longest = [10, 100, 1000][Math.floor(random() * 3)] ?? 10;
  const pieces = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Math.floor(random() * longest);
    pieces.push(bytes.slice(at, at + length));
    at += length;
  }
  return pieces;
}
