/**
 * Reading what was changed, and the verdict about it.
 *
 * @module
 */

import { TlsError } from "../../../src/errors.ts";
import { type Execute, Finding } from "../campaign.ts";
import { below, mutateBytes } from "../mutate.ts";
import { spotsOf, treeOf } from "./der-tree.ts";
import { inBounds } from "./in-bounds.ts";
import { mutateDer } from "./mutate-der.ts";
import { createReaders, type Seeds } from "./readers.ts";

/** @param seeds of which it is not asked that they can be read. */
export function reading(seeds: Seeds): Execute {
  const readers = createReaders(seeds);
  const { certificates, crls, responses } = seeds;
  const elements = [...crls.slice(0, 9), ...responses.slice(0, 9), ...certificates]
    .slice(0, longestPool)
    .flatMap((der) => spotsOf(treeOf(der)).map(({ element }) => element));
  return async (random, trial) => {
    const reader = readers[below(random, readers.length)];
    const index = below(random, reader?.seeds.length ?? 0);
    const seed = reader?.seeds[index];
    if (reader === undefined || seed === undefined) return "nothing to read";
    const changes: string[] = [];
    Object.assign(trial, { scenario: reader.name, changes });
    const { write = (der) => der, mutate = mutateDer } = reader;
    const mutated = mutate(seed, random, elements, (change) => void changes.push(change));
    let bytes = write(mutated, index);
    if (reader.write !== undefined && random() < 0.5) {
      changes.push("text");
      bytes = mutateBytes(bytes, random, [bytes]);
    }
    trial.input = [bytes];
    return inBounds(async () => {
      try {
        await reader.read(bytes);
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
  if (!/^(certificate|identity)\/|^configuration\/invalid-option$/.test(error.code)) {
    throw new Finding("an error that blames something else", error);
  }
  return error.code;
}
