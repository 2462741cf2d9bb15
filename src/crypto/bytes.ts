/**
 * The byte type all layers share, and joining and printing of byte strings.
 *
 * @module
 */

/**
 * Bytes over a plain `ArrayBuffer`. Never over a `SharedArrayBuffer`, whose views WebCrypto refuses.
 */
export type Bytes = Uint8Array<ArrayBuffer>;

/** The byte strings one after another, in a fresh buffer. */
export function concat(...parts: readonly Uint8Array[]): Bytes {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/**
 * Whether two *public* byte strings are equal. It stops at the first difference: secrets are
 * compared by {@link HmacKey.verify} of the provider instead.
 */
export function equalPublic(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  return a.every((byte, index) => byte === b[index]);
}

/** Two lower-case digits a byte. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
