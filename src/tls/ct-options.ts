/**
 * Options of Certificate Transparency (RFC 6962). Types only: `ct-logs.ts` reads them, where there
 * are any.
 *
 * @module
 */

/**
 * What has to show that a server's certificate was made public.
 *
 * A certificate comes with Signed Certificate Timestamps: embedded in it, in the handshake (unless
 * `signedCertificateTimestamps` is false), or in a stapled OCSP response (unless `ocspStapling` is).
 * Each is a log's signed promise to publish it. A timestamp that is wrong, or of a log that is not
 * known, does no harm; it just does not count. At least one has to be of a log that is not retired,
 * as Chrome asks.
 */
export interface CertificateTransparency {
  /**
   * The logs that are trusted. Either one by one, or the parsed JSON of a log list of version 3 as
   * Google and Apple publish it (https://www.gstatic.com/ct/log_list/v3/log_list.json): of that,
   * logs count by their state (usable, qualified and read-only ones; retired ones for timestamps
   * embedded before) and their temporal interval. Timestamps of a listed log whose key is weak or of
   * an unknown kind don't count, nor those of one that is listed twice in different ways. Lists
   * change: one that is half a year old refuses good certificates.
   */
  logs: readonly CtLog[] | CtLogList;
  /** From how many logs. Default: 2 for certificates valid up to 180 days, 3 for others. */
  timestamps?: number;
  /** How many operators these logs have between them, at least. Default: 2; 1 for one timestamp. */
  operators?: number;
}

/** A log. */
export interface CtLog {
  /**
   * SubjectPublicKeyInfo of an ECDSA key on P-256 or P-384 or an RSA key of at least 2048 bits: DER,
   * its base64, or PEM ("PUBLIC KEY").
   */
  publicKey: string | Uint8Array;
  /** Who runs it. Operators are told apart by this. */
  operator: string;
  /** For messages. Default: its id, SHA-256 of its key, in hexadecimal. */
  name?: string;
  /** When it was retired: later timestamps don't count, and earlier ones only embedded. */
  retired?: Date;
  /** It takes only certificates whose validity ends in this time. Default: all. */
  temporalInterval?: { startInclusive: Date; endExclusive: Date };
}

/** What is used of a log list of version 3. */
export interface CtLogList {
  readonly operators: readonly {
    readonly name: string;
    readonly logs?: readonly ListedCtLog[];
    readonly tiled_logs?: readonly ListedCtLog[];
  }[];
}

/** What is used of a log in a {@link CtLogList}. */
export interface ListedCtLog {
  /** Base64 of the SubjectPublicKeyInfo. */
  readonly key: string;
  /** Base64 of its SHA-256. */
  readonly log_id: string;
  readonly description?: string;
  /** One member: the name of the state, e.g. `{ usable: { timestamp: "2026-01-01T00:00:00Z" } }`. */
  readonly state?: object;
  /** ISO 8601. */
  readonly temporal_interval?: {
    readonly start_inclusive: string;
    readonly end_exclusive: string;
  };
}
