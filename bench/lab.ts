/**
 * Where the benchmarks take place: a Chromium that nobody is attached to, servers and bridges in
 * processes of their own. With a debugging protocol attached every WebSocket frame is reported,
 * which halves what a WebSocket carries; so the page fetches its tasks and posts its results.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import type { SecureContextOptions, TlsOptions } from "node:tls";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { sentencesApart } from "../scripts/sentences.mjs";
import { workerOutput } from "../scripts/worker-output.mjs";
import { startProcess } from "../test/servers/process.ts";
import { startWebsockify } from "../test/servers/websockify.ts";
import { startBrowser } from "./browser.ts";
import { type HostOptions, startHost, type TaskResult } from "./host.ts";
import { type LookOptions, lookAt } from "./look.ts";
import type { Target } from "./page/contestants/contestant.ts";
import { peersPlugin } from "./peers/vite.ts";
import { startWispServer } from "./peers/wisp.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const built = `${root}.run/bench`;

/** What a listener of the counterparty is like; null is raw TCP. */
export type Listener = (SecureContextOptions & TlsOptions) | null;

export interface LabOptions extends HostOptions, LookOptions {
  /** Whether to start the Wisp server, which is one of the peers. Default: false. */
  readonly hasWisp?: boolean;
  /** Further arguments of the browsers' command line. */
  readonly browser?: string[];
}

/** A browser, with a page that waits for tasks. */
export interface Seated {
  /**
   * Has the page carry out one of `page/tasks.ts`, freshly loaded.
   *
   * @throws Error what the page says went wrong, or that it took longer than three minutes.
   */
  run<Value>(task: string, argument: unknown): Promise<TaskResult<Value>>;
}

export interface Lab extends Seated {
  /** Runs something in a browser of its own, beside which others may run. */
  withBrowser<Result>(use: (browser: Seated) => Promise<Result>): Promise<Result>;
  /** The ports of listeners, by the names they are given. */
  listen<Name extends string>(
    listeners: Readonly<Record<Name, Listener>>,
  ): Promise<Readonly<Record<Name, number>>>;
  /** The way to a port of loopback through a bridge. */
  target(bridge: Target["bridge"], port: number, roots: string): Promise<Target>;
  close(): Promise<void>;
}

export async function openLab(options: LabOptions = {}): Promise<Lab> {
  await buildPage();
  const host = await startHost(`${built}/page`, options);
  const stops: (() => Promise<void>)[] = [host.stop];
  const processes: Record<string, number> = {};

  async function startSeated(): Promise<Seated & { stop(): Promise<void> }> {
    let chromium = 0;
    const seat = host.seat(lookAt(() => ({ chromium, ...processes }), options));
    const browser = await startBrowser(seat.url, options.browser);
    chromium = browser.pid;
    return { run: (task, argument) => seat.run(task, argument), stop: browser.stop };
  }

  const bridge = await startProcess(
    process.execPath,
    [
      bridgeCommand(),
      ...["bridge", "--listen", "127.0.0.1:0", "--quiet"],
      ...["--allow", "localhost:*", "--origin", host.origin],
    ],
    { ready: /listens at (ws:\S+)/ },
  );
  processes.bridge = bridge.child.pid ?? 0;
  stops.push(bridge.stop);
  const websockify = await startWebsockify();
  processes.websockify = websockify.pid;
  stops.push(websockify.stop);
  const urls = { webtls: bridge.ready[1] ?? "", websockify: websockify.url, wisp: "" };
  if (options.hasWisp) {
    const wisp = await startWispServer();
    processes.wisp = wisp.child.pid ?? 0;
    stops.push(wisp.stop);
    urls.wisp = wisp.ready[1] ?? "";
  }

  let first: ReturnType<typeof startSeated> | undefined;
  return {
    async run(task, argument) {
      first ??= startSeated();
      return (await first).run(task, argument);
    },

    async withBrowser(use) {
      const browser = await startSeated();
      try {
        return await use(browser);
      } finally {
        await browser.stop();
      }
    },

    async listen(listeners) {
      const server = await startProcess(
        process.execPath,
        [fileURLToPath(new URL("counterparty.mjs", import.meta.url))],
        { ready: /ports (.*)\n/, env: { LISTENERS: JSON.stringify(listeners) } },
      );
      processes.server = server.child.pid ?? 0;
      stops.push(server.stop);
      return JSON.parse(server.ready[1] ?? "");
    },

    async target(kind, port, roots) {
      const url = urls[kind];
      if (kind === "websockify") await websockify.allow(`localhost:${port}`, `127.0.0.1:${port}`);
      return { bridge: kind, url, host: "localhost", port, roots };
    },

    async close() {
      await (await first)?.stop();
      for (const stop of stops.reverse()) await stop();
    },
  };
}

async function buildPage(): Promise<void> {
  await build({
    root: fileURLToPath(new URL("page", import.meta.url)),
    configFile: false,
    logLevel: "error",
    worker: {
      format: "es",
      plugins: () => [sentencesApart()],
      rolldownOptions: { output: workerOutput },
    },
    plugins: [peersPlugin()],
    build: { outDir: `${built}/page`, emptyOutDir: true, target: "es2022" },
  });
}

/** The bridge as it is shipped. */
function bridgeCommand(): string {
  const tsc = `${root}node_modules/typescript/bin/tsc`;
  const args = [tsc, "-p", "tsconfig.bridge.json", "--outDir", `${built}/proxy`];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) throw new Error("The bridge could not be built.");
  return `${built}/proxy/cli.js`;
}
