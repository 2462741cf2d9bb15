/**
 * A pair of standard streams as a pipe.
 *
 * @module
 */

/** @returns a pipe whose chunks are what the stream's are. */
export function pipeOf<Chunk>(
  readable: ReadableStream<Chunk>,
  writable: WritableStream<Uint8Array<ArrayBuffer>>,
  close: () => Promise<void> | void,
) {
  const reader = readable.getReader();
  const writer = writable.getWriter();
  return {
    read: async () => (await reader.read()).value,
    write: (bytes: Uint8Array) => writer.write(bytes as Uint8Array<ArrayBuffer>),
    close: async () => close(),
  };
}
