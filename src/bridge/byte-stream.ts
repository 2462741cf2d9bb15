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
   * Sends chunks, which are the stream's own from then on, in the order of the calls. Resolves when
   * there is room for more.
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
