/**
 * Programs that tests start as servers: waited for until they are ready, and ended by their own
 * process group. None outlives its test by long: a time limit holds even if the test runner dies.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";

/** How a program is started. */
export interface ProcessOptions {
  /** What one of its lines looks like once it is ready, on either output. */
  readonly ready: RegExp;
  /** Whether its standard input is the caller's to write. Default: it is empty. */
  readonly input?: boolean;
  /** Whether its standard output is the caller's to read; standard error never is. */
  readonly output?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A program that runs. */
export interface RunningProcess {
  readonly child: ChildProcess;
  /** What {@link ProcessOptions.ready} matched. */
  readonly ready: RegExpExecArray;
  /** Everything it has printed so far. */
  output(): string;
  /** Resolves with the match once what it prints matches; rejects after five seconds. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Ends it and everything it has started. May be called twice. */
  stop(): Promise<void>;
}

/** A program may run this long, in seconds: longer than any suite takes. */
const lifetime = 1200;
const patience = 15_000;

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) signalGroup(child, "SIGKILL");
});

/**
 * Starts a program and waits until it is ready.
 *
 * @throws Error that holds what the program printed, where it ends or stays silent instead.
 */
export async function startProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions,
): Promise<RunningProcess> {
  const child = spawn(...bounded(command, args), {
    stdio: [options.input ? "pipe" : "ignore", "pipe", "pipe"],
    // A group of its own, so that the processes it forks are ended with it.
    detached: true,
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  running.add(child);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  ended.then(() => running.delete(child));
  const printed = collect(child, options.output ?? false);

  const stop = async () => {
    if (child.pid === undefined) return;
    signalGroup(child, "SIGTERM");
    const last = setTimeout(() => signalGroup(child, "SIGKILL"), 2000);
    await ended;
    clearTimeout(last);
    // What it forked may be slower to end than itself.
    signalGroup(child, "SIGKILL");
  };
  try {
    const ready = await printed.match(options.ready, patience);
    return {
      child,
      ready,
      output: printed.all,
      printed: (pattern) => printed.match(pattern, 5000),
      stop,
    };
  } catch (cause) {
    await stop();
    throw new Error(`${command} did not start: ${printed.all() || String(cause)}`, { cause });
  }
}

/** A port on loopback that was free a moment ago, for programs that can't choose one themselves. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === "string") reject(new Error("no port"));
        else resolve(address.port);
      });
    });
  });
}

/** The command under coreutils' `timeout`, where that is at hand. */
function bounded(command: string, args: readonly string[]): [string, string[]] {
  if (process.platform !== "linux") return [command, [...args]];
  return ["timeout", ["--kill-after=5", String(lifetime), command, ...args]];
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended already.
  }
}

/** Keeps what a program prints, and lets callers wait for a part of it. */
function collect(child: ChildProcess, withoutOutput: boolean) {
  let text = "";
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const look of [...waiting]) look();
  };
  for (const stream of withoutOutput ? [child.stderr] : [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      wake();
    });
  }
  let over = false;
  const end = () => {
    over = true;
    wake();
  };
  child.once("close", end);
  child.once("error", (error) => {
    text += error.message;
    end();
  });

  function match(pattern: RegExp, limit: number): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const settle = (found: RegExpExecArray | null) => {
        clearTimeout(timer);
        waiting.delete(look);
        if (found) resolve(found);
        else reject(new Error(`never printed ${pattern}; it printed: ${text}`));
      };
      const look = () => {
        const found = pattern.exec(text);
        if (found || over) settle(found);
      };
      const timer = setTimeout(() => settle(null), limit);
      waiting.add(look);
      look();
    });
  }
  return { all: () => text, match };
}
