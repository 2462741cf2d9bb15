/**
 * What tests do with the library on the page. Everything that crosses to the test is a plain value.
 *
 * @module
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import * as webtls from "../../src/index.ts";
import type { BridgeAddress } from "../../test/servers/bridges.ts";
import { patternChunk } from "../../test/servers/pattern.ts";

export { webtls };

export type Tls = ReturnType<typeof webtls.createTls>;
export type Socket = ReturnType<Tls["connect"]>;
type ConnectOptions = NonNullable<Parameters<Tls["connect"]>[1]>;
export type TlsOptions = Parameters<typeof webtls.createTls>[0];

/** A connection to try. */
export interface Trial {
  readonly bridge: BridgeAddress;
  /** `host:port`. */
  readonly address: string;
  /** PEM; the default where it is undefined. */
  readonly roots: string | undefined;
  /** What trust depends on beside the roots. */
  readonly trust?: Omit<webtls.TrustOptions, "roots">;
  readonly options?: Omit<ConnectOptions, "signal">;
}

/** A failure, as far as tests look at it. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly phase: string | undefined;
  readonly alertSent: string | undefined;
  readonly alertReceived: string | undefined;
  /** How many certificates it carries. */
  readonly certificates: number;
}

/** A TLS client with a worker of its own. */
export function create({ bridge, roots, trust }: Trial, more: Partial<TlsOptions> = {}): Tls {
  const { kind, url } = bridge;
  const descriptor = kind === "websockify" ? webtls.websockify(url) : webtls.webtlsBridge(url);
  const whom = roots === undefined ? trust : { roots, ...trust };
  return webtls.createTls({ bridge: descriptor, ...whom, ...more });
}

/** Connects, lets the caller use the socket, and ends everything whatever comes of it. */
export async function use<Result>(
  trial: Trial,
  action: (socket: Socket, tls: Tls) => Promise<Result>,
): Promise<Result> {
  const tls = create(trial);
  try {
    return await action(tls.connect(trial.address, trial.options), tls);
  } finally {
    await tls.close();
  }
}

/** What was negotiated, without the certificates, and the answer to a line. */
export function negotiate(trial: Trial) {
  return use(trial, async (socket) => {
    const { certificates, verifiedPath, ...info } = await socket.opened;
    const answer = await ask(socket, "webtls");
    await socket.close();
    return { ...info, answer, chain: certificates.length, path: verifiedPath.length };
  });
}

/** The trace events of a connection that is opened and closed, and how long that took the page. */
export async function trace(trial: Trial) {
  const events: webtls.TraceEvent[] = [];
  const tls = create(trial);
  const started = performance.now();
  try {
    const socket = tls.connect(trial.address, { ...trial.options, trace: (e) => events.push(e) });
    await socket.opened;
    const duration = performance.now() - started;
    await socket.close();
    return { events, duration };
  } finally {
    await tls.close();
  }
}

/** The failure that a connection ends with before it is open. */
export function refusal(trial: Trial): Promise<Failure> {
  return use(trial, async (socket) => {
    ignore(socket.closed);
    return failure(socket.opened);
  });
}

let left: Tls | undefined;

/**
 * The same, with a client that is left until {@link closeLeft}: the end of its worker would be the
 * end of an alert that is still on its way to the server.
 */
export function refusalToldToServer(trial: Trial): Promise<Failure> {
  left = create(trial);
  const socket = left.connect(trial.address, trial.options);
  ignore(socket.closed);
  return failure(socket.opened);
}

export async function closeLeft(): Promise<void> {
  await left?.close();
  left = undefined;
}

/** The failure that a promise is rejected with; an error of this test where it is not. */
export async function failure(promise: Promise<unknown>): Promise<Failure> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!("error" in outcome)) throw new Error(`expected a failure, got ${outcome.value}`);
  const { error } = outcome;
  if (!(error instanceof webtls.TlsError)) throw error;
  const { code, message, phase, alertSent, alertReceived, certificates } = error;
  return {
    code,
    message,
    phase,
    alertSent,
    alertReceived,
    certificates: certificates?.length ?? 0,
  };
}

/** Marks a promise's rejection as looked at elsewhere. */
export function ignore(promise: Promise<unknown>): void {
  promise.catch(() => {});
}

/** Sends a line and reads one. Leaves both streams unlocked. */
export async function ask(socket: Socket, line: string): Promise<string> {
  await send(socket, `${line}\n`);
  return readLine(socket);
}

export async function send(socket: Socket, text: string): Promise<void> {
  const writer = socket.writable.getWriter();
  try {
    await writer.write(new TextEncoder().encode(text));
  } finally {
    writer.releaseLock();
  }
}

/** Reads to the end of a line. Nothing may come behind it. */
export async function readLine(socket: Socket): Promise<string> {
  const reader = socket.readable.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    while (!text.endsWith("\n")) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`the stream ended amid a line: ${text}`);
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    reader.releaseLock();
  }
  return text.trimEnd();
}

/** Reads to the end of the stream. */
export async function readText(socket: Socket): Promise<string> {
  const reader = socket.readable.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
}

/** Reads so many bytes and returns their SHA-256 in hex. */
export async function readHash(socket: Socket, length: number): Promise<string> {
  const hash = sha256.create();
  const reader = socket.readable.getReader();
  for (let received = 0; received < length; ) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`the stream ended after ${received} of ${length} bytes`);
    hash.update(value);
    received += value.length;
  }
  reader.releaseLock();
  return bytesToHex(hash.digest());
}

/** Writes so many bytes of the pattern and returns their SHA-256 in hex. */
export async function writeHash(socket: Socket, length: number): Promise<string> {
  const hash = sha256.create();
  const writer = socket.writable.getWriter();
  const step = 256 * 1024;
  for (let sent = 0; sent < length; sent += step) {
    const chunk = patternChunk(sent, Math.min(step, length - sent));
    hash.update(chunk);
    await writer.write(chunk);
  }
  writer.releaseLock();
  return bytesToHex(hash.digest());
}
