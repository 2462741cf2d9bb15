import { expect, test } from "vitest";
import { createIdentities } from "../../test/peer/identities.ts";
import { madeUpSession13, remember } from "../../test/peer/sessions.ts";
import type { TlsError } from "../errors.ts";
import type { TlsOptions } from "../tls/options.ts";
import { MemorySessionStore } from "../tls/session/memory.ts";
import { Link } from "./link.ts";

const identities = await createIdentities();
const identity = await identities.of();

/** How a handshake fails with a server that takes all and says nothing, until the time is up. */
async function timedOut(options: TlsOptions): Promise<{ error: TlsError; sent: number }> {
  const config = await identities.config(options, { sessions: new MemorySessionStore() });
  await remember(config, madeUpSession13(identity, { maxEarlyData: 100 }));
  const waits = new Set<() => void>();
  const schedule = (run: () => void) => {
    waits.add(run);
    return () => waits.delete(run);
  };
  return new Promise((resolve) => {
    let sent = 0;
    let ended = () => {};
    const transport = {
      read: () => new Promise<undefined>((end) => (ended = () => end(undefined))),
      async send() {
        sent++;
        if (sent === (options.earlyData === undefined ? 1 : 2)) for (const run of waits) run();
      },
      close: async () => ended(),
    };
    const owner = {
      secured() {},
      deliver() {},
      ended() {},
      closed() {},
      failed: (error: TlsError) => resolve({ error, sent }),
    };
    void new Link(transport, owner, schedule).secure(Promise.resolve(config), 1000);
  });
}

test("a handshake that takes too long may be tried again, unless data went ahead", async () => {
  const plain = await timedOut({});
  expect(plain.error).toMatchObject({ code: "timeout/handshake", retrySafe: true });
  const ahead = await timedOut({ earlyData: { data: new Uint8Array(10) } });
  expect(ahead.error).toMatchObject({ code: "timeout/handshake", retrySafe: false });
});

test("a store that never answers does not keep the handshake from its beginning", async () => {
  const endless = { put: () => {}, take: () => new Promise<undefined>(() => {}) };
  const config = await identities.config({}, { sessions: endless });
  const waits: { run: () => void; milliseconds: number }[] = [];
  const schedule = (run: () => void, milliseconds: number) => {
    waits.push({ run, milliseconds });
    return () => {};
  };
  const sent = new Promise<void>((resolve) => {
    const transport = {
      read: () => new Promise<undefined>(() => {}),
      send: async () => resolve(),
      close: async () => {},
    };
    const owner = { secured() {}, deliver() {}, ended() {}, failed() {}, closed() {} };
    void new Link(transport, owner, schedule).secure(Promise.resolve(config), 60_000);
  });
  const patience = () => waits.find(({ milliseconds }) => milliseconds < 60_000);
  await expect.poll(patience).toBeDefined();
  patience()?.run();
  await sent;
});
