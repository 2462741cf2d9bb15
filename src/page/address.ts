/**
 * Addresses as callers write them.
 *
 * @module
 */

import { type Address, formatAddress } from "../bridge/descriptor.ts";
import { invalidOption } from "../errors.ts";

/** `"host:port"`, with IPv6 addresses in brackets, or the two apart. */
export type SocketAddress = string | Address;

/**
 * An address as one text, which the worker reads.
 *
 * @throws TlsError `configuration/invalid-option` for what is neither text nor two parts: JavaScript may
 * give anything.
 */
export function addressText(address: SocketAddress): string {
  if (typeof address === "string") return address;
  const { hostname, port } = Object(address) as Partial<Address>;
  if (typeof hostname !== "string" || typeof port !== "number") {
    throw invalidOption("address", '"host:port" or { hostname, port }');
  }
  return hostname.startsWith("[") ? `${hostname}:${port}` : formatAddress({ hostname, port });
}
