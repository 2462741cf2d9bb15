/**
 * Builds the test page as an application's bundler would, serves it, and hands it tasks over HTTP.
 *
 * @module
 */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { WebSocketServer } from "ws";
import type { Tasks } from "./page/tasks.ts";
import type { Outcome, Task, TaskName } from "./protocol.ts";

/** The built page. */
export interface BuiltPage {
  /** Where its files are. */
  readonly folder: string;
  remove(): Promise<void>;
}

/** What a task comes to. */
export type ResultOf<Name extends TaskName> = Awaited<ReturnType<Tasks[Name]>>;

/** A page that is served, and may be open in an engine. */
export interface PageHost {
  readonly origin: string;
  /** Paths of the files that were asked for, in order. */
  readonly requests: readonly string[];
  /** Errors on the page that nobody took care of. */
  readonly complaints: readonly string[];
  /**
   * Has the page do something; waits for the page to be open.
   *
   * @throws Error with what went wrong on the page, or after `patience`.
   */
  run<Name extends TaskName>(
    name: Name,
    ...input: Parameters<Tasks[Name]>
  ): Promise<ResultOf<Name>>;
  stop(): Promise<void>;
}

/** Longest time for a task, in milliseconds: well beyond what the slowest of them needs. */
const patience = 45_000;

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
};

/** Bundles the page with the library's source; the worker and what it loads on demand are files of their own. */
export async function buildPage(): Promise<BuiltPage> {
  const folder = await mkdtemp(join(tmpdir(), "webtls-engines-"));
  await build({
    root: fileURLToPath(new URL("page", import.meta.url)),
    configFile: false,
    logLevel: "warn",
    worker: { format: "es" },
    build: { outDir: folder, emptyOutDir: true, target: "es2022" },
  });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Serves a built page on a free port of loopback. */
export async function startPageHost({ folder }: BuiltPage): Promise<PageHost> {
  const requests: string[] = [];
  const complaints: string[] = [];
  const queue = new TaskQueue();

  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://host").pathname);
    if (request.method === "POST") {
      if (path === "/next") {
        queue.give(response);
        return;
      }
      const outcome: Outcome = JSON.parse(await readBody(request));
      if (path === "/complaint") complaints.push(String(Object.values(outcome)[0]));
      else queue.settle(Number(path.slice("/result/".length)), outcome);
      response.writeHead(204).end();
      return;
    }
    requests.push(path);
    await serveFile(join(folder, path === "/" ? "index.html" : path), response);
  });
  // Takes WebSockets and never reads them: what an engine then says of its unsent bytes is probed.
  const silent = new WebSocketServer({ server, path: "/silent" });
  silent.on("connection", (socket) => socket.on("error", () => {}).pause());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");

  return {
    origin: `http://127.0.0.1:${address.port}`,
    requests,
    complaints,
    // What comes back is what the task of this name returned.
    run: <Name extends TaskName>(name: Name, ...input: Parameters<Tasks[Name]>) =>
      queue.add(name, input) as Promise<ResultOf<Name>>,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of silent.clients) socket.terminate();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Tasks that wait for the page, and a page that waits for tasks. */
class TaskQueue {
  readonly #waiting: Task[] = [];
  readonly #running = new Map<number, (outcome: Outcome) => void>();
  #page: ServerResponse | undefined;
  #opened = false;
  #count = 0;

  add(name: TaskName, input: readonly unknown[]): Promise<unknown> {
    const id = ++this.#count;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const what = this.#opened ? `did not finish "${name}"` : "was not opened";
        this.settle(id, { error: `the page ${what} within ${patience / 1000} seconds` });
      }, patience);
      this.#running.set(id, (outcome) => {
        clearTimeout(timer);
        if ("error" in outcome) reject(new Error(outcome.error));
        else resolve(outcome.value);
      });
      this.#waiting.push({ id, name, input });
      this.#match();
    });
  }

  /** The page's request is answered when there is a task. */
  give(page: ServerResponse): void {
    this.#opened = true;
    this.#page = page;
    this.#match();
  }

  settle(id: number, outcome: Outcome): void {
    this.#running.get(id)?.(outcome);
    this.#running.delete(id);
  }

  #match(): void {
    if (this.#page === undefined) return;
    const task = this.#waiting.shift();
    if (task === undefined) return;
    this.#page.setHeader("Content-Type", "application/json");
    this.#page.end(JSON.stringify(task));
    this.#page = undefined;
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}

async function serveFile(path: string, response: ServerResponse): Promise<void> {
  try {
    const body = await readFile(path);
    response.setHeader("Content-Type", types[extname(path)] ?? "application/octet-stream");
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}
