/**
 * Directory names under constraint (RFC 5280 §4.2.1.10 and §7.1).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { type ComparableRdn, comparableRdns, matchRdns } from "../name-match.ts";
import type { Relation } from "./relation.ts";

/** The RDNs that a name has to begin with. */
export type DirectoryConstraint = readonly ComparableRdn[];

/**
 * How a name lies to a constraint.
 *
 * @param name DER.
 * @throws TlsError `certificate/malformed`.
 */
export function directoryRelation(name: Bytes): (constraint: DirectoryConstraint) => Relation {
  const rdns = comparableRdns(name);
  return (constraint) => {
    let relation: Relation = "inside";
    for (const [index, wanted] of constraint.entries()) {
      const rdn = rdns[index];
      const match = rdn === undefined ? "different" : matchRdns(rdn, wanted);
      if (match === "different") return "outside";
      if (match === "unclear") relation = "unclear";
    }
    return relation;
  };
}
