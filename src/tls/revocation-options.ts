/**
 * Options of revocation by CRLs (RFC 5280 §5). Types only: `given-revocation.ts` reads them, where
 * there are any.
 *
 * @module
 */

import type { CertificateSource } from "./trust-options.ts";

/**
 * What has to show that a server's certificates are not revoked.
 *
 * webtls gets no CRLs by itself: a page can't reach most authorities, and would tell them whom it
 * talks to. Give it the current ones of all issuers below the root, the root's among them. A CRL
 * counts if the issuer of a certificate has signed it, and it is not past its `nextUpdate`; of
 * delta CRLs, indirect ones, and those about some reasons only, none is taken.
 *
 * A certificate that is on such a CRL fails with `certificate/revoked`. CRLs that can't be read or
 * believed fail with `certificate/bad-crl`, those out of date with `certificate/crl-expired`.
 *
 * `createTls` reads them once, `webtls/core` for each connection: one with 100,000 entries (5 MB) takes
 * some 0.3 s.
 */
export interface RevocationOptions {
  /** CRLs in PEM ("X509 CRL", one or more a string) or DER (one an array), of at most 16 MiB each. */
  crls: CertificateSource | readonly CertificateSource[];
  /**
   * Which certificates are looked for: all of the path but the root, or the server's own. Default:
   * `"chain"`.
   */
  depth?: "chain" | "leaf";
  /**
   * Take certificates that no CRL is about. Whoever has stolen the key of one of them passes, be it
   * revoked or not. Default: false; such a certificate fails with
   * `certificate/unknown-revocation-status`.
   */
  dangerousAllowUnknownStatus?: boolean;
}
