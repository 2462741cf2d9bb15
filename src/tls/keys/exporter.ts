/**
 * Keying material for protocols above TLS (RFC 5705, RFC 8446 §7.5).
 *
 * @module
 */

import { type Bytes, concat } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import { Writer } from "../messages/writer.ts";
import type { Hkdf } from "./hkdf.ts";
import type { MasterSecret12, Randoms } from "./prf.ts";

/** Makes the same bytes on both sides of a connection, which nobody else can make. */
export interface Exporter {
  /** What is asked has been checked by {@link checkExport}. */
  export(label: string, context: Uint8Array | undefined, length: number): Promise<Bytes>;
}

/** That of TLS 1.3 (RFC 8446 §7.5). No context is the same as an empty one. */
export class Exporter13 implements Exporter {
  readonly #hkdf: Hkdf;
  readonly #secret: Bytes;

  /** @param secret exporter_master_secret, or early_exporter_master_secret. */
  constructor(hkdf: Hkdf, secret: Bytes) {
    this.#hkdf = hkdf;
    this.#secret = secret;
  }

  async export(label: string, context: Uint8Array | undefined, length: number): Promise<Bytes> {
    const hkdf = this.#hkdf;
    const nothing = new Uint8Array(0);
    const secret = await hkdf.deriveSecret(this.#secret, label, await hkdf.digest(nothing));
    return hkdf.expandLabel(secret, "exporter", await hkdf.digest(context ?? nothing), length);
  }
}

/** That of TLS 1.2 (RFC 5705 §4). No context is something else than an empty one. */
export class Exporter12 implements Exporter {
  readonly #master: MasterSecret12;
  readonly #randoms: Randoms;

  /** @param master an extended master secret: any other must not be used here (RFC 7627 §5.4). */
  constructor(master: MasterSecret12, randoms: Randoms) {
    this.#master = master;
    this.#randoms = randoms;
  }

  export(label: string, context: Uint8Array | undefined, length: number): Promise<Bytes> {
    const { client, server } = this.#randoms;
    const seed =
      context === undefined
        ? concat(client, server)
        : concat(
            client,
            server,
            Writer.build((w) => w.vector(2, () => w.bytes(context))),
          );
    return this.#master.export(label, seed, length);
  }
}

/** Longest label, in bytes: with "tls13 " in front its length is one byte (RFC 8446 §7.1). */
const maxLabel = 249;

/** Longest context, in bytes: TLS 1.2 has two bytes for its length (RFC 5705 §4). */
const maxContext = 2 ** 16 - 1;

/** Longest output, in bytes: what HKDF makes with SHA-256 (RFC 5869 §2.3). */
const maxLength = 255 * 32;

/** What TLS 1.2 derives with its own labels would be given away (RFC 5705 §4). */
const ownLabels = [
  "client finished",
  "server finished",
  "master secret",
  "extended master secret",
  "key expansion",
];

/**
 * Checks what is asked of an exporter; the bounds are those that hold in either version.
 *
 * @throws TlsError `configuration/invalid-option`.
 */
export function checkExport(label: string, context: Uint8Array | undefined, length: number): void {
  const isAscii = typeof label === "string" && /^[\x20-\x7e]*$/.test(label);
  if (!isAscii || label.length > maxLabel) {
    throw invalid("label", `at most ${maxLabel} characters of ASCII`);
  }
  if (ownLabels.includes(label)) throw invalid("label", "none of those that TLS itself uses");
  const isContext = context === undefined || context instanceof Uint8Array;
  if (!isContext || (context !== undefined && context.length > maxContext)) {
    throw invalid("context", `undefined, or a Uint8Array of at most ${maxContext} bytes`);
  }
  if (!Number.isInteger(length) || length < 1 || length > maxLength) {
    throw invalid("length", `1 to ${maxLength} bytes`);
  }
}

function invalid(argument: string, expected: string): TlsError {
  return new TlsError(
    "configuration/invalid-option",
    `The ${argument} of exported keying material is not valid: expected ${expected}.`,
  );
}
