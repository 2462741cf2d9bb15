/**
 * What this engine has, tried without the library: of what the library can use, and engines lack.
 *
 * @module
 */

/** Whether the engine has it, by the name that reports use. */
export interface Platform {
  readonly userAgent: string;
  readonly secureContext: boolean;
  readonly webSocketStream: boolean;
  /** Whether a WebSocket's `bufferedAmount` tells of what has not left for the network. */
  readonly countsUnsent: boolean;
  readonly mlKem768: boolean;
  readonly chaCha20Poly1305: boolean;
  /** Whether points off the curve are refused (RFC 8446 §4.2.8.2). */
  readonly checksPoints: boolean;
  readonly x25519: boolean;
  readonly ed25519: boolean;
  readonly asyncDispose: boolean;
  readonly streamIteration: boolean;
}

export async function describePlatform(): Promise<Platform> {
  return {
    userAgent: navigator.userAgent,
    secureContext: isSecureContext,
    webSocketStream: "WebSocketStream" in globalThis,
    countsUnsent: await countsUnsent(),
    mlKem768: await works(() =>
      crypto.subtle.generateKey({ name: "ML-KEM-768" }, false, [
        // The standard library's types know no encapsulation yet.
        "decapsulateBits" as KeyUsage,
      ]),
    ),
    chaCha20Poly1305: await works(() =>
      crypto.subtle.importKey(
        "raw-secret" as "raw",
        new Uint8Array(32),
        "ChaCha20-Poly1305",
        false,
        ["encrypt"],
      ),
    ),
    checksPoints: !(await works(agreeOffCurve)),
    x25519: await makesKeys("X25519", "deriveBits"),
    ed25519: await makesKeys("Ed25519", "sign"),
    asyncDispose: Symbol.asyncDispose !== undefined,
    streamIteration: Symbol.asyncIterator in ReadableStream.prototype,
  };
}

/** Sends more than the network takes to a server that reads nothing. */
async function countsUnsent(): Promise<boolean> {
  const socket = new WebSocket(`ws://${location.host}/silent`);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error("/silent takes no WebSocket"));
  });
  for (let count = 0; count < 32; count++) socket.send(new Uint8Array(1024 * 1024));
  // An engine that does not count says so within a few turns.
  for (let looks = 0; looks < 10 && socket.bufferedAmount > 0; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const counts = socket.bufferedAmount > 0;
  socket.close();
  return counts;
}

/** Agrees on a secret with a point that is not on P-256. */
async function agreeOffCurve(): Promise<void> {
  const algorithm = { name: "ECDH", namedCurve: "P-256" };
  const point = new Uint8Array(65).fill(0x01);
  point[0] = 0x04;
  const { privateKey } = await crypto.subtle.generateKey(algorithm, false, ["deriveBits"]);
  const peer = await crypto.subtle.importKey("raw", point, algorithm, true, []);
  await crypto.subtle.deriveBits({ name: "ECDH", public: peer }, privateKey, 256);
}

/** Tried several times: WebKitGTK fails now and then to make a key of an algorithm that it has. */
async function makesKeys(algorithm: string, usage: KeyUsage): Promise<boolean> {
  for (let tries = 0; tries < 5; tries++) {
    if (await works(() => crypto.subtle.generateKey(algorithm, false, [usage]))) return true;
  }
  return false;
}

async function works(attempt: () => Promise<unknown>): Promise<boolean> {
  try {
    await attempt();
    return true;
  } catch {
    return false;
  }
}
