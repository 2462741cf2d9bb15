/**
 * The one way to open a byte stream through any bridge.
 *
 * @module
 */

import { TlsError } from "../errors.ts";
import { loaded } from "../loaded.ts";
import type { ByteStream } from "./byte-stream.ts";
import type { Address, BridgeDescriptor } from "./descriptor.ts";
import { type Dial, dial } from "./dial.ts";
import { lingering } from "./lingering.ts";
import { openWebSocketStream, type WebSocketStreamClass } from "./web-socket-stream.ts";

/** What the platform may have. Node 20 has neither; the WebSocket of `ws` serves there. */
export interface SocketPlatform {
  WebSocket?: typeof WebSocket;
  WebSocketStream?: WebSocketStreamClass;
}

/**
 * Opens a byte stream to an address. It resolves when the bridge has answered: with a bridge that
 * dials afterwards, a refused target shows in the first read.
 *
 * @param signal gives up the attempt; once the stream is open it has no effect any more.
 * @throws TlsError `bridge/unreachable`, `configuration/unsupported-platform`,
 * `configuration/invalid-option` for what is wrong with the bridge's descriptor; the signal's reason
 * where it is aborted meanwhile.
 */
export async function openByteStream(
  bridge: BridgeDescriptor,
  address: Address,
  signal: AbortSignal,
  platform: SocketPlatform = globalThis,
): Promise<ByteStream> {
  signal.throwIfAborted();
  const attempt = dial(bridge, address, platform.WebSocketStream !== undefined);
  const stream = await openSocket(attempt, signal, platform);
  return attempt.bridge === "websockify" ? lingering(stream) : stream;
}

async function openSocket(
  attempt: Dial,
  signal: AbortSignal,
  { WebSocketStream, WebSocket }: SocketPlatform,
): Promise<ByteStream> {
  if (WebSocketStream !== undefined) return openWebSocketStream(attempt, signal, WebSocketStream);
  if (WebSocket !== undefined) {
    const { openWebSocket } = await unlessAborted(loaded(import("./web-socket.ts")), signal);
    return openWebSocket(attempt, signal, WebSocket);
  }
  throw new TlsError(
    "configuration/unsupported-platform",
    "This platform has no WebSocket, which every bridge needs. Use webtls/core over a socket of the platform's own.",
    { phase: "configuration" },
  );
}

/** What a promise brings, or the signal's reason where that comes first. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}
