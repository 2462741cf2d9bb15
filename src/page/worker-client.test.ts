import { describe, expect, test } from "vitest";
import { webtlsBridge } from "../bridge/descriptor.ts";
import type { TlsError } from "../errors.ts";
import type { ConnectRequest, HostMessage } from "../worker/protocol.ts";
import { CallerFunctions } from "./caller-functions.ts";
import type { Channel, ChannelEndpoint } from "./channel.ts";
import { WorkerClient, type WorkerLike } from "./worker-client.ts";

const setup = { bridge: webtlsBridge("ws://localhost:1/"), trust: {}, keyLog: false };
const functions = new CallerFunctions();
const request: ConnectRequest = {
  address: "localhost:1",
  options: {},
  defaults: {},
};

type EventName = Parameters<WorkerLike["addEventListener"]>[0];

/** A worker that does nothing by itself. */
class IdleWorker implements WorkerLike {
  readonly received: HostMessage["type"][] = [];
  terminated = false;
  readonly #listeners = new Map<EventName, (event: { message?: string }) => void>();

  postMessage(message: HostMessage): void {
    this.received.push(message.type);
  }
  addEventListener(type: EventName, listener: (event: { message?: string }) => void): void {
    this.#listeners.set(type, listener);
  }
  terminate(): void {
    this.terminated = true;
  }
  emit(type: EventName, event: { message?: string } = {}): void {
    this.#listeners.get(type)?.(event);
  }
}

function make() {
  const workers: IdleWorker[] = [];
  const clock: { expire: (() => void) | undefined } = { expire: undefined };
  const client = new WorkerClient(
    setup,
    () => {
      const worker = new IdleWorker();
      workers.push(worker);
      return worker;
    },
    () => {},
    (run) => {
      clock.expire = run;
      return () => {
        clock.expire = undefined;
      };
    },
  );
  return { client, workers, clock };
}

/** Waits for the failure that a channel tells its endpoint. */
function failureOf(channel: Channel): Promise<TlsError> {
  return new Promise((resolve) => {
    const endpoint: ChannelEndpoint = {
      fail: resolve,
      open() {},
      deliver() {},
      end() {},
      failWriting() {},
      finish() {},
      close: async () => {},
    };
    channel.attach(endpoint);
  });
}

test("a worker is set up once, before its first connection", () => {
  const { client, workers } = make();
  client.connect(request, functions);
  client.connect(request, functions);
  expect(workers.map(({ received }) => received)).toEqual([["setup", "connect", "connect"]]);
});

describe("a worker that is gone fails its connections", () => {
  const ends: [string, (worker: IdleWorker, expire: () => void) => void, string][] = [
    ["by an error of its own", (worker) => worker.emit("error", { message: "oops" }), "has failed"],
    ["by a script that does not load", (worker) => worker.emit("error"), "did not load"],
    ["by a broken message", (worker) => worker.emit("messageerror"), "can't be read"],
    ["by a start that takes too long", (_, expire) => expire(), "in time"],
  ];
  test.each(ends)("%s", async (_, end, words) => {
    const { client, workers, clock } = make();
    const failures = [client.connect(request, functions), client.connect(request, functions)].map(
      failureOf,
    );
    const [worker] = workers;
    if (worker === undefined) throw new Error("no worker was started");
    end(worker, () => clock.expire?.());
    for (const failure of failures) {
      const error = await failure;
      expect(error.code).toBe("closed/worker");
      expect(error.message).toContain(words);
    }
    expect(worker.terminated).toBe(true);
    expect(clock.expire).toBeUndefined();

    // Another one takes its place, and what the old one still says is nobody's.
    const next = failureOf(client.connect(request, functions));
    expect(workers).toHaveLength(2);
    worker.emit("error", { message: "late" });
    expect(await Promise.race([next, "no failure"])).toBe("no failure");
  });

  test("the clock stops when the worker runs", () => {
    const { client, workers, clock } = make();
    client.connect(request, functions);
    expect(clock.expire).toBeDefined();
    workers[0]?.emit("message");
    expect(clock.expire).toBeUndefined();
  });
});
