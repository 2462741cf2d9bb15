/**
 * Why the bridge does not, or no longer, carry a connection, in a form that the page can read: a
 * WebSocket close code of the private range (RFC 6455 §7.4.2) and a sentence.
 *
 * A page never sees the HTTP status of a failed upgrade. So every refusal but that of the origin
 * completes the upgrade, carries no byte, and closes at once.
 *
 * @module
 */

/** Close codes the bridge sends. Those of 4000 and more are its own. */
export const closeCodes = {
  /** The target has ended its side, and all its bytes were sent before. */
  done: 1000,
  /** The bridge is being stopped. */
  stopping: 1001,
  /** The page sent text that its subprotocol does not know: only binary messages carry bytes. */
  textMessage: 1003,
  /** The page sent more than it was given credit for. */
  beyondCredit: 1008,
  /** The address is missing, or is not `host:port`. */
  badAddress: 4400,
  /** The allow list does not hold the target. */
  notAllowed: 4403,
  /** The target broke off the connection; what it sent before was passed on. */
  targetReset: 4500,
  /** No connection: the target refused, or was not found or reached. */
  targetUnreachable: 4502,
  /** The bridge carries as many connections as it may. */
  full: 4503,
  /** The target did not answer in time. */
  targetTimeout: 4504,
} as const;

/** A connection that the bridge does not carry. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** One of {@link closeCodes}. */
  readonly closeCode: number;

  /** @param message For the page: at most 123 bytes (RFC 6455 §5.5). */
  constructor(closeCode: number, message: string) {
    super(message);
    this.closeCode = closeCode;
  }
}
