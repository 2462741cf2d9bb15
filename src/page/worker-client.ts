/**
 * The page's hold on the worker: starts it when it is first needed, gives each connection a port, and
 * lets nobody wait for a worker that is gone.
 *
 * @module
 */

import { TlsError } from "../errors.ts";
import { platformSchedule, type Schedule } from "../stream/schedule.ts";
import type { TraceEvent } from "../stream/trace.ts";
import type { ConnectRequest, HostMessage, HostSetup } from "../worker/protocol.ts";
import type { CallerFunctions } from "./caller-functions.ts";
import { Channel } from "./channel.ts";

/** Longest time for the worker's script to load and run, in milliseconds. */
const startTime = 15_000;

/** What is needed of a `Worker`; a test gives one that runs in its own thread. */
export interface WorkerLike {
  postMessage(message: HostMessage, transfer: Transferable[]): void;
  addEventListener(
    type: "message" | "messageerror" | "error",
    listener: (event: { message?: string }) => void,
  ): void;
  terminate(): void;
}

/** Starts the worker of this package. Bundlers find its script by this very expression. */
export function startWorker(): WorkerLike {
  return new Worker(new URL("../worker/entry.ts", import.meta.url), {
    type: "module",
    name: "webtls",
  });
}

/** One worker, started lazily; after a crash, the next connection starts another. */
export class WorkerClient {
  readonly #setup: HostSetup;
  readonly #start: () => WorkerLike;
  readonly #keyLog: ((line: string) => void) | undefined;
  readonly #schedule: Schedule;
  readonly #channels = new Set<Channel>();
  #worker: WorkerLike | undefined;
  #cancelStart = () => {};

  constructor(
    setup: HostSetup,
    start: () => WorkerLike,
    keyLog: ((line: string) => void) | undefined,
    schedule: Schedule = platformSchedule,
  ) {
    this.#setup = setup;
    this.#start = start;
    this.#keyLog = keyLog;
    this.#schedule = schedule;
  }

  /**
   * Opens a connection. Failures, the worker's own included, are told over the channel.
   *
   * @param functions what the request's options refer to.
   * @param trace takes the events that `request.traceFrom` asks for.
   */
  connect(
    request: ConnectRequest,
    functions: CallerFunctions,
    trace?: (event: TraceEvent) => void,
  ): Channel {
    const { port1, port2 } = new MessageChannel();
    const channel = new Channel(port1, {
      functions,
      keyLog: this.#keyLog,
      trace,
      ended: () => this.#channels.delete(channel),
    });
    this.#channels.add(channel);
    try {
      this.#worker ??= this.#started();
      this.#worker.postMessage({ type: "connect", port: port2, request }, [port2]);
    } catch (error) {
      // The caller has the channel before it is told.
      queueMicrotask(() => this.#failed("could not be started", error));
    }
    return channel;
  }

  /** Closes all connections, then ends the worker. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#channels].map((channel) => channel.closeSocket()));
    this.#end(new TlsError("closed/local", "The worker was ended by close().", { phase: "close" }));
  }

  #started(): WorkerLike {
    const worker = this.#start();
    type Listening = Parameters<WorkerLike["addEventListener"]>;
    const on = (type: Listening[0], listener: Listening[1]) => {
      worker.addEventListener(type, (event) => {
        if (this.#worker === worker) listener(event);
      });
    };
    // A script that can't be loaded gives an event without a message.
    on("error", ({ message }) => this.#failed(message ? "has failed" : "did not load", message));
    on("messageerror", () => this.#failed("sent a message that can't be read"));
    // Its one message says that it runs.
    on("message", () => this.#cancelStart());
    this.#cancelStart = this.#schedule(() => this.#failed("did not start in time"), startTime);
    worker.postMessage({ type: "setup", setup: this.#setup }, []);
    return worker;
  }

  #failed(what: string, cause?: unknown): void {
    this.#end(
      new TlsError(
        "closed/worker",
        `The worker of webtls ${what}. Check that its script is served, and that worker-src allows it.`,
        { phase: "data", cause },
      ),
    );
  }

  #end(error: TlsError): void {
    this.#cancelStart();
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const channel of [...this.#channels]) channel.fail(error);
  }
}
