/**
 * How long 64 bytes take from the page to the server and back.
 *
 * @module
 */

import { createAuthority } from "../test/authority.ts";
import { openLab } from "./lab.ts";
import type { Echo } from "./page/tasks/echo.ts";
import { type Benchmark, median, type Report } from "./report.ts";

const size = 64;

const courses = [
  { contestant: "WebSocket", listener: "raw" },
  { contestant: "WebSocketStream", listener: "raw" },
  { contestant: "webtls without TLS", listener: "raw" },
  { contestant: "webtls", listener: "tls" },
] as const;

export const latency: Benchmark = async ({ runs, short }) => {
  const count = short ? 200 : 2000;
  // Clocks of pages that are not isolated tick ten times in a millisecond.
  const lab = await openLab({ isolated: true });
  try {
    const authority = await createAuthority();
    const { chainPem: cert, privateKey: key } = await authority.issue({ names: ["localhost"] });
    const ciphers = "TLS_AES_128_GCM_SHA256";
    const ports = await lab.listen({ raw: null, tls: { cert, key, ciphers } });
    const reports: Report[] = [];
    for (const bridge of ["webtls", "websockify"] as const) {
      const measured = courses.map((course) => ({ ...course, p50: [0], p99: [0] }));
      for (const course of measured) {
        course.p50.length = 0;
        course.p99.length = 0;
      }
      for (let run = 0; run < runs; run++) {
        for (const { contestant, listener, p50, p99 } of measured) {
          const target = await lab.target(bridge, ports[listener], authority.pem);
          const task: Echo = { contestant, target, size, count };
          const { value } = await lab.run<number[]>("echo", task);
          value.sort((a, b) => a - b);
          p50.push(value[Math.floor(count * 0.5)] ?? 0);
          p99.push(value[Math.floor(count * 0.99)] ?? 0);
        }
      }
      const rows = measured.map(({ contestant, p50, p99 }) => [
        contestant,
        median(p50).toFixed(3),
        median(p99).toFixed(3),
      ]);
      reports.push({
        title: `Echo of ${size} bytes through ${bridge}, in milliseconds`,
        columns: ["", "p50", "p99"],
        rows,
        data: { bridge, size, count, measured },
      });
    }
    return reports;
  } finally {
    await lab.close();
  }
};
