/**
 * Random numbers that are the same in every run.
 *
 * @module
 */

/**
 * A linear congruential generator on 32 bits, whose high bits are good enough to choose cuts and
 * changes by.
 *
 * @returns numbers from 0 up to, not including, 1.
 */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
