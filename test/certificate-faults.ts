/**
 * Server certificates that must be refused, with the reason and the alert for each.
 *
 * @module
 */

import type { TlsErrorCode } from "../src/errors.ts";
import { type Authority, createAuthority, type Issued, selfSigned } from "./authority.ts";

const day = 24 * 60 * 60 * 1000;
const names = ["localhost", "127.0.0.1"];

/** A certificate for `localhost` with a fault. */
export interface CertificateFault {
  readonly fault: string;
  /** @param root the authority that the client trusts. */
  make(root: Authority): Promise<Issued>;
  readonly code: TlsErrorCode;
  /** The alert owed for it, by its name in RFC 8446 §6. */
  readonly alert: string;
}

export const certificateFaults: readonly CertificateFault[] = [
  {
    fault: "expired",
    make: (root) => root.issue({ names, notAfter: new Date(Date.now() - day / 2) }),
    code: "certificate/expired",
    alert: "certificate_expired",
  },
  {
    fault: "not yet valid",
    make: (root) => root.issue({ names, notBefore: new Date(Date.now() + day) }),
    code: "certificate/not-yet-valid",
    alert: "certificate_expired",
  },
  {
    fault: "for another name",
    make: (root) => root.issue({ names: ["other.example"] }),
    code: "certificate/wrong-name",
    alert: "bad_certificate",
  },
  {
    fault: "self-signed",
    make: () => selfSigned({ names }),
    code: "certificate/self-signed",
    alert: "unknown_ca",
  },
  {
    fault: "of an unknown issuer",
    make: async () => (await createAuthority({ commonName: "another root" })).issue({ names }),
    code: "certificate/unknown-issuer",
    alert: "unknown_ca",
  },
  {
    fault: "for clients only",
    make: (root) => root.issue({ names, extendedKeyUsage: ["1.3.6.1.5.5.7.3.2"] }),
    code: "certificate/wrong-purpose",
    alert: "unsupported_certificate",
  },
  {
    fault: "of an issuer that is no authority",
    make: async (root) => (await root.intermediate({ ca: false })).issue({ names }),
    code: "certificate/not-a-ca",
    alert: "bad_certificate",
  },
];
