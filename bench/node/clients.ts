/** The clients that are compared, each over a {@link HeldPipe}, each as its users would have it. */

import { connect, createSecureContext, type SecureContext } from "node:tls";
import { connectTls, MemorySessionStore, type TlsOptions } from "../../src/stream/duplex.ts";
import { collecting, type HeldPipe } from "./held-pipe.ts";

/** A connection whose handshake has begun. */
export interface Connection {
  readonly opened: Promise<{ isResumed: boolean }>;
  /** Resolves when the connection can be resumed, tickets of the server taken. */
  readonly hasTickets: Promise<void>;
  /** Gives it what the server has sent. */
  deliver(chunk: Uint8Array): void;
  /** Reads so many bytes of data. */
  read(count: number): Promise<void>;
  /** Writes, and waits as far as the connection wants it. */
  write(chunk: Uint8Array): Promise<void>;
  /** Drops it. */
  abandon(): void;
}

/** One configuration of one client. */
export interface Client {
  /** @param label connections of one label resume each other's sessions. */
  open(pipe: HeldPipe, label: string): Connection;
}

const hostname = "localhost";
/** How many tickets Node's server sends behind a full handshake of TLS 1.3; none behind a resumed one. */
const tickets = 2;

/** @param roots PEM. */
export function webtlsClient(roots: string, options: TlsOptions): Client {
  const memory = new MemorySessionStore();
  return {
    open(pipe, label) {
      let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
      const readable = new ReadableStream<Uint8Array>({
        start: (given) => {
          controller = given;
        },
      });
      const writable = new WritableStream<Uint8Array>({ write: (chunk) => pipe.take(chunk) });
      const kept = counter();
      const abort = new AbortController();
      const socket = connectTls(
        { readable, writable },
        {
          ...options,
          hostname,
          roots,
          sessionLabel: label,
          signal: abort.signal,
          sessions: {
            take: (partition) => memory.take(partition),
            put(partition, session) {
              memory.put(partition, session);
              kept.count();
            },
          },
        },
      );
      socket.closed.catch(() => {});
      const opened = socket.opened.then(({ handshake }) => ({
        isResumed: handshake === "resumed",
      }));
      const reader = socket.readable.getReader();
      const writer = socket.writable.getWriter();
      writer.closed.catch(() => {});
      return {
        opened,
        hasTickets: kept.reached(opened),
        deliver: (chunk) => controller?.enqueue(chunk),
        async read(count) {
          for (let left = count; left > 0; ) {
            const { value } = await reader.read();
            if (value === undefined) throw new Error("the connection ended too early");
            left -= value.length;
          }
        },
        async write(chunk) {
          await writer.ready;
          writer.write(chunk).catch(() => {});
        },
        abandon: () => abort.abort(),
      };
    },
  };
}

/** @param roots PEM. */
export function nodeClient(roots: string): Client {
  const secureContext: SecureContext = createSecureContext({ ca: roots });
  const sessions = new Map<string, Buffer[]>();
  return {
    open(pipe, label) {
      const duplex = collecting((chunk) => pipe.take(chunk));
      const session = sessions.get(label)?.pop();
      const socket = connect({
        socket: duplex,
        servername: hostname,
        secureContext,
        ...(session === undefined ? {} : { session }),
      });
      socket.on("error", () => {});
      const kept = counter();
      socket.on("session", (ticket) => {
        sessions.set(label, [...(sessions.get(label) ?? []), ticket]);
        kept.count();
      });
      const opened = new Promise<{ isResumed: boolean }>((resolve, reject) => {
        socket.once("secureConnect", () => resolve({ isResumed: socket.isSessionReused() }));
        socket.once("error", reject);
      });
      return {
        opened,
        hasTickets: kept.reached(opened),
        deliver: (chunk) => void duplex.push(chunk),
        read: (count) =>
          new Promise((resolve) => {
            let left = count;
            socket.on("data", (chunk: Buffer) => {
              left -= chunk.length;
              if (left === 0) resolve();
            });
          }),
        write: (chunk) =>
          new Promise((resolve) => {
            if (socket.write(chunk)) resolve();
            else socket.once("drain", resolve);
          }),
        abandon: () => socket.destroy(),
      };
    },
  };
}

/** Counts tickets, until there are as many as the server sends. */
function counter() {
  let seen = 0;
  let wake = () => {};
  return {
    count() {
      seen += 1;
      wake();
    },
    async reached(opened: Promise<{ isResumed: boolean }>): Promise<void> {
      const { isResumed } = await opened;
      while (!isResumed && seen < tickets) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
