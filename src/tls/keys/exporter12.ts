/**
 * Keying material for protocols above TLS 1.2 (RFC 5705).
 *
 * @module
 */

import { type Bytes, concat } from "../../crypto/bytes.ts";
import { Writer } from "../messages/writer.ts";
import type { Exporter } from "./exporter.ts";
import type { MasterSecret12, Randoms } from "./prf.ts";

/** That of RFC 5705 §4. No context is something else than an empty one. */
export class Exporter12 implements Exporter {
  readonly #master: MasterSecret12;
  readonly #randoms: Randoms;

  /** @param master an extended master secret: any other must not be used here (RFC 7627 §5.4). */
  constructor(master: MasterSecret12, randoms: Randoms) {
    this.#master = master;
    this.#randoms = randoms;
  }

  export(label: string, context: Uint8Array | undefined, length: number): Promise<Bytes> {
    const { client, server } = this.#randoms;
    const seed =
      context === undefined
        ? concat(client, server)
        : concat(
            client,
            server,
            Writer.build((w) => w.vector(2, () => w.bytes(context))),
          );
    return this.#master.export(label, seed, length);
  }
}
