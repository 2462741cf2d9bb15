/**
 * A client connection wired straight to a scripted server, in memory.
 *
 * @module
 */

import { type Bytes, concat } from "../../src/crypto/bytes.ts";
import { TlsError } from "../../src/errors.ts";
import type { ClientConfig } from "../../src/tls/config.ts";
import { ClientConnection, type ConnectionSink } from "../../src/tls/connection.ts";
import type { HandshakeInfo } from "../../src/tls/info.ts";
import { handshakeType } from "../../src/tls/messages/registry.ts";
import type { OpenedAhead, RecordReader } from "../../src/tls/record/reader.ts";
import { decodeClientHello } from "./client-hello.ts";
import type { Script } from "./script.ts";
import { serve12 } from "./server12.ts";
import { serve13 } from "./server13.ts";
import { PeerStopped, PeerWire, type Received } from "./wire.ts";

export interface PeerConnectionOptions {
  /** How what the server sends at once is cut into chunks. Default: not at all. */
  readonly cut?: (bytes: Bytes) => readonly Bytes[];
  /** What the sink's methods return, once the bytes have been taken. */
  readonly sending?: () => Promise<void> | undefined;
  readonly delivering?: () => Promise<void> | undefined;
  /** After the script, whether the transport ends. Default: true. */
  readonly ends?: boolean;
  /** Where the client's records come from once the handshake is done. Default: from its own reader. */
  readonly readsAhead?: (reader: RecordReader) => OpenedAhead;
  /** Whether the transport ends too when each side waits for the other. Default: false. */
  readonly endsWhenIdle?: boolean;
}

/** What became of a connection. */
export interface Outcome {
  /** Of the handshake, where it succeeded. */
  readonly info: HandshakeInfo | undefined;
  /** Why the handshake or the reading side failed; undefined after a close_notify. */
  readonly error: TlsError | undefined;
  /** What the application got, joined. */
  readonly delivered: Bytes;
  /** What the server got. */
  readonly received: Received;
}

export interface PeerConnection {
  readonly client: ClientConnection;
  readonly handshake: Promise<HandshakeInfo>;
  /** Plaintext so far, as it was delivered. */
  readonly delivered: readonly Bytes[];
  /** What the server has received so far. */
  readonly received: Received;
  /** What went each way on the wire so far. */
  readonly sent: { readonly toClient: readonly Bytes[]; readonly toServer: readonly Bytes[] };
  /**
   * Waits for the end of the connection's reading side.
   *
   * @throws what the script threw, its assertions among them.
   */
  outcome(): Promise<Outcome>;
}

/** Starts the handshake of a client with a server that follows a script. */
export function connectToPeer(
  config: ClientConfig,
  script: Script,
  options: PeerConnectionOptions = {},
): PeerConnection {
  const { cut = (bytes: Bytes) => [bytes], ends = true, endsWhenIdle = false } = options;
  const delivered: Bytes[] = [];
  const sent = { toClient: [] as Bytes[], toServer: [] as Bytes[] };
  const sink: ConnectionSink = {
    send(records) {
      for (const record of records) {
        sent.toServer.push(record);
        void follow(wire.take(record));
      }
      return options.sending?.();
    },
    deliver(chunks) {
      delivered.push(...chunks);
      return options.delivering?.();
    },
  };
  const client = new ClientConnection(config, sink);
  const wire = new PeerWire(script, (bytes) => {
    sent.toClient.push(bytes);
    for (const chunk of cut(bytes)) void follow(client.push(chunk));
  });
  let underWay = 0;
  // Each side has done all it can with what it was given, so neither will say anything more.
  const follow = async (work: Promise<unknown>) => {
    underWay++;
    await work;
    underWay--;
    if (!endsWhenIdle || underWay > 0) return;
    void client.pushEnd();
    wire.takeEnd();
  };
  const served = serve(wire, script, () => {
    if (ends) void client.pushEnd();
  });
  // Seen in outcome(): a test may not come to it because of another failure.
  served.catch(() => {});
  const handshake = client.handshake();
  handshake.then(
    () => {
      if (client.reader) client.reader.ahead = options.readsAhead?.(client.reader);
    },
    () => {},
  );

  return {
    client,
    handshake,
    delivered,
    received: wire.received,
    sent,
    async outcome() {
      const [opened, closed] = await Promise.allSettled([handshake, client.closed]);
      wire.takeEnd();
      await served;
      const failed = [opened, closed].find((settled) => settled.status === "rejected");
      if (failed !== undefined && !(failed.reason instanceof TlsError)) throw failed.reason;
      return {
        info: opened.status === "fulfilled" ? opened.value : undefined,
        error: failed?.reason,
        delivered: concat(...delivered),
        received: wire.received,
      };
    },
  };
}

/**
 * Follows a script as a server.
 *
 * @param end told that the script is over.
 */
export async function serve(wire: PeerWire, script: Script, end: () => void): Promise<void> {
  try {
    const hello = await wire.expect(handshakeType.client_hello);
    wire.transcript.add(hello.encoded);
    const handshake = script.version === "TLSv1.2" ? serve12 : serve13;
    const peer = await handshake(wire, decodeClientHello(hello.body), script);
    await (script.after ?? (() => peer.closeNotify()))(peer);
    wire.flush();
    end();
    await peer.drain();
  } catch (error) {
    if (!(error instanceof PeerStopped)) throw error;
  } finally {
    wire.flush();
    end();
  }
}
