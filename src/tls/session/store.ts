/**
 * Where sessions wait for the next connection to the same server.
 *
 * @module
 */

/**
 * Keeps sessions by partition. A partition is an opaque string that stands for a server, and for
 * whom and what the connection trusts: what one configuration accepted never serves another.
 *
 * A store that throws, or whose promise rejects, is like an empty one: the handshake is a full one.
 */
export interface SessionStore {
  /** Keeps a session. A store bounds itself: 8 sessions a partition are plenty. */
  put(partition: string, session: StoredSession): void | Promise<void>;
  /**
   * Takes out the newest session of the partition that has not expired. Nobody else may get it
   * again: using a ticket of TLS 1.3 twice lets an observer link the connections, and early data be
   * replayed (RFC 8446 appendix C.4, §8).
   */
  take(partition: string): StoredSession | undefined | Promise<StoredSession | undefined>;
}

/** A session as stores keep it. */
export interface StoredSession {
  /** Opaque, and secret: whoever has it can pose as either side of the next connection. */
  bytes: Uint8Array;
  /** When it stops being good, in milliseconds since 1970. */
  expires: number;
}
