/**
 * What the page is told about the servers and bridges that run beside it.
 *
 * @module
 */

import type { TlsErrorCode } from "../src/errors.ts";

/** Where the page gets its {@link DemoSetup} from. */
export const setupPath = "/demo/targets.json";

/** The local servers and bridges of this machine. */
export interface DemoSetup {
  /** The local authority's root, in PEM. */
  roots: string;
  /** What it has issued to sign the servers' certificates, in PEM. */
  intermediates: string;
  targets: DemoTarget[];
  bridges: DemoBridge[];
}

/** One TLS server. */
export interface DemoTarget {
  name: string;
  /** What is particular about it, in a sentence. */
  about: string;
  /** `host:port`. */
  address: string;
  /** How connecting ends: opened, or refused with this code. */
  expectation: "opened" | TlsErrorCode;
}

/** One bridge. */
export interface DemoBridge {
  name: string;
  kind: "webtls" | "websockify";
  /** Absolute, or relative to the page. */
  url: string;
}
