/**
 * What callers ask of exporters.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import type { Established } from "../client/established.ts";
import type { Exporter } from "./exporter.ts";

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

/** What {@link Exporter.export} takes. */
type Asked = Parameters<Exporter["export"]>;

/**
 * As `ClientConnection.exportKeyingMaterial` says.
 *
 * @param established asked once what is asked for is known to be valid.
 */
export async function exported(
  established: () => Pick<Established, "exporter">,
  ...asked: Asked
): Promise<Bytes> {
  checkExport(...asked);
  const { exporter } = established();
  if (exporter !== undefined) return exporter.export(...asked);
  throw new TlsError(
    "configuration/invalid-state",
    "The server does not know the extended master secret, without which TLS 1.2 exports nothing safely (RFC 7627 §5.4). requireExtendedMasterSecret refuses such servers.",
  );
}

/**
 * As `ClientConnection.exportEarlyKeyingMaterial` says.
 *
 * @param exporter undefined where no early data has been sent.
 */
export async function exportedEarly(
  exporter: Exporter | undefined,
  ...asked: Asked
): Promise<Bytes> {
  checkExport(...asked);
  if (exporter !== undefined) return exporter.export(...asked);
  throw new TlsError(
    "configuration/invalid-state",
    "No early keying material can be exported: no early data has been sent. It takes the earlyData option and a session that allows it.",
  );
}

/** The bounds are those that hold in either version. */
function checkExport(label: string, context: Uint8Array | undefined, length: number): void {
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
