/**
 * Every failure of webtls, as one class with stable codes.
 *
 * @module
 */

/** What part of a connection's life a failure belongs to. */
export type TlsErrorPhase = "configuration" | "bridge" | "handshake" | "data" | "close";

/**
 * Stable, documented names of failures. The part before the slash is the area, the part after it
 * the reason. `src/tls/alert.ts` maps those of the protocol to the alert that is sent.
 */
export type TlsErrorCode =
  // The caller's options, or the state of the socket.
  | "configuration/invalid-option"
  | "configuration/unsupported-platform"
  | "configuration/invalid-state"
  // The way to the server.
  | "bridge/unreachable"
  | "bridge/refused"
  | "bridge/closed"
  | "bridge/protocol"
  // The caller's own doing, and waits that came to their end.
  | "aborted"
  | "timeout/connect"
  | "timeout/handshake"
  // The record layer (RFC 8446 §5, RFC 5246 §6).
  | "record/bad-mac"
  | "record/overflow"
  | "record/malformed"
  | "record/unexpected-type"
  | "record/flood"
  | "record/sequence-exhausted"
  // Messages and their negotiation.
  | "handshake/unexpected-message"
  | "handshake/decode-error"
  | "handshake/illegal-parameter"
  | "handshake/missing-extension"
  | "handshake/unsupported-extension"
  | "handshake/message-too-long"
  | "handshake/no-common-version"
  | "handshake/no-common-suite"
  | "handshake/downgrade"
  | "handshake/bad-signature"
  | "handshake/bad-finished"
  | "handshake/no-application-protocol"
  | "handshake/extended-master-secret-required"
  | "handshake/extended-master-secret-changed"
  | "handshake/early-data-downgrade"
  | "handshake/renegotiation"
  | "handshake/bad-renegotiation-info"
  | "handshake/flood"
  | "handshake/ech-rejected"
  | "handshake/ech-lookup-failed"
  | "handshake/internal-error"
  // What the server said.
  | "alert/received"
  // Certificates (RFC 5280, RFC 9525).
  | "certificate/missing"
  | "certificate/malformed"
  | "certificate/expired"
  | "certificate/not-yet-valid"
  | "certificate/wrong-name"
  | "certificate/unknown-issuer"
  | "certificate/self-signed"
  | "certificate/bad-signature"
  | "certificate/not-a-ca"
  | "certificate/path-too-long"
  | "certificate/wrong-key-usage"
  | "certificate/wrong-purpose"
  | "certificate/weak-key"
  | "certificate/unsupported-algorithm"
  | "certificate/unknown-critical-extension"
  | "certificate/name-constraint"
  | "certificate/budget-exceeded"
  | "certificate/refused-by-caller"
  | "certificate/bad-status-response"
  | "certificate/bad-compression"
  | "certificate/unsupported-type"
  | "certificate/unknown-key"
  | "certificate/unknown-certificate"
  | "certificate/not-pinned"
  | "certificate/revoked"
  | "certificate/unknown-revocation-status"
  | "certificate/bad-crl"
  | "certificate/crl-expired"
  | "certificate/status-missing"
  | "certificate/not-logged"
  // The client's own certificates and keys.
  | "identity/bad-certificate"
  | "identity/bad-key"
  | "identity/encrypted-key"
  | "identity/key-mismatch"
  | "identity/not-usable"
  | "identity/selection-failed"
  | "identity/signing-failed"
  // Files that identities are imported from, and where they are kept (webtls/identity).
  | "identity/bad-file"
  | "identity/unsupported-file"
  | "identity/wrong-password"
  | "identity/storage-failed"
  // The end of a connection.
  | "closed/truncated"
  | "closed/local"
  | "closed/remote"
  | "closed/worker";

/** A text for people: what an error says, or a part of it. */
export type Sentence = string;

/** A path from the server's certificate that was tried, and why it was given up. */
export interface TriedPath {
  /** As far as it was built: the server's certificate first, then who issued it. DER. */
  readonly certificates: readonly Uint8Array[];
  /** Name of the root that it ended at, in DER; absent where it came to none. */
  readonly anchor?: Uint8Array;
  /**
   * Which of the certificates failed. Their number stands for what comes after them: the root, or
   * where there is none, an issuer that nobody presented.
   */
  readonly failedAt: number;
  readonly code: TlsErrorCode;
  /** What happened, what was expected and what to do, in a sentence. */
  readonly message: string;
}

/** Everything about a {@link TlsError} besides its code and message. */
export interface TlsErrorDetails {
  /** Where in the connection's life it happened. */
  phase?: TlsErrorPhase;
  /** Name of the alert this side sent because of it (RFC 8446 §6). */
  alertSent?: string;
  /** Name of the alert the server sent (RFC 8446 §6). */
  alertReceived?: string;
  /** The chain the server presented, leaf first, each in DER. */
  certificates?: readonly Uint8Array[];
  /** The paths that were tried from it, at most 16, the most telling first. */
  paths?: readonly TriedPath[];
  /**
   * An ECHConfigList of the server's, to connect with at once instead of the refused one (RFC 9849
   * §6.1.6). Absent where the server has turned ECH off.
   */
  echRetryConfigs?: Uint8Array;
  /** What the bridge said, where the bridge is the cause. */
  bridge?: { closeCode?: number; reason?: string };
  /** True where the same attempt may succeed later and nothing was sent to the application. */
  retrySafe?: boolean;
  /** The error beneath, as in `Error`. */
  cause?: unknown;
}

/**
 * The one error class of webtls.
 *
 * It is the same class on the page, in the worker and in Node. Structured clone drops an error's
 * own fields, so it crosses as a plain {@link TlsErrorRecord} and is rebuilt on the other side.
 */
export class TlsError extends Error {
  override readonly name = "TlsError";
  // Declared, not defined: a field that nobody set is not there.
  /** Stable name of the failure. */
  readonly code: TlsErrorCode;
  declare readonly phase?: TlsErrorPhase;
  declare readonly alertSent?: string;
  declare readonly alertReceived?: string;
  declare readonly certificates?: readonly Uint8Array[];
  declare readonly paths?: readonly TriedPath[];
  declare readonly echRetryConfigs?: Uint8Array;
  declare readonly bridge?: { closeCode?: number; reason?: string };
  readonly retrySafe: boolean;

  /** @param message What happened, what was expected and what to do, in a sentence. */
  constructor(code: TlsErrorCode, message: string, details: TlsErrorDetails = {}) {
    const { cause, ...known } = details;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retrySafe = false;
    Object.assign(this, defined(known));
  }

  /** A plain value that survives structured clone. The cause is reduced to its message. */
  toRecord(): TlsErrorRecord {
    const { message, cause } = this;
    return { ...this, message, ...(cause === undefined ? {} : { cause: String(cause) }) };
  }

  /** Rebuilds the error that {@link toRecord} took apart. */
  static fromRecord({ code, message, ...details }: TlsErrorRecord): TlsError {
    return new TlsError(code, message, details);
  }
}

/** A {@link TlsError} as it crosses between page and worker. */
export interface TlsErrorRecord extends Omit<TlsErrorDetails, "cause"> {
  code: TlsErrorCode;
  message: string;
  cause?: string;
}

/** The same failure with more known about it; what is already known stays. */
export function withDetails(error: TlsError, details: TlsErrorDetails): TlsError {
  const { code, message, stack, cause = details.cause } = error;
  const more = new TlsError(code, message, { ...details, ...error, cause });
  return stack === undefined ? more : Object.assign(more, { stack });
}

/** The members of an object that have a value. */
export function defined(object: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/** Whatever was thrown, as the one class of failures: anything else is a defect of webtls. */
export function asTlsError(error: unknown): TlsError {
  if (error instanceof TlsError) return error;
  return new TlsError(
    "handshake/internal-error",
    "Something went wrong inside webtls, which is a bug in it. The cause says what.",
    { cause: error },
  );
}

/** The error for an option that is not what it has to be. */
export function invalidOption(option: string, expected: string): TlsError {
  return new TlsError(
    "configuration/invalid-option",
    `Option "${option}" is not valid: expected ${expected}.`,
    { phase: "configuration" },
  );
}

/** The error for a call that comes too early or too late. */
export function invalidState(message: string): TlsError {
  return new TlsError("configuration/invalid-state", message, { phase: "configuration" });
}

/** Checks an option that is a choice. */
export function checkOneOf(option: string, value: unknown, known: readonly unknown[]): void {
  if (value !== undefined && !known.includes(value)) {
    throw invalidOption(option, `one of ${known.join(", ")}`);
  }
}

/**
 * Checks options by their names: none is silently ignored.
 *
 * @param where what knows them, for the message.
 * @throws TlsError `configuration/invalid-option`, which names the option.
 */
export function checkOptionNames(options: object, known: readonly string[], where: string): void {
  if (typeof options !== "object" || options === null) {
    throw invalidOption("options", `an object, for ${where}`);
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw invalidOption(name, `an option that ${where} knows (${known.join(", ")})`);
    }
  }
}
