/**
 * A few bytes there and back, one exchange after another.
 *
 * @module
 */

import type { Target } from "../contestants/contestant.ts";
import { contestant } from "../contestants.ts";
import type { Timed } from "../tasks.ts";
import { wish } from "../wish.ts";

export interface Echo {
  readonly contestant: string;
  readonly target: Target;
  readonly size: number;
  readonly count: number;
}

/** Exchanges before the first that counts. */
const warmUp = 200;

/** @returns milliseconds of each exchange. */
export async function echo(
  { contestant: name, target, size, count }: Echo,
  timed: Timed,
): Promise<number[]> {
  const pipe = await contestant(name).open(target);
  await pipe.write(wish("E", 0));
  const exchange = async () => {
    const begun = performance.now();
    await pipe.write(new Uint8Array(size));
    for (let left = size; left > 0; ) left -= (await pipe.read())?.length ?? size;
    return performance.now() - begun;
  };
  for (let turn = 0; turn < warmUp; turn++) await exchange();
  const times: number[] = [];
  await timed(async () => {
    for (let turn = 0; turn < count; turn++) times.push(await exchange());
  });
  await pipe.close();
  return times;
}
