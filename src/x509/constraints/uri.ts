/**
 * URIs under constraint (RFC 5280 §4.2.1.10): only their host counts.
 *
 * @module
 */

import { isDnsName } from "../names.ts";
import { type HostConstraint, isAtHost } from "./host.ts";
import type { Relation } from "./relation.ts";

/** How a URI lies to a constraint. One without a host, or with an address for it, lies nowhere. */
export function uriRelation(uri: string): (constraint: HostConstraint | undefined) => Relation {
  const host = hostOf(uri);
  if (host === undefined) return () => "unclear";
  return (constraint) => {
    if (constraint === undefined) return "unclear";
    return isAtHost(host, constraint) ? "inside" : "outside";
  };
}

/**
 * The host in lower case (RFC 3986 §3.2). Not by `URL`, which reads much more into it: what has
 * characters that an authority can't have may be read otherwise by others, so it has no host.
 */
function hostOf(uri: string): string | undefined {
  const authority =
    /^[a-z][a-z\d+.-]*:\/\/(?:[\w.~%!$&'()*+,;=:-]*@)?([^@:/?#]+)(?::\d*)?(?:[/?#]|$)/i;
  const host = authority.exec(uri)?.[1]?.toLowerCase();
  return host !== undefined && isDnsName(host) ? host : undefined;
}
