/**
 * The worker of {@link crowdOverDuplexes}.
 *
 * @module
 */

import { connectTls, MemorySessionStore } from "../../../src/stream/duplex.ts";
import { type Crowd, type CrowdOptions, crowdOf } from "./crowd.ts";
import type { CrowdAnswer, CrowdMessage } from "./duplexes.ts";
import { Multiplex } from "./multiplex.ts";

/** The worker's global scope, of which TypeScript's declarations for pages know nothing. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<CrowdMessage>) => void) | null;
  postMessage(message: CrowdAnswer): void;
}

const worker = globalThis as unknown as WorkerScope;
let crowd: Crowd | undefined;

worker.onmessage = async ({ data }) => {
  if ("options" in data) {
    crowd = crowdOverMultiplex(data.options);
    return;
  }
  try {
    answer({ value: await crowd?.[data.name](data.count) });
  } catch (error) {
    answer({ error: String(error) });
  }
};

function answer(message: CrowdAnswer): void {
  worker.postMessage(message);
}

function crowdOverMultiplex({ target, sessions, multiplexer }: CrowdOptions): Crowd {
  const { host, port, roots } = target;
  const url = `${multiplexer}/${port}`;
  // What comes in bulk does not stand in the way of the others.
  const [usual, bulk] = [new Multiplex(url), new Multiplex(url)];
  const options = {
    hostname: host,
    roots,
    ...(sessions === "memory" ? { sessions: new MemorySessionStore() } : {}),
  };
  return crowdOf(async (isBulk) => {
    const connection = connectTls((isBulk ? bulk : usual).duplex(), options);
    await connection.opened;
    return connection;
  });
}
