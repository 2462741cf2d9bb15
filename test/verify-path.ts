/**
 * Verification of paths in tests.
 *
 * @module
 */

import type { Bytes } from "../src/crypto/bytes.ts";
import { platformCrypto } from "../src/crypto/platform.ts";
import { parseAnchor, type TrustAnchor } from "../src/x509/anchor.ts";
import { parseCertificate } from "../src/x509/certificate.ts";
import type { IssuerFinder } from "../src/x509/issuer-lookup.ts";
import { serverNameFrom } from "../src/x509/names.ts";
import { type PathCondition, verifyPath } from "../src/x509/path.ts";
import type { Issued } from "./authority.ts";
import { failureOf } from "./failure.ts";

/** One verification; what is left out is the usual. */
export interface Attempt {
  /** What the server presents; default: what `leaf` was issued with. */
  chain?: readonly Bytes[];
  leaf?: Issued;
  roots: readonly (Issued | TrustAnchor)[];
  /** Default: `"a.example"`. */
  hostname?: string;
  now?: Date;
  crypto?: typeof platformCrypto;
  conditions?: readonly PathCondition[];
  intermediates?: readonly Issued[];
  findIssuers?: IssuerFinder;
}

/** Verifies a path with the platform's cryptography, now. */
export function verify({
  chain,
  leaf,
  roots,
  hostname = "a.example",
  now,
  crypto,
  ...others
}: Attempt) {
  const { conditions = [], intermediates = [], findIssuers } = others;
  return verifyPath({
    conditions,
    findIssuers,
    intermediates: intermediates.map(({ certificate }) => parseCertificate(certificate)),
    chain: chain ?? leaf?.chain ?? [],
    anchors: roots.map((root) => ("certificate" in root ? parseAnchor(root.certificate) : root)),
    serverName: serverNameFrom(hostname),
    now: now ?? new Date(),
    crypto: crypto ?? platformCrypto,
  });
}

/** The code that a verification fails with. */
export async function codeOf(attempt: Attempt): Promise<string> {
  return (await failureOf(() => verify(attempt))).code;
}

/** The platform's cryptography, counting the signatures it is asked about. */
export function counting() {
  const counted = {
    signatures: 0,
    crypto: {
      ...platformCrypto,
      verifySignature: (...args: Parameters<typeof platformCrypto.verifySignature>) => {
        counted.signatures += 1;
        return platformCrypto.verifySignature(...args);
      },
    },
  };
  return counted;
}
