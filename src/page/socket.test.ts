import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { createTls, webtlsBridge } from "../index.ts";
import type { WorkerLike } from "./worker-client.ts";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

async function isKept(key: WeakRef<object>): Promise<boolean> {
  // What a WeakRef has shown stays until the turn is over.
  await new Promise((resolve) => setTimeout(resolve));
  collect();
  return key.deref() !== undefined;
}

// There may be keys in them.
test.each(["on", "off", "starttls"])(
  'with secureTransport "%s", no options are kept',
  async (kind) => {
    const passedOn: WeakRef<object>[] = [];
    const worker: WorkerLike = {
      postMessage(message) {
        if (message.type !== "connect") return;
        passedOn.push(new WeakRef(message.request.options.identity as object));
      },
      addEventListener: () => {},
      terminate: () => {},
    };
    const tls = createTls({ bridge: webtlsBridge("ws://localhost:1/"), worker: () => worker });
    const identity = { certificates: [], key: "secret" };
    const socket = tls.connect("localhost:1", { secureTransport: kind as "on", identity });
    expect(passedOn).toHaveLength(1);
    for (const key of passedOn) expect(await isKept(key)).toBe(false);
    expect(socket.secureTransport).toBe(kind);
    await tls.close();
  },
);
