/**
 * Many connections that are open and idle, and what that costs; what it takes to open one more, alone
 * and beside one that downloads.
 *
 * @module
 */

import type { Crowd, CrowdOptions } from "../crowd/crowd.ts";
import { crowdOverDuplexes } from "../crowd/duplexes.ts";
import { crowdOverWebSockets } from "../crowd/web-sockets.ts";
import { host } from "../host.ts";

export interface CrowdTask extends CrowdOptions {
  readonly count: number;
  /** How many handshakes are timed, alone and beside a download. */
  readonly handshakes: number;
}

/** What is used at a time, in bytes. */
export interface Usage {
  /** JavaScript heap of the worker and of the page, with their ArrayBuffers, after a collection. */
  readonly worker: number;
  readonly page: number;
  /** Resident memory of the renderer. */
  readonly renderer: number;
}

export interface CrowdReport {
  readonly before: Usage;
  readonly idle: Usage;
  /** Milliseconds from asking for all to having all. */
  readonly opening: number;
  /** Milliseconds of each handshake. */
  readonly alone: readonly number[];
  readonly beside: readonly number[];
  /** Of the download beside handshakes, in MB/s. */
  readonly speed: number;
}

/** Connections before the first that counts: code is loaded and compiled by then. */
const warmUp = 20;
/** For what follows a handshake to be over, and a download to be at full speed, in milliseconds. */
const settling = 1000;

export async function crowd({ count, handshakes, ...options }: CrowdTask): Promise<CrowdReport> {
  const { carrier } = options;
  const all = carrier === "duplex" ? crowdOverDuplexes(options) : crowdOverWebSockets(options);
  await all.handshakes(warmUp);
  await pause(settling);
  const before = await usage();
  const opening = await all.open(count);
  await pause(settling);
  const idle = await usage();
  const alone = await all.handshakes(handshakes);
  await all.download();
  await pause(settling);
  return { before, idle, opening, alone, ...(await besideDownload(all, handshakes)) };
}

async function besideDownload(all: Crowd, handshakes: number) {
  const [begun, bytesBefore] = [performance.now(), await all.downloaded()];
  const beside = await all.handshakes(handshakes);
  const [end, bytesAfter] = [performance.now(), await all.downloaded()];
  return { beside, speed: (bytesAfter - bytesBefore) / 1e3 / (end - begun) };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Isolated pages have it in Chromium; TypeScript does not declare it. */
interface MeasuringPerformance extends Performance {
  measureUserAgentSpecificMemory(): Promise<{
    readonly breakdown: readonly {
      readonly bytes: number;
      readonly types: readonly string[];
      readonly attribution: readonly { readonly scope: string }[];
    }[];
  }>;
}

async function usage(): Promise<Usage> {
  const { breakdown } = await (
    performance as MeasuringPerformance
  ).measureUserAgentSpecificMemory();
  const heapOf = (wanted: string) =>
    breakdown
      .filter(({ attribution }) => attribution.some(({ scope }) => scope === wanted))
      .filter(({ types }) => types.includes("JavaScript"))
      .reduce((sum, { bytes }) => sum + bytes, 0);
  const { renderer = 0 } = await (await host("memory")).json();
  return { worker: heapOf("DedicatedWorkerGlobalScope"), page: heapOf("Window"), renderer };
}
