/**
 * What a bridge gives: bytes from and to a TCP server, whatever carries them.
 *
 * @module
 */

/** An open way to a server. One reader; sending needs no turns. */
export interface ByteStream {
  /**
   * The next bytes, at least one, in a buffer that is the caller's from then on. Undefined at the
   * end that the bridge calls clean; whether TLS calls it so is TLS's own matter.
   *
   * @throws TlsError `bridge/refused`, `bridge/closed`, `bridge/protocol`.
   */
  read(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /**
   * Sends chunks in the order of the calls. Resolves when there is room for more.
   *
   * @throws TlsError `bridge/closed` where the stream has ended before.
   */
  send(chunks: readonly Uint8Array<ArrayBuffer>[]): Promise<void>;
  /**
   * Sends what is still waiting and ends both directions. Resolves when the other side has taken it,
   * which may be never: whoever waits sets a limit. A read that is pending comes to its end.
   */
  close(): Promise<void>;
}

/** Messages are filled up to this, in bytes: those of 64 KiB and more are the fast ones. */
export const messageSize = 256 * 1024;

/**
 * Joins chunks to messages of about {@link messageSize}. A single chunk is not copied. No message is
 * empty: some bridges take an empty one for a close.
 */
export function* messages(
  chunks: readonly Uint8Array<ArrayBuffer>[],
): Generator<Uint8Array<ArrayBuffer>> {
  let group: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (const chunk of chunks) {
    if (chunk.length === 0) continue;
    if (length > 0 && length + chunk.length > messageSize) {
      yield join(group, length);
      group = [];
      length = 0;
    }
    group.push(chunk);
    length += chunk.length;
  }
  if (length > 0) yield join(group, length);
}

function join(group: readonly Uint8Array<ArrayBuffer>[], length: number): Uint8Array<ArrayBuffer> {
  const [only] = group;
  if (only !== undefined && group.length === 1) return only;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const chunk of group) {
    joined.set(chunk, offset);
    offset += chunk.length;
  }
  return joined;
}
