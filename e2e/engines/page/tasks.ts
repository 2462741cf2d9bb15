/**
 * What the page is asked to do with the library. Everything that crosses to the test is a plain
 * value.
 *
 * @module
 */

import { readAside } from "../../page/decryption.ts";
import { greetAs, identities, importIdentity, issueToItself } from "../../page/identities.ts";
import type { Trial } from "../../page/rig.ts";
import * as rig from "../../page/rig.ts";
import { describePlatform } from "./platform.ts";

export const tasks = {
  describePlatform,
  negotiate: rig.negotiate,
  refusal: rig.refusal,
  roundTrip,
  truncation,
  upgrade,
  holdBack,
  readHeld,
  flood,
  accepted,
  endFlood,
  makeKeys,
  issueToItself,
  importIdentity,
  greetAs,
  readAside,
};

export type Tasks = typeof tasks;

/** Sends and receives so many bytes at the same time; their hashes. */
function roundTrip(trial: Trial, length: number) {
  return rig.use(trial, async (socket) => {
    const [sent, received] = await Promise.all([
      rig.writeHash(socket, length),
      rig.readHash(socket, length),
    ]);
    return { sent, received };
  });
}

/** Makes so many key pairs for client certificates. @returns how many were made. */
async function makeKeys(algorithm: identities.KeyAlgorithmName, count: number): Promise<number> {
  for (let made = 0; made < count; made++) await identities.generateKeys({ algorithm });
  return count;
}

/** What came before the connection broke off, and how that was told. */
function truncation(trial: Trial) {
  return rig.use(trial, async (socket) => {
    const closed = rig.failure(socket.closed);
    await rig.send(socket, "go");
    const reader = socket.readable.getReader();
    const decoder = new TextDecoder();
    let received = "";
    const readToEnd = async () => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return "a clean end";
        received += decoder.decode(value, { stream: true });
      }
    };
    const reading = await rig.failure(readToEnd());
    return { received, reading: reading.code, closed: (await closed).code };
  });
}

/** A mail server's STARTTLS, and a line each before and after. */
function upgrade(trial: Trial) {
  return rig.use(trial, async (socket) => {
    await socket.opened;
    const greeting = await rig.readLine(socket);
    const goAhead = await rig.ask(socket, "STARTTLS\r");
    const secure = socket.startTls();
    const { version } = await secure.opened;
    const echoed = await rig.ask(secure, "in private");
    await secure.close();
    return { greeting, goAhead, version, echoed };
  });
}

let held: { tls: rig.Tls; socket: rig.Socket } | undefined;

/** Connects and reads nothing until {@link readHeld}. */
async function holdBack(trial: Trial): Promise<void> {
  const tls = rig.create(trial);
  const socket = tls.connect(trial.address);
  held = { tls, socket };
  await socket.opened;
}

/** Reads so many bytes of the connection that was held back, and ends it. */
async function readHeld(length: number): Promise<string> {
  if (held === undefined) throw new Error("nothing is held back");
  const { tls, socket } = held;
  try {
    return await rig.readHash(socket, length);
  } finally {
    held = undefined;
    await tls.close();
  }
}

let flooding: { tls: rig.Tls; abort: AbortController; accepted: number } | undefined;

/** Connects, and begins to write so many bytes: as fast as they are taken. */
async function flood(trial: Trial, length: number): Promise<void> {
  const tls = rig.create(trial);
  const abort = new AbortController();
  const socket = tls.connect(trial.address, { signal: abort.signal });
  const progress = { tls, abort, accepted: 0 };
  flooding = progress;
  rig.ignore(socket.closed);
  await socket.opened;
  const writer = socket.writable.getWriter();
  const step = 64 * 1024;
  const write = async () => {
    for (; progress.accepted < length; progress.accepted += step) {
      await writer.write(new Uint8Array(step));
    }
  };
  rig.ignore(write());
}

/** How many bytes of the flood were taken so far. */
function accepted(): number {
  return flooding?.accepted ?? 0;
}

/** Drops what is unsent, and the connection. */
async function endFlood(): Promise<void> {
  flooding?.abort.abort();
  await flooding?.tls.close();
  flooding = undefined;
}
