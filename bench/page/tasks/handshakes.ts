/**
 * Connections opened one after another, with nothing said over them.
 *
 * @module
 */

import type { Target } from "../contestants/contestant.ts";
import { createTlsFor } from "../contestants/webtls.ts";
import { contestant } from "../contestants.ts";
import type { Timed } from "../tasks.ts";

export interface Handshakes {
  readonly contestant: string;
  readonly target: Target;
  /** How many are opened before those that are timed, by the same worker if there is one. */
  readonly warmUp: number;
  readonly count: number;
  /** Of webtls alone. */
  readonly sessions?: "memory" | "disabled";
  readonly groups?: readonly ("x25519" | "X25519MLKEM768")[];
  readonly hasEarlyData?: boolean;
}

/** What opening one has taken, in milliseconds. */
export interface Opening {
  /** From the page's asking for it to its having it. */
  readonly total: number;
  /** From the bridge's being open to the end of the handshake. */
  readonly handshake: number;
  /** What was negotiated, where it is known. */
  readonly how?: string;
}

/** How long a connection lasts, in milliseconds: tickets come when the server has the last word. */
const linger = 8;

export async function handshakes(task: Handshakes, timed: Timed): Promise<Opening[]> {
  const open = openerOf(task);
  for (let index = 0; index < task.warmUp; index++) await open();
  const openings: Opening[] = [];
  await timed(async () => {
    for (let index = 0; index < task.count; index++) openings.push(await open());
  });
  return openings;
}

function openerOf(task: Handshakes): () => Promise<Opening> {
  if (task.contestant === "webtls") return webtlsOpener(task);
  if (task.contestant === "webtls without TLS") return plainOpener(task);
  return pageOpener(task);
}

/** All in one worker, which the first one starts. */
function webtlsOpener({ target, sessions, groups, hasEarlyData }: Handshakes) {
  const { host, port } = target;
  const tls = createTlsFor(target, { sessions: sessions ?? "disabled" });
  const options = {
    ...(groups === undefined ? {} : { groups }),
    ...(hasEarlyData ? { earlyData: { data: new Uint8Array(64).fill(0x5a) } } : {}),
  };
  return async (): Promise<Opening> => {
    const begun = performance.now();
    const socket = tls.connect({ hostname: host, port }, options);
    const { timings, group, handshake, earlyData } = await socket.opened;
    const total = performance.now() - begun;
    await pause();
    await socket.close().catch(() => {});
    const how = [group, handshake, earlyData].filter((part) => part !== undefined).join(" ");
    return { total, handshake: timings.handshake, how };
  };
}

function plainOpener({ target }: Handshakes) {
  const { host, port } = target;
  const tls = createTlsFor(target);
  return async (): Promise<Opening> => {
    const begun = performance.now();
    const socket = tls.connect({ hostname: host, port }, { secureTransport: "off" });
    await socket.opened;
    const total = performance.now() - begun;
    await pause();
    await socket.close().catch(() => {});
    return { total, handshake: 0 };
  };
}

/** Anyone else, whose bridge is opened by the page. */
function pageOpener({ contestant: name, target }: Handshakes) {
  const { open } = contestant(name);
  const bridgeOpen = observeBridges();
  return async (): Promise<Opening> => {
    const begun = performance.now();
    const pipe = await open(target);
    const end = performance.now();
    await pause();
    await pipe.close();
    return { total: end - begun, handshake: end - Math.max(begun, bridgeOpen()) };
  };
}

/** @returns when the last WebSocket of the page was opened. */
function observeBridges(): () => number {
  let last = 0;
  globalThis.WebSocket = class extends WebSocket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args);
      this.addEventListener("open", () => {
        last = performance.now();
      });
    }
  };
  return () => last;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, linger));
}
