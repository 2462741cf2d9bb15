/**
 * What a handshake takes: time from the bridge's being open, in a cold worker and in a warm one, and
 * processor time of the renderer.
 *
 * @module
 */

import { createAuthority, type KeyType } from "../test/authority.ts";
import { buildGoProgram, whyNoGo } from "../test/servers/go.ts";
import { startOpenssl } from "../test/servers/openssl.ts";
import { type Lab, openLab } from "./lab.ts";
import type { Target } from "./page/contestants/contestant.ts";
import type { Handshakes, Opening } from "./page/tasks/handshakes.ts";
import { type Benchmark, median, type Report } from "./report.ts";

/** One line of the table. */
interface Course {
  readonly name: string;
  readonly server: "raw" | "ecdsa" | "rsa" | "early" | "ml-kem";
  readonly task: Omit<Handshakes, "target" | "count" | "warmUp">;
  /** What has to have been negotiated, if that can be seen. */
  readonly how?: string;
}

const raw: Course = { name: "WebSocket", server: "raw", task: { contestant: "WebSocket" } };
/** What a worker, its messages and the page's streams cost, without a handshake. */
const plain: Course = {
  name: "webtls without TLS",
  server: "raw",
  task: { contestant: "webtls without TLS" },
};
const contestant = "webtls";
const groups = ["x25519"] as const;
const courses: readonly Course[] = [
  {
    name: "full, X25519, ECDSA",
    server: "ecdsa",
    task: { contestant, groups },
    how: "x25519 full",
  },
  { name: "full, as by default, ECDSA", server: "ecdsa", task: { contestant }, how: "x25519 full" },
  {
    name: "full, X25519, RSA-2048",
    server: "rsa",
    task: { contestant, groups },
    how: "x25519 full",
  },
  {
    name: "full, X25519MLKEM768, ECDSA",
    server: "ml-kem",
    task: { contestant },
    how: "X25519MLKEM768 full",
  },
  {
    name: "resumed",
    server: "ecdsa",
    task: { contestant, groups, sessions: "memory" },
    how: "x25519 resumed",
  },
  {
    name: "resumed, with 0-RTT data",
    server: "early",
    task: { contestant, groups, sessions: "memory", hasEarlyData: true },
    how: "x25519 resumed accepted",
  },
];

interface Measured {
  readonly cold: Opening[];
  readonly warm: Opening[];
  /** Processor time of the renderer for one, in milliseconds, a value for each run. */
  readonly processor: number[];
}

export const handshake: Benchmark = async ({ runs, short }) => {
  const count = short ? 50 : 200;
  const lab = await openLab();
  const servers = await startServers(lab);
  try {
    const measured = new Map<Course, Measured>();
    for (let run = 0; run < runs; run++) {
      for (const course of [raw, plain, ...courses]) {
        const target = servers.targets[course.server];
        if (target === undefined) continue;
        const into = measured.get(course) ?? { cold: [], warm: [], processor: [] };
        measured.set(course, into);
        await measure(lab, course, target, count, into);
      }
    }
    return [report(measured, count)];
  } finally {
    await servers.stop();
    await lab.close();
  }
};

async function measure(
  lab: Lab,
  { task, how, name }: Course,
  target: Target,
  count: number,
  { cold, warm, processor }: Measured,
): Promise<void> {
  const first = await lab.run<Opening[]>("handshakes", { ...task, target, warmUp: 0, count: 1 });
  cold.push(...first.value);
  const rest = await lab.run<Opening[]>("handshakes", { ...task, target, warmUp: 30, count });
  const others = rest.value.filter((opening) => opening.how !== how);
  // A ticket may come too late for the next connection now and then.
  if (others.length > count / 50) throw new Error(`"${name}" went as "${others[0]?.how}".`);
  warm.push(...rest.value);
  processor.push((rest.processor.renderer ?? Number.NaN) / count);
}

function report(measured: ReadonlyMap<Course, Measured>, count: number): Report {
  const base = median(measured.get(raw)?.processor ?? []);
  const full = measured.get(courses[0] ?? raw);
  const fullProcessor = median(full?.processor ?? []) - base;
  const rows: string[][] = [];
  for (const [{ name, how }, { cold, warm, processor }] of measured) {
    const net = median(processor) - base;
    const isResumed = how?.includes("resumed") ?? false;
    rows.push([
      name,
      // In a page that is new, nothing is resumed.
      isResumed || how === undefined ? "" : milliseconds(cold.map((one) => one.handshake)),
      how === undefined ? "" : milliseconds(warm.map((one) => one.handshake)),
      milliseconds(warm.map(({ total }) => total)),
      name === raw.name ? median(processor).toFixed(2) : net.toFixed(2),
      how === undefined ? "" : (net / fullProcessor).toFixed(2),
    ]);
  }
  return {
    title: "Handshakes (TLS 1.3, leaf and intermediate)",
    columns: ["", "cold, ms", "warm, ms", "to opened, ms", "CPU, ms", "CPU ÷ full"],
    rows,
    notes: [
      "cold, warm: from the bridge's being open to the end of the handshake, medians.",
      `CPU: of the renderer's process, over ${count} handshakes in one worker, less that of as many raw WebSockets (first line: what those take).`,
    ],
    data: [...measured].map(([{ name }, values]) => ({ name, ...values })),
  };
}

function milliseconds(values: readonly number[]): string {
  return median(values).toFixed(1);
}

interface Servers {
  readonly targets: Readonly<Partial<Record<Course["server"], Target>>>;
  stop(): Promise<void>;
}

async function startServers(lab: Lab): Promise<Servers> {
  const [ecdsa, rsa] = [await identity("ecdsa-p256"), await identity("rsa-2048")];
  const suite = ["-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"];
  const stops: (() => Promise<void>)[] = [];
  const target = async (server: { port: number; stop(): Promise<void> }, { roots } = ecdsa) => {
    stops.push(server.stop);
    return lab.target("webtls", server.port, roots);
  };
  const { raw: port } = await lab.listen({ raw: null });
  const targets: Partial<Record<Course["server"], Target>> = {
    raw: await lab.target("webtls", port, ""),
    ecdsa: await target(await startOpenssl(ecdsa, suite)),
    rsa: await target(await startOpenssl(rsa, suite), rsa),
    early: await target(await startOpenssl(ecdsa, [...suite, "-early_data"], "interactive")),
  };
  // OpenSSL has ML-KEM since 3.5, which few systems have yet.
  if ((await whyNoGo()) === undefined) {
    const program = await buildGoProgram();
    stops.push(program.remove);
    targets["ml-kem"] = await target(await program.start(ecdsa, { group: "X25519MLKEM768" }));
  }
  return {
    targets,
    async stop() {
      for (const stop of stops.reverse()) await stop();
    },
  };
}

async function identity(keyType: KeyType) {
  const authority = await createAuthority({ keyType });
  const intermediate = await authority.intermediate({ keyType });
  const { chainPem, privateKey } = await intermediate.issue({ names: ["localhost"], keyType });
  return { chainPem, privateKey, roots: authority.pem };
}
