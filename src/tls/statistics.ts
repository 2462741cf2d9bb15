/**
 * How much went over the wire, as records count it: headers, handshake and padding included.
 *
 * @module
 */

/** Records of one direction. */
export interface RecordCount {
  readonly records: number;
  readonly bytes: number;
}

/** What a connection has sent and received so far. */
export interface ConnectionStatistics {
  /** Given to the transport. */
  readonly sent: RecordCount;
  /** Taken in: opened and accepted. */
  readonly received: RecordCount;
}
