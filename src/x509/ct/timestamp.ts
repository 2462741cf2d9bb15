/**
 * Signed Certificate Timestamps of version 1 (RFC 6962 §3.2) as bytes: a log's promise to publish a
 * certificate.
 *
 * @module
 */

import { type Bytes, concat } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";

/** A SignedCertificateTimestamp. Everything refers into the bytes that were given. */
export interface SignedCertificateTimestamp {
  /** SHA-256 of the log's SubjectPublicKeyInfo. */
  readonly logId: Bytes;
  /** When the log took the certificate, in milliseconds since 1970. */
  readonly timestamp: number;
  /** The same as it is signed: the number is exact only up to 2^53. */
  readonly encodedTimestamp: Bytes;
  /** CtExtensions, of which none is known. */
  readonly extensions: Bytes;
  /** HashAlgorithm and SignatureAlgorithm (RFC 5246 §7.4.1.4.1) as one number, hash first. */
  readonly algorithm: number;
  readonly signature: Bytes;
}

/** Of another version, which may have another form. */
export interface UnknownTimestamp {
  /** As it is encoded: one less than people count. */
  readonly unknownVersion: number;
}

/** What a log has signed (RFC 6962 §3.2). */
export type LogEntry =
  | { readonly kind: "certificate" /** DER. */; readonly certificate: Bytes }
  | {
      readonly kind: "precertificate";
      /** SHA-256 of the issuer's SubjectPublicKeyInfo. */
      readonly issuerKeyHash: Bytes;
      /** DER of the TBSCertificate without what only precertificates or certificates have. */
      readonly tbsCertificate: Bytes;
    };

/** Version v1 (RFC 6962 §3.2). */
const version1 = 0;

/** SignatureType of a timestamp, LogEntryType of each entry (RFC 6962 §3.1 and §3.2). */
const certificateTimestamp = 0;
const entryType = { certificate: 0, precertificate: 1 } as const;

/**
 * Reads a SerializedSCT.
 *
 * @throws TlsError `certificate/malformed` where bytes are missing or left over.
 */
export function parseTimestamp(sct: Bytes): SignedCertificateTimestamp | UnknownTimestamp {
  const cursor = new Cursor(sct, "a Signed Certificate Timestamp");
  const version = cursor.number(1);
  if (version !== version1) return { unknownVersion: version };
  const logId = cursor.take(32);
  const encodedTimestamp = cursor.take(8);
  const fields = {
    logId,
    timestamp: bigEndian(encodedTimestamp),
    encodedTimestamp,
    extensions: cursor.vector(2),
    algorithm: cursor.number(2),
    signature: cursor.vector(2),
  };
  cursor.end();
  return fields;
}

/**
 * Reads a SignedCertificateTimestampList (RFC 6962 §3.3): neither it nor an entry may be empty.
 *
 * @returns each a SerializedSCT.
 * @throws TlsError `certificate/malformed`.
 */
export function parseTimestampList(list: Bytes): Bytes[] {
  const what = "a list of Signed Certificate Timestamps";
  const outer = new Cursor(list, what);
  const inner = new Cursor(outer.vector(2), what);
  outer.end();
  const timestamps: Bytes[] = [];
  do timestamps.push(inner.vector(2, 1));
  while (!inner.isEmpty);
  return timestamps;
}

/** What the log's signature is over (RFC 6962 §3.2). */
export function signedContent(
  { encodedTimestamp, extensions }: SignedCertificateTimestamp,
  entry: LogEntry,
): Bytes {
  const signed =
    entry.kind === "certificate"
      ? vector(3, entry.certificate)
      : concat(entry.issuerKeyHash, vector(3, entry.tbsCertificate));
  return concat(
    Uint8Array.of(version1, certificateTimestamp),
    encodedTimestamp,
    Uint8Array.of(0, entryType[entry.kind]),
    signed,
    vector(2, extensions),
  );
}

/** @param lengthSize bytes that the length takes; what is given fits in it. */
function vector(lengthSize: 2 | 3, content: Bytes): Bytes {
  const { length } = content;
  const header = Uint8Array.of(length >> 16, length >> 8, length).subarray(3 - lengthSize);
  return concat(header, content);
}

function bigEndian(bytes: Bytes): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** Reads numbers and vectors of TLS's presentation language (RFC 5246 §4), one after another. */
class Cursor {
  readonly #bytes: Bytes;
  readonly #what: string;
  #offset = 0;

  constructor(bytes: Bytes, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  get isEmpty(): boolean {
    return this.#offset === this.#bytes.length;
  }

  number(size: 1 | 2): number {
    return bigEndian(this.take(size));
  }

  vector(lengthSize: 2, min = 0): Bytes {
    const length = this.number(lengthSize);
    if (length < min) throw this.#malformed("an entry is empty");
    return this.take(length);
  }

  take(length: number): Bytes {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw this.#malformed("it ends too early");
    const part = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return part;
  }

  end(): void {
    const left = this.#bytes.length - this.#offset;
    if (left !== 0) throw this.#malformed(`it has ${left} bytes too many`);
  }

  #malformed(reason: string): TlsError {
    return new TlsError(
      "certificate/malformed",
      `Can't read ${this.#what}: ${reason}. It has to be as RFC 6962 §3 says.`,
    );
  }
}
