/**
 * Options of Encrypted Client Hello (RFC 9849), and the check of them.
 *
 * @module
 */

import { invalidOption } from "../errors.ts";

/**
 * Finds the ECHConfigList of a server, e.g. in DNS; undefined where it has none.
 *
 * @param servername a DNS name in A-labels without a dot at its end, or an IP address.
 */
export type EchResolver = (
  servername: string,
) => Uint8Array | undefined | Promise<Uint8Array | undefined>;

/** Options of Encrypted Client Hello, which takes TLS 1.3. */
export interface EchOptions {
  /**
   * Hides the server's name and other offers from all but the server: by its ECHConfigList, in the
   * form it has in DNS (parameter `ech` of its HTTPS record, RFC 9848), or by a function that finds
   * it. A server that refuses it is the error `handshake/ech-rejected`, which may hold a newer list.
   * `"grease"` hides nothing and looks like it, so that hiding is nothing special (RFC 9849 §6.2).
   * Default: none of it.
   */
  ech?: Uint8Array | "grease" | EchResolver;
  /**
   * What to do where there is no configuration that webtls can use: fail, or connect with the
   * server's name for all to see, with GREASE or with nothing in its place. Default: `"fail"` for a
   * list, `"grease"` for a function.
   */
  echOtherwise?: "fail" | "grease" | "none";
}

/** @throws TlsError `configuration/invalid-option`, which names the option. */
export function checkEchOptions({ ech, echOtherwise }: EchOptions): void {
  const isKnown = ech === "grease" || ech instanceof Uint8Array || typeof ech === "function";
  if (ech !== undefined && !isKnown) {
    throw invalidOption("ech", 'an ECHConfigList in bytes, a function that finds one, or "grease"');
  }
  if (echOtherwise === undefined) return;
  if (!["fail", "grease", "none"].includes(echOtherwise)) {
    throw invalidOption("echOtherwise", '"fail", "grease" or "none"');
  }
  if (ech === undefined || ech === "grease") {
    throw invalidOption("echOtherwise", "none without a list or a function in ech");
  }
}
