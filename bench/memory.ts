/**
 * What a slow reader costs in memory: much is sent to one that takes 10 MB/s, and the most that all of
 * the browser's processes hold meanwhile is compared with what they held before.
 *
 * Before is when the connection is open and has been used: worker and code count there, the same for
 * all. Each transfer has a browser of its own, freshly started; those of one run go on beside each
 * other, since none of them keeps a processor busy.
 *
 * @module
 */

import { createAuthority } from "../test/authority.ts";
import { openLab } from "./lab.ts";
import type { PacedTransfer } from "./page/tasks/transfer.ts";
import { type Benchmark, median, type Report } from "./report.ts";
import { type Memory, totalOf } from "./resident-memory.ts";

const mebibyte = 1024 * 1024;

/** Bytes that the reader takes each second. */
const speed = 10_000_000;
/** In milliseconds. */
const memoryEvery = 250;

const contestants = [
  { name: "WebSocketStream", contestant: "WebSocketStream", listener: "raw" },
  { name: "webtls, TLS 1.3 AES-128-GCM", contestant: "webtls", listener: "tls" },
] as const;
const bridges = ["webtls", "websockify"] as const;

interface Course {
  readonly bridge: (typeof bridges)[number];
  readonly contestant: (typeof contestants)[number];
  /** Most memory above what there was before, in MiB, of each run. */
  readonly peaks: number[];
  /** What there was before, in MiB. */
  readonly before: number[];
  /** All samples of all runs, in MiB, by part of the browser. */
  readonly samples: Memory[][];
}

export const memory: Benchmark = async ({ runs, short }) => {
  const bytes = (short ? 64 : 1024) * mebibyte;
  const lab = await openLab({ memoryEvery });
  try {
    const authority = await createAuthority();
    const { chainPem: cert, privateKey: key } = await authority.issue({ names: ["localhost"] });
    const ciphers = "TLS_AES_128_GCM_SHA256";
    const ports = await lab.listen({ raw: null, tls: { cert, key, ciphers } });
    const courses = bridges.flatMap((bridge) =>
      contestants.map(
        (contestant): Course => ({ bridge, contestant, peaks: [], before: [], samples: [] }),
      ),
    );
    for (let run = 0; run < runs; run++) {
      await Promise.all(
        courses.map(async ({ bridge, contestant, peaks, before, samples }) => {
          const target = await lab.target(bridge, ports[contestant.listener], authority.pem);
          const task: PacedTransfer = { ...contestant, target, bytes, speed };
          const { memory } = await lab.withBrowser((one) => one.run("pacedDownload", task));
          const all = memory.map(inMebibytes);
          const [first = Number.NaN, ...others] = all.map(totalOf);
          before.push(first);
          peaks.push(Math.max(...others) - first);
          samples.push(all);
        }),
      );
    }
    return [report(bytes, courses)];
  } finally {
    await lab.close();
  }
};

function inMebibytes(memory: Memory): Memory {
  const parts = Object.entries(memory);
  return Object.fromEntries(parts.map(([part, bytes]) => [part, round(bytes / mebibyte)]));
}

function round(mebibytes: number): number {
  return Math.round(mebibytes * 10) / 10;
}

function report(bytes: number, courses: readonly Course[]): Report {
  return {
    title: `Memory while ${bytes / mebibyte} MiB go to a reader of ${speed / 1e6} MB/s, in MiB`,
    columns: ["", "bridge", "before", "peak above it", "lowest … highest", "above raw"],
    rows: courses.map((course) => {
      const { bridge, contestant, peaks, before } = course;
      const raw = courses.find((other) => other.bridge === bridge) ?? course;
      return [
        contestant.name,
        bridge,
        median(before).toFixed(0),
        median(peaks).toFixed(1),
        `${Math.min(...peaks).toFixed(1)} … ${Math.max(...peaks).toFixed(1)}`,
        raw === course ? "" : (median(peaks) - median(raw.peaks)).toFixed(1),
      ];
    }),
    notes: [
      `Proportional set sizes of all of Chromium's processes, without pages of files, summed, every ${memoryEvery} ms; before: with the connection open and used.`,
    ],
    data: { bytes, speed, memoryEvery, courses },
  };
}
