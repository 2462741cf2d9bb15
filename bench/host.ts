/**
 * The HTTP server between a benchmark and its page: serves the built page, hands out tasks and takes
 * results.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { type Figures, type Look, nothingSeen } from "./look.ts";

/** What came of a task, and what was seen from outside of the part that the task has timed. */
export interface TaskResult<Value> extends Figures {
  readonly value: Value;
}

/** Runs tasks in one page, one after another. */
export interface Seat {
  /** Of the page. */
  readonly url: string;
  run<Value>(name: string, argument: unknown): Promise<TaskResult<Value>>;
}

export interface Host {
  /** Of all pages. */
  readonly origin: string;
  /** A seat for one browser. */
  seat(look: Look): Seat;
  stop(): Promise<void>;
}

export interface HostOptions {
  /** Whether pages are isolated from all others, without which they may not measure memory. */
  readonly isolated?: boolean;
}

interface Task {
  readonly text: string;
  settle(report: { value?: unknown; error?: string }, figures: Figures): void;
}

/** Longest time for one task, in milliseconds. */
const taskTime = 3 * 60_000;
/** Longest time that a page waits for a task before it asks again, in milliseconds. */
const waitTime = 20_000;

const mediaTypes: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};

/** Headers of a page that may measure what it uses (COOP, COEP of HTML §7.1). */
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export async function startHost(folder: string, options: HostOptions = {}): Promise<Host> {
  const seats: TaskSeat[] = [];
  const headers = options.isolated ? isolation : {};

  async function serveFile(path: string, response: ServerResponse): Promise<void> {
    const name = path === "/" ? "/index.html" : normalize(path);
    try {
      const content = await readFile(join(folder, name));
      const type = mediaTypes[extname(name)] ?? "application/octet-stream";
      response.writeHead(200, { "Content-Type": type, ...headers }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  }

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://host");
    const seat = seats[Number(searchParams.get("seat"))];
    if (pathname === "/task") return seat?.giveTask(response);
    if (pathname === "/memory") return response.end(JSON.stringify(seat?.memory()));
    if (pathname === "/mark") seat?.mark();
    else if (pathname === "/result") seat?.takeResult(await textOf(request));
    else return serveFile(pathname, response);
    response.writeHead(204).end();
  });
  // A connection that is closed for being idle, just when the page asks for something, is an error
  // page; and nobody reloads that.
  server.keepAliveTimeout = 0;
  server.listen(0, "127.0.0.1");
  await new Promise<void>((resolve) => server.once("listening", () => resolve()));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    origin,
    seat(look) {
      const seat = new TaskSeat(look, `${origin}/?seat=${seats.length}`);
      seats.push(seat);
      return seat;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

class TaskSeat implements Seat {
  readonly url: string;
  readonly #look: Look;
  readonly #waiting: Task[] = [];
  #running: Task | undefined;
  #wakePage: (() => void) | undefined;
  /** Ends the look that the page's first mark has begun. */
  #endLook: (() => Figures) | undefined;
  #figures = nothingSeen;

  constructor(look: Look, url: string) {
    this.#look = look;
    this.url = url;
  }

  run<Value>(name: string, argument: unknown): Promise<TaskResult<Value>> {
    return new Promise((resolve, reject) => {
      const failed = () => reject(new Error(`The page did not finish "${name}" in time.`));
      const timer = setTimeout(failed, taskTime);
      this.#waiting.push({
        text: JSON.stringify({ name, argument }),
        settle({ value, error }, figures) {
          clearTimeout(timer);
          if (error !== undefined) reject(new Error(error));
          else resolve({ value: value as Value, ...figures });
        },
      });
      this.#wakePage?.();
    });
  }

  async giveTask(response: ServerResponse): Promise<void> {
    if (this.#waiting.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wakePage = resolve;
        setTimeout(resolve, waitTime).unref();
      });
    }
    this.#running = this.#waiting.shift();
    this.#figures = nothingSeen;
    response.writeHead(this.#running === undefined ? 204 : 200).end(this.#running?.text);
  }

  memory() {
    return this.#look.memory();
  }

  mark(): void {
    if (this.#endLook === undefined) {
      this.#endLook = this.#look.begin();
      return;
    }
    this.#figures = this.#endLook();
    this.#endLook = undefined;
  }

  takeResult(text: string): void {
    this.#endLook?.();
    this.#endLook = undefined;
    this.#running?.settle(JSON.parse(text), this.#figures);
    this.#running = undefined;
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += part;
  return text;
}
