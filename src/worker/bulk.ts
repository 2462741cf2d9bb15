/**
 * What large downloads call for. It is loaded once a connection has brought some: most never do.
 *
 * @module
 */

import { throwBallast } from "../stream/ballast.ts";
import type { Link } from "../stream/link.ts";
import { BallastMeter } from "./ballast.ts";
import { decryptAside } from "./decryption/client.ts";
import { Pace } from "./pace.ts";

const ballast = new BallastMeter();

/** Of one connection. */
export class Bulk {
  readonly #link: Pick<Link, "reader">;
  readonly #askPage: () => void;
  readonly #pace = new Pace();
  #leave: (() => void) | undefined;

  /** @param askPage has the page throw ballast, too. */
  constructor(link: Pick<Link, "reader">, askPage: () => void) {
    this.#link = link;
    this.#askPage = askPage;
  }

  /** So many bytes have come. */
  delivered(bytes: number): void {
    // Nothing of this is for what comes in the clear.
    if (this.#link.reader === undefined) return;
    if (ballast.isDueWith(bytes)) {
      throwBallast();
      this.#askPage();
    }
    const isFast = this.#pace.isReachedWith(bytes);
    if (isFast && navigator.hardwareConcurrency > 1) this.#leave = decryptAside(this.#link);
  }

  /** The connection is over. */
  over(): void {
    this.#leave?.();
  }
}
