/**
 * What the counterparty is asked for.
 *
 * @module
 */

/** @param letter D for download, U for upload, E for echo. */
export function wish(letter: "D" | "U" | "E", count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(9);
  bytes[0] = letter.charCodeAt(0);
  new DataView(bytes.buffer).setBigUint64(1, BigInt(count));
  return bytes;
}
