/**
 * Giving memory back at once, instead of whenever garbage is collected. Browsers free what an
 * `ArrayBuffer` holds by a collection of the whole heap only; until then each message of the bridge's
 * and each decrypted record takes memory that is fresh, which the system has to bring page by page.
 * That was a third of a download's work.
 *
 * A transfer takes the memory along, and a port whose other side is closed drops it on the spot.
 * (`ArrayBuffer.transfer` detaches a buffer, too, but Chromium holds its memory on.)
 *
 * @module
 */

/** In bytes: giving back costs as much as bringing so much. */
const least = 16 * 1024;

let nowhere: MessagePort | undefined;

/**
 * Frees the memory of chunks, which nobody may use any more. Chunks that are not the most of their
 * buffer are left alone, since others may be in it; and short ones, which are not worth the effort.
 */
export function discard(chunks: readonly Uint8Array<ArrayBuffer>[]): void {
  const buffers = chunks
    .filter(({ length, buffer }) => length >= least && length * 2 > buffer.byteLength)
    .map(({ buffer }) => buffer);
  if (buffers.length === 0) return;
  nowhere ??= openNowhere();
  nowhere.postMessage(undefined, buffers);
}

function openNowhere(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return port1;
}
