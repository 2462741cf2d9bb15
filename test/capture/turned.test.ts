/**
 * A bit turned over between bridge and server, seen from a page in Chromium: in the handshake, and in
 * the data behind it.
 */

import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type {} from "../../e2e/page/main.ts";
import { type Authority, createAuthority, type Issued } from "../authority.ts";
import { type OpenPage, openPage } from "../interop/chromium.ts";
import { bridgeKinds, type RunningBridge, startBridge } from "../servers/bridges.ts";
import { source, startNodeTls } from "../servers/node-tls.ts";
import { patternChunk } from "../servers/pattern.ts";
import { recordsOf, type WireRecord } from "./recording.ts";
import { startTcpRelay, type TcpRelay } from "./relays.ts";

/** How much the server sends, in bytes. */
const length = 150_000;
/** It leaves the end to the page: websockify drops what the page has not taken by then. */
const staying = source(length, () => {}, { stay: true });

let root: Authority;
let identity: Issued;
let lab: OpenPage;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  root = await createAuthority();
  // Its signatures are all of the same length, so that every connection has its records in the
  // same places.
  identity = await root.issue({ names: ["localhost"], keyType: "rsa-2048" });
  lab = await keep(openPage("/e2e/page/", "rig"));
});

afterAll(async () => {
  await Promise.all(stops.map((stop) => stop()));
});

async function keep<T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> {
  const running = await starting;
  stops.push(running.stop);
  return running;
}

describe.each(bridgeKinds)("through %s", (kind) => {
  let bridge: RunningBridge;
  beforeAll(async () => {
    bridge = await keep(startBridge(kind, lab.origin));
  });

  describe.each(["TLSv1.3", "TLSv1.2"] as const)("%s", (version) => {
    let relay: TcpRelay;
    let records: readonly WireRecord[];

    beforeAll(async () => {
      const limits = { minVersion: version, maxVersion: version };
      const server = await keep(startNodeTls(identity, staying, limits));
      relay = await keep(startTcpRelay(server.port));
      await bridge.allow(relay.port);
      const whole = await receive();
      expect(whole).toEqual({ length, hash: hashOfPattern(length) });
      records = recordsOf(relay.recordings[0]?.all("toClient") ?? Buffer.alloc(0));
    });

    /** Reads to the end, with a bit turned over if one is given. */
    function receive(bit?: number) {
      relay.turn(bit === undefined ? undefined : { direction: "toClient", bit });
      const trial = {
        bridge: { kind, url: bridge.url },
        address: `localhost:${relay.port}`,
        roots: root.pem,
      };
      return lab.page.evaluate(
        async ([trial, length]) => {
          const tls = window.rig.create(trial);
          const socket = tls.connect(trial.address);
          const chunks: BlobPart[] = [];
          const reader = socket.readable.getReader();
          const reading = (async () => {
            for (let received = 0; received < length; ) {
              const { done, value } = await reader.read();
              if (done) return;
              chunks.push(value);
              received += value.length;
            }
            void socket.close();
          })();
          const failures = await Promise.all(
            [reading, socket.closed].map((ending) =>
              ending.then(
                () => [],
                async () => [(await window.rig.failure(ending)).code],
              ),
            ),
          );
          await tls.close();
          const data = await new Blob(chunks).arrayBuffer();
          const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
          const hash = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
          const [readable, closed] = failures.flat();
          const failed = readable === undefined ? {} : { readable, closed };
          return { length: data.byteLength, hash, ...failed };
        },
        [trial, length] as const,
      );
    }

    test.each(places)("$place of the first record", async ({ within }) => {
      const [first] = records;
      if (first === undefined) throw new Error("nothing was recorded");
      const { length: received, readable, closed } = await receive(bitIn(first, within));
      expect(received).toBe(0);
      expect(readable).toMatch(/^(record|handshake|alert|closed)\//);
      expect(readable).not.toBe("handshake/internal-error");
      expect(closed).toBe(readable);
    });

    test.each(places)("$place of a record of data", async ({ within, isProtected }) => {
      // Tickets and messages of the handshake are shorter.
      const fifth = records.filter(({ fragment }) => fragment.length > 8000)[4];
      if (fifth === undefined) throw new Error("there is no fifth record of data");
      const found = await receive(bitIn(fifth, within));
      expect(found.length).toBeLessThan(length);
      expect(found.hash).toBe(hashOfPattern(found.length));
      expect(found.readable).toMatch(isProtected ? /^record\/bad-mac$/ : /^record\//);
      expect(found.closed).toBe(found.readable);
    });
  });
});

/** Where in a record, in bytes from its beginning; the lowest bit of that byte is turned. */
const places = [
  { place: "the type", within: () => 0, isProtected: false },
  { place: "the length", within: () => 3, isProtected: false },
  { place: "the first byte", within: () => 5, isProtected: true },
  { place: "the middle", within: (whole: number) => whole >> 1, isProtected: true },
  { place: "the last byte", within: (whole: number) => whole - 1, isProtected: true },
];

function bitIn({ offset, fragment }: WireRecord, within: (whole: number) => number): number {
  return (offset + within(5 + fragment.length)) * 8 + 7;
}

function hashOfPattern(length: number): string {
  return createHash("sha256").update(patternChunk(0, length)).digest("hex");
}
