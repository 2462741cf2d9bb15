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
import { difference, type ProcessorTimes } from "./processor-time.ts";

/** What came of a task. */
export interface TaskResult<Value> {
  readonly value: Value;
  /** Of the part that the task has timed, in milliseconds, by part. */
  readonly processor: ProcessorTimes;
}

export interface Host {
  /** Of the page. */
  readonly url: string;
  run<Value>(name: string, argument: unknown): Promise<TaskResult<Value>>;
  stop(): Promise<void>;
}

interface Task {
  readonly text: string;
  settle(report: { value?: unknown; error?: string }): void;
}

/** Longest time for one task, in milliseconds. */
const taskTime = 180_000;
/** Longest time that a page waits for a task before it asks again, in milliseconds. */
const waitTime = 20_000;

const mediaTypes: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};

/** @param look at the processor times, at each mark of the page's. */
export async function startHost(folder: string, look: () => ProcessorTimes): Promise<Host> {
  const waiting: Task[] = [];
  let running: Task | undefined;
  let marks: ProcessorTimes[] = [];
  let wakePage: (() => void) | undefined;

  async function giveTask(response: ServerResponse): Promise<void> {
    if (waiting.length === 0) {
      await new Promise<void>((resolve) => {
        wakePage = resolve;
        setTimeout(resolve, waitTime).unref();
      });
    }
    running = waiting.shift();
    marks = [];
    response.writeHead(running === undefined ? 204 : 200).end(running?.text);
  }

  async function serveFile(path: string, response: ServerResponse): Promise<void> {
    const name = path === "/" ? "/index.html" : normalize(path);
    try {
      const content = await readFile(join(folder, name));
      const type = mediaTypes[extname(name)] ?? "application/octet-stream";
      response.writeHead(200, { "Content-Type": type }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  }

  const server = createServer(async (request, response) => {
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    if (path === "/task") return giveTask(response);
    if (path === "/mark") marks.push(look());
    else if (path === "/result") running?.settle(JSON.parse(await textOf(request)));
    else return serveFile(path, response);
    response.writeHead(204).end();
  });
  server.listen(0, "127.0.0.1");
  await new Promise<void>((resolve) => server.once("listening", () => resolve()));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/`,
    run: <Value>(name: string, argument: unknown) =>
      new Promise<TaskResult<Value>>((resolve, reject) => {
        const failed = () => reject(new Error(`The page did not finish "${name}" in time.`));
        const timer = setTimeout(failed, taskTime);
        waiting.push({
          text: JSON.stringify({ name, argument }),
          settle({ value, error }) {
            clearTimeout(timer);
            running = undefined;
            const [before = {}, after = {}] = marks;
            if (error !== undefined) reject(new Error(error));
            else resolve({ value: value as Value, processor: difference(before, after) });
          },
        });
        wakePage?.();
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += part;
  return text;
}
