/**
 * What large downloads call for. It is loaded once a connection has brought some: most never do.
 *
 * @module
 */

import type { Link } from "../stream/link.ts";
import { Ballast } from "./ballast.ts";
import { decryptAside } from "./decryption/client.ts";
import { Pace } from "./pace.ts";

const ballast = new Ballast();

/** Of one connection. */
export class Bulk {
  readonly #link: Pick<Link, "reader">;
  readonly #pace = new Pace();
  #leave: (() => void) | undefined;

  constructor(link: Pick<Link, "reader">) {
    this.#link = link;
  }

  /** So many bytes have come. */
  delivered(bytes: number): void {
    // Nothing of this is for what comes in the clear.
    if (this.#link.reader === undefined) return;
    ballast.delivered(bytes);
    const isFast = this.#pace.isReachedWith(bytes);
    if (isFast && navigator.hardwareConcurrency > 1) this.#leave = decryptAside(this.#link);
  }

  /** The connection is over. */
  over(): void {
    this.#leave?.();
  }
}
