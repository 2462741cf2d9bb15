/**
 * What the library does where an engine lacks something, told by the files that the engine loaded.
 *
 * @module
 */

import type { Platform } from "./page/platform.ts";

/** The chunks that stand in for WebCrypto, by the algorithm's name in reports. */
const chunks: Readonly<Record<string, RegExp>> = {
  "ML-KEM-768": /\/ml-kem-/,
  "ChaCha20-Poly1305": /\/chacha20-poly1305-/,
  "AES-GCM": /\/aes-gcm-/,
  "X25519 and Ed25519": /\/curve25519-/,
  "ECDH and ECDSA": /\/nist-/,
  RSA: /\/rsa-/,
};

/** The algorithms whose JavaScript was loaded. */
export function fallbacksLoaded(requests: readonly string[]): string[] {
  return Object.keys(chunks).filter((name) => requests.some((path) => chunks[name]?.test(path)));
}

/** The algorithms of those that the tests use that the platform says it has not. */
export function algorithmsMissing(platform: Platform): string[] {
  const has: Readonly<Record<string, boolean>> = {
    "ML-KEM-768": platform.mlKem768,
    "ChaCha20-Poly1305": platform.chaCha20Poly1305,
    "X25519 and Ed25519": platform.x25519 && platform.ed25519,
    "ECDH and ECDSA": platform.checksPoints,
  };
  return Object.keys(has).filter((name) => !has[name]);
}

/** For people: the engine, what it lacks, and what took its place. */
export function remarksOn(platform: Platform, requests: readonly string[]): string[] {
  const loaded = fallbacksLoaded(requests);
  const remarks = [platform.userAgent];
  for (const name of algorithmsMissing(platform)) {
    const why = name === "ECDH and ECDSA" ? " that checks its points" : "";
    const instead = loaded.includes(name) ? "JavaScript, loaded on demand" : "nothing";
    remarks.push(`no ${name}${why} in WebCrypto: ${instead}`);
  }
  if (!platform.webSocketStream) {
    remarks.push(
      "no WebSocketStream: WebSocket, which keeps what the page does not read of a websockify",
    );
    if (!platform.countsUnsent) {
      remarks.push(
        "no count of unsent bytes in WebSocket: it keeps what a websockify does not take",
      );
    }
  }
  if (!platform.asyncDispose) remarks.push("no Symbol.asyncDispose: close() has to be called");
  if (!platform.streamIteration) {
    remarks.push("no iteration over a ReadableStream: getReader() has to be used");
  }
  return remarks.length > 1 ? remarks : [...remarks, "lacks nothing that the library uses"];
}
