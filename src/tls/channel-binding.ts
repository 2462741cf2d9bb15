/**
 * Channel bindings: what an authentication above TLS, such as SCRAM-SHA-256-PLUS, mixes in to be
 * good for this one connection only (RFC 5056).
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import type { CryptoProvider } from "../crypto/provider.ts";
import { invalidOption, TlsError } from "../errors.ts";
import { parseCertificate } from "../x509/certificate.ts";
import { signatureHash } from "../x509/signature-hash.ts";
import type { Established } from "./client/established.ts";
import { exported } from "./keys/export-request.ts";

/**
 * The kinds of channel binding, by their registered names.
 *
 * `"tls-exporter"` (RFC 9266) is unique to the connection; in TLS 1.2 it needs the extended master
 * secret. `"tls-server-end-point"` (RFC 5929 §4) is the hash of the server's certificate: the same
 * for all connections to it. `"tls-unique"` (RFC 5929 §3) is what came before `"tls-exporter"`, for
 * servers that know nothing newer: in TLS 1.2 only.
 */
export type ChannelBindingType = "tls-exporter" | "tls-server-end-point" | "tls-unique";

const channelBindingTypes: readonly ChannelBindingType[] = [
  "tls-exporter",
  "tls-server-end-point",
  "tls-unique",
];

/** As `ClientConnection.channelBinding` says. @param established asked once the type is known to be one. */
export async function channelBinding(
  type: ChannelBindingType,
  established: () => Established,
  crypto: CryptoProvider,
): Promise<Bytes> {
  if (!channelBindingTypes.includes(type)) {
    throw invalidOption("channelBinding", `one of ${channelBindingTypes.join(", ")}`);
  }
  const { info, firstFinished } = established();
  if (type === "tls-unique") return tlsUnique(firstFinished);
  if (type === "tls-server-end-point") {
    const hasCertificate = info.certificateType === "X509";
    return serverEndPoint(crypto, hasCertificate ? info.certificates[0] : undefined);
  }
  // RFC 9266 §2: the context is there, and empty.
  return exported(established, "EXPORTER-Channel-Binding", new Uint8Array(0), 32);
}

/**
 * `"tls-server-end-point"` (RFC 5929 §4.1): the certificate's hash by the hash function of its
 * signature, SHA-256 in the place of MD5 and SHA-1.
 *
 * @param leaf the server's certificate in DER; undefined where it showed none.
 * @throws TlsError `configuration/invalid-state` where the RFC leaves the binding undefined: without
 * a certificate, and for signatures without a hash function of their own, such as Ed25519.
 */
async function serverEndPoint(crypto: CryptoProvider, leaf?: Bytes): Promise<Bytes> {
  if (leaf === undefined) {
    throw undefinedBinding("the server showed no certificate");
  }
  const hash = signatureHash(parseCertificate(leaf).signatureAlgorithm);
  if (hash === undefined) {
    throw undefinedBinding("the signature of the server's certificate names no one hash function");
  }
  return crypto.digest(hash, leaf);
}

/**
 * `"tls-unique"` (RFC 5929 §3.1): the first Finished message's verify_data.
 *
 * @param firstFinished undefined where it binds nothing.
 * @throws TlsError `configuration/invalid-state` there.
 */
function tlsUnique(firstFinished: Bytes | undefined): Bytes {
  if (firstFinished !== undefined) return firstFinished.slice();
  throw new TlsError(
    "configuration/invalid-state",
    "There is no tls-unique here: TLS 1.3 has none (RFC 8446 appendix C.5), nor have sessions resumed without the extended master secret. Use tls-exporter.",
  );
}

function undefinedBinding(why: string): TlsError {
  return new TlsError(
    "configuration/invalid-state",
    `There is no tls-server-end-point here: ${why} (RFC 5929 §4.1). Use tls-exporter.`,
  );
}
