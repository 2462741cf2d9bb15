/**
 * Node, the client's side alone, against `node:tls`: handshakes a second, and MB/s of data.
 *
 * Client and server share a thread and a pipe in memory that holds back what is written. So the time
 * in which only the client has work can be taken by itself: until all of a batch of clients have
 * written their first flight, and from the server's flights until all are open and have kept their
 * tickets. Data is encrypted by the server, or thrown away, outside of the time that counts. Each
 * figure comes from a process of its own.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { createAuthority } from "../test/authority.ts";
import type { Figures, Order } from "./node/measure.ts";
import { type Benchmark, median } from "./report.ts";

type Setup = Pick<Order, "roots" | "chain" | "key">;

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = `${root}.run/bench/node`;
/** Longest time of one measurement, in milliseconds. */
const patience = 120_000;

/** How much of each is measured. */
const amounts = { handshakes: 200, mebibytes: 128, mebibytesChaCha: 32 };
const shortAmounts = { handshakes: 50, mebibytes: 32, mebibytesChaCha: 8 };

const clients = ["webtls", "webtls with default groups", "node:tls"] as const;

interface Line {
  readonly what: string;
  readonly unit: "handshakes/s" | "ms of CPU" | "MB/s";
  readonly medians: Partial<Record<Order["client"], number>>;
}

export const node: Benchmark = async ({ runs, short }) => {
  await bundle();
  const setup = await certificates();
  const { handshakes, mebibytes, mebibytesChaCha } = short ? shortAmounts : amounts;
  const lines: Line[] = [];
  for (const what of ["full handshakes", "resumed handshakes"] as const) {
    const suite = "TLS_AES_128_GCM_SHA256";
    const figures = await compare(runs, { ...setup, what, suite, amount: handshakes }, clients);
    const perSecond = ({ elapsed }: Figures) => (1000 * handshakes) / elapsed;
    lines.push(line(what, "handshakes/s", figures, perSecond));
    lines.push(line(what, "ms of CPU", figures, ({ cpu }) => cpu / handshakes));
  }
  for (const suite of ["TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"] as const) {
    const amount = suite === "TLS_AES_128_GCM_SHA256" ? mebibytes : mebibytesChaCha;
    for (const what of ["download", "upload"] as const) {
      const order = { ...setup, what, suite, amount };
      const figures = await compare(runs, order, ["webtls", "node:tls"]);
      const rate = ({ elapsed }: Figures) => (amount * 2 ** 20) / 1000 / elapsed;
      lines.push(line(`${what}, ${suite}`, "MB/s", figures, rate));
    }
  }
  return [
    {
      title: "Node, the client's side alone",
      columns: ["", "", ...clients, "webtls ÷ node:tls"],
      rows: lines.map(({ what, unit, medians }) => [
        what,
        unit,
        ...clients.map((client) => medians[client]?.toFixed(unit === "ms of CPU" ? 2 : 0) ?? ""),
        ((medians.webtls ?? Number.NaN) / (medians["node:tls"] ?? Number.NaN)).toFixed(2),
      ]),
      data: lines,
    },
  ];
};

type Compared = Map<Order["client"], Figures[]>;

/** The clients take turns, so that what else the machine does meets all of them. */
async function compare(
  runs: number,
  order: Omit<Order, "client">,
  compared: readonly Order["client"][],
): Promise<Compared> {
  const figures: Compared = new Map(compared.map((client) => [client, []]));
  for (let index = 0; index < runs; index++) {
    for (const client of compared) figures.get(client)?.push(await measure({ ...order, client }));
  }
  return figures;
}

function line(
  what: string,
  unit: Line["unit"],
  figures: Compared,
  value: (figures: Figures) => number,
): Line {
  const medians: Line["medians"] = {};
  for (const [client, all] of figures) medians[client] = median(all.map(value));
  return { what, unit, medians };
}

async function measure(order: Order): Promise<Figures> {
  const child = spawn(process.execPath, [`${folder}/measure.js`], {
    stdio: ["pipe", "pipe", "inherit"],
    timeout: patience,
  });
  child.stdin.end(JSON.stringify(order));
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  const [status] = await once(child, "close");
  if (status !== 0) {
    throw new Error(`measuring ${order.what} of ${order.client} ended with ${status}`);
  }
  return JSON.parse(output);
}

/** Tools that load the source would stand between Node and the code. */
async function bundle(): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: "error",
    build: {
      target: "es2022",
      outDir: folder,
      emptyOutDir: true,
      ssr: `${root}bench/node/measure.ts`,
      rolldownOptions: { output: { entryFileNames: "measure.js" } },
    },
  });
}

async function certificates(): Promise<Setup> {
  const authority = await createAuthority();
  const intermediate = await authority.intermediate();
  const { chainPem, privateKey } = await intermediate.issue({ names: ["localhost"] });
  return { roots: authority.pem, chain: chainPem, key: privateKey };
}
