/**
 * Conversations over a connection of the library. It runs on a page as well as in Node.
 *
 * @module
 */

import type { ConnectOptions, Tls } from "../../src/index.ts";
import type { ConnectionInfo } from "../../src/tls/info.ts";
import { manyLines, type SpeechName, speeches } from "./speeches.ts";
import { type Streams, Talk } from "./talk.ts";

/** A TLS connection, the page's or `webtls/core`'s. */
export interface Connection extends Streams {
  readonly opened: Promise<ConnectionInfo>;
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** How much goes each way, in bytes. */
export const bulk = 1 << 20;

/**
 * As much as a socket's buffer holds: the most that may come right before a server's end, since
 * websockify drops what its client has not taken by then.
 */
export const some = 1 << 16;

/** Speaks in plain text to where TLS begins, and begins it. */
export async function upgrade(
  tls: Tls,
  address: string,
  speech: SpeechName,
  options: Omit<ConnectOptions, "secureTransport"> = {},
): Promise<Connection> {
  const { prelude } = speeches[speech];
  if (prelude === undefined) return tls.connect(address, options);
  const socket = tls.connect(address, { ...options, secureTransport: "starttls" });
  await socket.opened;
  const talk = new Talk(socket);
  await prelude(talk);
  talk.release();
  return socket.startTls();
}

/** Greets the server and has so much sent there and back. Leaves both streams unlocked. */
export async function exchangeData(
  connection: Connection,
  speech: SpeechName,
  length: number,
): Promise<void> {
  const { greet, exchange } = speeches[speech];
  const talk = new Talk(connection);
  await greet?.(talk);
  const text = manyLines(length);
  const returned = await exchange(talk, text);
  if (!isSame(text, returned)) throw new Error("what came back is not what was sent");
  talk.release();
}

/** Greets the server, makes it end the connection, and waits for a proper end of both directions. */
export async function partAtServer(connection: Connection, speech: SpeechName): Promise<void> {
  const talk = new Talk(connection);
  const { greet, leave } = speeches[speech];
  await greet?.(talk);
  await leave(talk);
  const unasked = await talk.end();
  if (unasked > 0) throw new Error(`${unasked} bytes came before the end`);
  await connection.closed;
}

/** What becomes of early data that a server takes. */
export type EarlyFate = "answered" | "printed" | "dropped";

/** How long a server may take until it takes early data, in ms: those that watch for replays do. */
export const earlyPatience = 25_000;

/**
 * Connects, and connects again with early data (RFC 8446 §2.3), until the server takes it. Where it
 * prints it, it has to say a line by itself.
 *
 * @returns what was negotiated last.
 */
export async function sendEarly(
  connect: (earlyData?: { data: Uint8Array }) => Promise<Connection>,
  speech: SpeechName,
  fate: EarlyFate,
): Promise<ConnectionInfo> {
  const { early } = speeches[speech];
  if (early === undefined) throw new Error(`nothing may be said early in ${speech}`);
  const end = performance.now() + earlyPatience;
  for (;;) {
    const first = await connect();
    await first.opened;
    // Tickets come ahead of what the server says.
    if (fate === "printed") await hearLine(first);
    else await exchangeData(first, speech, some);
    await first.close();

    const second = await connect({ data: new TextEncoder().encode(early.data) });
    const info = await second.opened;
    const isTaken = info.earlyData === "accepted";
    if (isTaken && fate === "answered") await early.answer(new Talk(second));
    if (isTaken && fate === "dropped") await exchangeData(second, speech, some);
    await second.close();
    if (isTaken || performance.now() > end) return info;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

async function hearLine(connection: Connection): Promise<void> {
  const talk = new Talk(connection);
  await talk.line();
  talk.release();
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
