/**
 * One case of x509-limbo, held against webtls as a caller meets it: roots given as options, the
 * chain as a server presents it.
 *
 * @module
 */

import { platformCrypto } from "../../src/crypto/platform.ts";
import { TlsError } from "../../src/errors.ts";
import { readTrust } from "../../src/tls/trust.ts";
import { notRevokedByCrls } from "../../src/x509/crl/condition.ts";
import { serverNameFrom } from "../../src/x509/names.ts";
import { verifyPath } from "../../src/x509/path.ts";
import { findPath } from "../../src/x509/path-search.ts";
import { certificatesFromPem } from "../../src/x509/pem.ts";

/** What is used of a case (limbo-schema.json). Certificates and CRLs are in PEM. */
export interface LimboCase {
  readonly id: string;
  readonly trusted_certs: readonly string[];
  readonly untrusted_intermediates: readonly string[];
  readonly peer_certificate: string;
  /** Null: now. */
  readonly validation_time: string | null;
  readonly expected_result: "SUCCESS" | "FAILURE";
  /** Null where a server verifies a client. */
  readonly expected_peer_name: { readonly kind: string; readonly value: string } | null;
  readonly crls: readonly string[];
}

/** What webtls says of a case. */
export interface Verdict {
  /** Undefined where it is valid. */
  readonly failure: TlsError | undefined;
  /** Milliseconds. */
  readonly duration: number;
}

/** id-kp-clientAuth (RFC 5280 §4.2.1.12). */
const clientAuth = "1.3.6.1.5.5.7.3.2";

/** Verifies a case's chain. An error that is no TlsError is thrown. */
export async function judge(limbo: LimboCase): Promise<Verdict> {
  const start = performance.now();
  const failure = await verify(limbo).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof TlsError) return error;
      throw error;
    },
  );
  return { failure, duration: performance.now() - start };
}

async function verify(limbo: LimboCase): Promise<void> {
  const { anchors, revocation } = await readTrust({
    roots: limbo.trusted_certs,
    ...(limbo.crls.length === 0 ? {} : { revocation: { crls: limbo.crls } }),
  });
  const now = limbo.validation_time === null ? new Date() : new Date(limbo.validation_time);
  const context = { now, crypto: platformCrypto };
  const options = {
    chain: [limbo.peer_certificate, ...limbo.untrusted_intermediates].flatMap(certificatesFromPem),
    anchors,
    ...context,
    conditions: revocation === undefined ? [] : [notRevokedByCrls(revocation, context)],
  };
  const { value: name } = limbo.expected_peer_name ?? {};
  // webtls verifies servers; how it would verify a client's path is asked of the search itself.
  if (name === undefined) await findPath(options, { purpose: clientAuth });
  else await verifyPath({ ...options, serverName: serverNameFrom(name) });
}
