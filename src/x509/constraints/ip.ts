/**
 * IP addresses under constraint (RFC 5280 §4.2.1.10).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import type { Relation } from "./relation.ts";

/** Whether this is an address with a mask behind it, which is ones and then zeros (RFC 4632 §3.1). */
export function isNetwork(bytes: Bytes): boolean {
  if (bytes.length !== 8 && bytes.length !== 32) return false;
  let bits = "";
  for (const byte of bytes.subarray(bytes.length / 2)) bits += byte.toString(2).padStart(8, "0");
  return /^1*0*$/.test(bits);
}

/** How an address lies to a network. One of IPv4 is never in one of IPv6, nor the other way. */
export function ipRelation(address: Bytes): (network: Bytes) => Relation {
  return (network) => {
    if (network.length !== 2 * address.length) return "outside";
    const isInside = address.every((byte, index) => {
      const mask = network[address.length + index] ?? 0;
      return (byte & mask) === ((network[index] ?? 0) & mask);
    });
    return isInside ? "inside" : "outside";
  };
}
