/**
 * A connection in memory between the library and OpenSSL, as Node has it, with one bit turned over on
 * the way.
 *
 * @module
 */

import { constants } from "node:crypto";
import { Duplex } from "node:stream";
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import { TlsError } from "../../src/errors.ts";
import { type ClientConfig, resolveConfig } from "../../src/tls/config.ts";
import { ClientConnection } from "../../src/tls/connection.ts";
import type { ProtocolVersionName } from "../../src/tls/options.ts";
import { readTrust } from "../../src/tls/trust.ts";
import { createAuthority } from "../authority.ts";
import { Recording, withBitTurned } from "./recording.ts";
import type { Bit } from "./relays.ts";

export const request = "what the client asks, in one record";
/** Each is a record of its own. */
export const answers = ["the first part of the answer", ", the second part", ", and the last."];

/** Both sides of connections that differ in nothing but their random numbers and keys. */
export interface Pair {
  readonly config: ClientConfig;
  readonly context: SecureContext;
}

/** Everything is as short as can be, and of the same length each time: signatures by Ed25519. */
export async function createPair(version: ProtocolVersionName): Promise<Pair> {
  const keyType = "ed25519";
  const root = await createAuthority({ keyType });
  const leaf = await root.issue({ names: ["localhost"], keyType });
  const tls = { minVersion: version, maxVersion: version, groups: ["x25519"] } as const;
  return {
    config: resolveConfig("localhost", tls, await readTrust({ roots: root.pem })),
    context: createSecureContext({
      cert: leaf.chainPem,
      key: leaf.privateKey,
      // Tickets that hold no state, and so no numbers of varying length.
      secureOptions: constants.SSL_OP_NO_TICKET,
    }),
  };
}

/** What became of a connection. */
export interface Outcome {
  /** Undefined where it ended properly. */
  readonly error: unknown;
  /** The application's data on either side. */
  readonly atClient: string;
  readonly atServer: string;
  /** Whether the bit came by. */
  readonly isTurned: boolean;
  /** What was sent, before a bit was turned. */
  readonly recording: Recording;
}

/**
 * How long nothing may go either way before the transport ends, in milliseconds: one side may be
 * waiting for the rest of a record whose length was changed. Long enough for a busy machine, where a
 * connection that is merely slow must not pass for one that failed.
 */
const patience = 2000;

/** The client asks, the server answers and ends, and the client reads to the end. */
export async function converse({ config, context }: Pair, turned?: Bit): Promise<Outcome> {
  const recording = new Recording();
  const sent = { toServer: 0, toClient: 0 };
  let isTurned = false;
  let timer: NodeJS.Timeout | undefined;
  const pass = (direction: Bit["direction"], bytes: Uint8Array): Buffer => {
    timer?.refresh();
    const within = turned?.direction === direction ? turned.bit - sent[direction] * 8 : -1;
    sent[direction] += bytes.length;
    recording.add(direction, bytes);
    if (within < 0 || within >= bytes.length * 8) return Buffer.from(bytes);
    isTurned = true;
    return withBitTurned(bytes, within);
  };

  const transport = new Duplex({
    read() {},
    write(chunk: Buffer, _, done) {
      void client.push(new Uint8Array(pass("toClient", chunk)));
      done();
    },
    final(done) {
      void client.pushEnd();
      done();
    },
    destroy(error, done) {
      void client.pushEnd();
      done(error);
    },
  });
  let atClient = "";
  const client = new ClientConnection(config, {
    send(records) {
      for (const record of records) transport.push(pass("toServer", record));
    },
    deliver(chunks) {
      for (const chunk of chunks) atClient += new TextDecoder().decode(chunk);
    },
  });
  let atServer = "";
  const server = new TLSSocket(transport, { isServer: true, secureContext: context });
  server.on("error", () => transport.destroy());
  server.on("data", (chunk: Buffer) => {
    atServer += chunk;
    if (atServer.length < request.length) return;
    void answer(server);
  });
  timer = setTimeout(() => transport.destroy(), patience);

  try {
    await client.handshake();
    await client.write([new TextEncoder().encode(request)]);
    await client.closed;
    return { error: undefined, atClient, atServer, isTurned, recording };
  } catch (error) {
    return { error, atClient, atServer, isTurned, recording };
  } finally {
    clearTimeout(timer);
    transport.destroy();
    server.destroy();
  }
}

/** Each write waits for the one before, or OpenSSL would be given both for one record. */
async function answer(server: TLSSocket): Promise<void> {
  for (const part of answers) {
    await new Promise<void>((resolve) => server.write(part, () => resolve()));
  }
  server.end();
}

/** Whether a connection failed as it must, with nothing untrue delivered. */
export function isDetected({ error, atClient, atServer }: Outcome): boolean {
  const isTyped = error instanceof TlsError && error.code !== "handshake/internal-error";
  return isTyped && answers.join("").startsWith(atClient) && request.startsWith(atServer);
}
