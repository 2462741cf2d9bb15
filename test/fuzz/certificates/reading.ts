/**
 * Reading what was changed, and the verdict about it.
 *
 * @module
 */

import type { Bytes } from "../../../src/crypto/bytes.ts";
import { TlsError } from "../../../src/errors.ts";
import { type Execute, Finding } from "../campaign.ts";
import { below, mutateBytes } from "../mutate.ts";
import { spotsOf, treeOf } from "./der-tree.ts";
import { inBounds } from "./in-bounds.ts";
import { mutateDer } from "./mutate-der.ts";
import { createReaders } from "./readers.ts";

/** @param certificates in DER, of which it is not asked that they can be read. */
export function reading(certificates: readonly Bytes[]): Execute {
  const readers = createReaders(certificates);
  const elements = certificates
    .slice(0, longestPool)
    .flatMap((der) => spotsOf(treeOf(der)).map(({ element }) => element));
  return async (random, trial) => {
    const reader = readers[below(random, readers.length)];
    const index = below(random, reader?.seeds.length ?? 0);
    const seed = reader?.seeds[index];
    if (reader === undefined || seed === undefined) return "nothing to read";
    const changes: string[] = [];
    Object.assign(trial, { scenario: reader.name, changes });
    const { write = (der) => der } = reader;
    let bytes = write(
      mutateDer(seed, random, elements, (change) => void changes.push(change)),
      index,
    );
    if (reader.write !== undefined && random() < 0.5) {
      changes.push("text");
      bytes = mutateBytes(bytes, random, [bytes]);
    }
    trial.input = [bytes];
    return inBounds(() => {
      try {
        reader.read(bytes);
        return `read: ${reader.name}`;
      } catch (error) {
        return codeOf(error);
      }
    });
  };
}

/** So many certificates have an element of every kind that there is. */
const longestPool = 200;

/** The code of a refusal. */
function codeOf(error: unknown): string {
  if (!(error instanceof TlsError)) {
    throw error instanceof Finding ? error : new Finding("an untyped error", error);
  }
  if (!/^(certificate|identity)\//.test(error.code)) {
    throw new Finding("an error that blames something else", error);
  }
  return error.code;
}
