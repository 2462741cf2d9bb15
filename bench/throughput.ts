/**
 * Many bytes one way, through both bridges: what TLS leaves of what the WebSocket carries.
 *
 * @module
 */

import { createAuthority } from "../test/authority.ts";
import { type Lab, type Listener, openLab } from "./lab.ts";
import type { Target } from "./page/contestants/contestant.ts";
import type { Transfer } from "./page/tasks/transfer.ts";
import type { ProcessorTimes } from "./processor-time.ts";
import { type Benchmark, type BenchOptions, median, type Report } from "./report.ts";

const mebibyte = 1024 * 1024;

type Direction = "download" | "upload";

/** What is sent how, in the order of the table. */
interface Course {
  readonly name: string;
  readonly contestant: string;
  readonly listener: ListenerName;
}

const suites = {
  "TLS 1.3 AES-128-GCM": { version: "TLSv1.3", ciphers: "TLS_AES_128_GCM_SHA256" },
  "TLS 1.3 ChaCha20-Poly1305": { version: "TLSv1.3", ciphers: "TLS_CHACHA20_POLY1305_SHA256" },
  "TLS 1.2 AES-128-GCM": { version: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" },
  "TLS 1.2 ChaCha20-Poly1305": { version: "TLSv1.2", ciphers: "ECDHE-ECDSA-CHACHA20-POLY1305" },
} as const;

type ListenerName = keyof typeof suites | "raw";

const courses: readonly Course[] = [
  { name: "WebSocket", contestant: "WebSocket", listener: "raw" },
  { name: "WebSocketStream", contestant: "WebSocketStream", listener: "raw" },
  {
    name: "WebSocketStream, subprotocol",
    contestant: "WebSocketStream, subprotocol",
    listener: "raw",
  },
  { name: "webtls without TLS", contestant: "webtls without TLS", listener: "raw" },
  ...(Object.keys(suites) as (keyof typeof suites)[]).map(
    (name): Course => ({ name: `webtls, ${name}`, contestant: "webtls", listener: name }),
  ),
];

interface Measured extends Course {
  /** Of each run, in MB/s. */
  readonly speeds: number[];
  /** Of each run, in milliseconds for each MiB. */
  readonly processor: ProcessorTimes[];
}

export const download: Benchmark = (options) => transfers("download", options);
export const upload: Benchmark = (options) => transfers("upload", options);

async function transfers(direction: Direction, options: BenchOptions): Promise<Report[]> {
  const bytes = (options.short ? 32 : 256) * mebibyte;
  const lab = await openLab();
  try {
    const authority = await createAuthority();
    const ports = await lab.listen(await listeners(authority));
    const reports: Report[] = [];
    for (const bridge of ["webtls", "websockify"] as const) {
      const measured = courses.map(
        (course): Measured => ({ ...course, speeds: [], processor: [] }),
      );
      // In turn, so that what changes on the machine meanwhile falls on all of them.
      for (let run = 0; run < options.runs; run++) {
        for (const course of measured) {
          const target = await lab.target(bridge, ports[course.listener], authority.pem);
          await transfer(lab, direction, course, target, bytes);
        }
      }
      reports.push(report(direction, bridge, bytes, measured));
    }
    return reports;
  } finally {
    await lab.close();
  }
}

async function listeners(
  authority: Awaited<ReturnType<typeof createAuthority>>,
): Promise<Record<ListenerName, Listener>> {
  const intermediate = await authority.intermediate();
  const { chainPem, privateKey } = await intermediate.issue({ names: ["localhost"] });
  const secure = Object.entries(suites).map(([name, { version, ciphers }]) => [
    name,
    { cert: chainPem, key: privateKey, minVersion: version, maxVersion: version, ciphers },
  ]);
  return { raw: null, ...Object.fromEntries(secure) };
}

async function transfer(
  lab: Lab,
  direction: Direction,
  { contestant, speeds, processor }: Measured,
  target: Target,
  bytes: number,
): Promise<void> {
  const task: Transfer = { contestant, target, bytes };
  const { value: ms, processor: times } = await lab.run<number>(direction, task);
  speeds.push(bytes / 1e3 / ms);
  const each = Object.entries(times).map(([part, time]) => [part, (time * mebibyte) / bytes]);
  processor.push(Object.fromEntries(each));
}

function report(
  direction: Direction,
  bridge: Target["bridge"],
  bytes: number,
  measured: readonly Measured[],
): Report {
  const limit = Math.max(
    ...measured
      .filter(({ listener }) => listener === "raw")
      .slice(0, 2)
      .map(speedOf),
  );
  const parts = [
    "renderer",
    "network",
    "browser",
    bridge === "webtls" ? "bridge" : bridge,
    "server",
  ];
  return {
    title: `${direction} of ${bytes / mebibyte} MiB through ${bridge === "webtls" ? "the webtls bridge" : bridge}`,
    columns: ["", "MB/s", "÷ raw", "lowest … highest", ...parts.map((part) => `${part} ms/MiB`)],
    rows: measured.map((course) => [
      course.name,
      speedOf(course).toFixed(0),
      (speedOf(course) / limit).toFixed(2),
      `${Math.min(...course.speeds).toFixed(0)} … ${Math.max(...course.speeds).toFixed(0)}`,
      ...parts.map((part) => median(course.processor.map((times) => times[part] ?? 0)).toFixed(2)),
    ]),
    notes: ["raw: the faster of WebSocket and WebSocketStream, opened by the page itself."],
    data: { direction, bridge, bytes, measured },
  };
}

function speedOf({ speeds }: Measured): number {
  return median(speeds);
}
