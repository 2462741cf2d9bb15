import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { createTls, webtlsBridge } from "../index.ts";
import type { Channel } from "./channel.ts";
import { Socket } from "./socket.ts";
import type { WorkerLike } from "./worker-client.ts";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** A connection that is open as soon as it is asked for. */
function makeChannel() {
  const upgrades: object[] = [];
  const channel = {
    attach: (endpoint: { open(info: unknown): void }) => endpoint.open(undefined),
    passedOn: (options: object) => options,
    startTls: (tls: object) => void upgrades.push(tls),
    taken: () => {},
  };
  return { channel: channel as unknown as Channel, upgrades };
}

/** A socket to become TLS, with a key among its options. */
function makeSocket(channel: Channel) {
  const key = { pem: "secret" };
  const how = { allowHalfOpen: false, signal: undefined, schedule: () => () => {} };
  const address = { remoteAddress: "localhost:1", secureTransport: "starttls" } as const;
  const socket = new Socket(channel, { ...how, ...address }, { identity: { key } });
  return { socket, key: new WeakRef(key) };
}

async function isKept(key: WeakRef<object>): Promise<boolean> {
  // What a WeakRef has shown stays until the turn is over.
  await new Promise((resolve) => setTimeout(resolve));
  collect();
  return key.deref() !== undefined;
}

test("options for startTls() are kept until then", async () => {
  const { channel, upgrades } = makeChannel();
  const { socket, key } = makeSocket(channel);
  await socket.opened;
  expect(await isKept(key)).toBe(true);
  const secured = socket.startTls({ alpn: ["imap"] });
  expect(upgrades).toEqual([{ identity: { key: { pem: "secret" } }, alpn: ["imap"] }]);
  upgrades.length = 0;
  expect(await isKept(key)).toBe(false);
  expect([socket.upgraded, secured.secureTransport]).toEqual([true, "on"]);
});

test.each([
  ["on", false],
  ["off", false],
  ["starttls", true],
] as const)('with secureTransport "%s", whether options are kept: %s', async (kind, areKept) => {
  const passedOn: WeakRef<object>[] = [];
  const worker: WorkerLike = {
    postMessage(message) {
      if (message.type !== "connect") return;
      passedOn.push(new WeakRef(message.request.tls.identity as object));
    },
    addEventListener: () => {},
    terminate: () => {},
  };
  const tls = createTls({ bridge: webtlsBridge("ws://localhost:1/"), worker: () => worker });
  const identity = { certificates: [], key: "secret" };
  const socket = tls.connect("localhost:1", { secureTransport: kind as "on", identity });
  expect(passedOn).toHaveLength(1);
  for (const key of passedOn) expect(await isKept(key)).toBe(areKept);
  expect(socket.secureTransport).toBe(kind);
  await tls.close();
});
