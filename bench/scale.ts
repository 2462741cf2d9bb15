/**
 * Many connections in one worker: how soon they are open, what each costs while it is idle, and what a
 * handshake takes beside a download at full speed.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { createAuthority } from "../test/authority.ts";
import { startProcess } from "../test/servers/process.ts";
import { openLab } from "./lab.ts";
import type { CrowdReport, CrowdTask, Usage } from "./page/tasks/crowd.ts";
import { type Benchmark, median, type Report } from "./report.ts";

/** Chromium opens 255 WebSockets at most; three are for the handshakes and the download. */
const courses = [
  { count: 1, carrier: "WebSocket", sessions: "disabled" },
  { count: 10, carrier: "WebSocket", sessions: "disabled" },
  { count: 100, carrier: "WebSocket", sessions: "disabled" },
  { count: 250, carrier: "WebSocket", sessions: "disabled" },
  { count: 250, carrier: "WebSocket", sessions: "memory" },
  { count: 1000, carrier: "duplex", sessions: "disabled" },
  { count: 1000, carrier: "duplex", sessions: "memory" },
] as const;

type Course = (typeof courses)[number] & { readonly reports: CrowdReport[] };

export const scale: Benchmark = async ({ runs, short }) => {
  const lab = await openLab({
    isolated: true,
    // Without, memory is measured with the next collection, which may be long in coming.
    browser: ["--enable-blink-features=ForceEagerMeasureMemory"],
  });
  const multiplexer = await startProcess(
    process.execPath,
    [fileURLToPath(new URL("multiplexer.mjs", import.meta.url))],
    { ready: /listens at (ws:\S+)/ },
  );
  try {
    const authority = await createAuthority();
    const intermediate = await authority.intermediate();
    const { chainPem, privateKey } = await intermediate.issue({ names: ["localhost"] });
    const ciphers = "TLS_AES_128_GCM_SHA256";
    const ports = await lab.listen({ tls: { cert: chainPem, key: privateKey, ciphers } });
    const target = await lab.target("webtls", ports.tls, authority.pem);
    const measured = courses.map((course): Course => ({ ...course, reports: [] }));
    for (let run = 0; run < runs; run++) {
      for (const { reports, ...course } of measured) {
        const task: CrowdTask = {
          ...course,
          target,
          multiplexer: multiplexer.ready[1] ?? "",
          handshakes: short ? 10 : 40,
        };
        const { value } = await lab.withBrowser((one) => one.run<CrowdReport>("crowd", task));
        reports.push(value);
      }
    }
    return [report(measured)];
  } finally {
    await multiplexer.stop();
    await lab.close();
  }
};

function report(measured: readonly Course[]): Report {
  return {
    title: "Connections in one worker: TLS 1.3 AES-128-GCM through the webtls bridge",
    columns: [
      "open",
      "over",
      "sessions",
      "all open, ms",
      "worker heap, KiB each",
      "page heap, KiB each",
      "renderer, KiB each",
      "handshake, ms",
      "beside a download, ms",
      "÷ alone",
      "download, MB/s",
    ],
    rows: measured.map(({ count, carrier, sessions, reports }) => {
      const of = (figure: (one: CrowdReport) => number) => median(reports.map(figure));
      const each = (part: keyof Usage) =>
        count < 10
          ? ""
          : of(({ before, idle }) => (idle[part] - before[part]) / 1024 / count).toFixed(1);
      const alone = of((one) => median(one.alone));
      const beside = of((one) => median(one.beside));
      return [
        String(count),
        carrier,
        sessions,
        of(({ opening }) => opening).toFixed(0),
        each("worker"),
        each("page"),
        each("renderer"),
        alone.toFixed(1),
        beside.toFixed(1),
        (beside / alone).toFixed(1),
        of(({ speed }) => speed).toFixed(0),
      ];
    }),
    notes: [
      "WebSocket: by createTls(). duplex: webtls/core in a worker of the benchmark's, over pairs of streams that one WebSocket carries.",
      "Heap: JavaScript objects and ArrayBuffers after a collection (measureUserAgentSpecificMemory); renderer: its proportional set size.",
      "A handshake is from asking for a connection to having it, its bridge included; medians.",
    ],
    data: { courses: measured },
  };
}
