/**
 * Many bytes one way.
 *
 * @module
 */

import type { Pipe, Target } from "../contestants/contestant.ts";
import { contestant } from "../contestants.ts";
import type { Timed } from "../tasks.ts";
import { wish } from "../wish.ts";

export interface Transfer {
  readonly contestant: string;
  readonly target: Target;
  readonly bytes: number;
}

/** What a writer gives at once. */
const chunkSize = 64 * 1024;

/** @returns milliseconds from the wish to the last byte in the page's hands. */
export async function download(transfer: Transfer, timed: Timed): Promise<number> {
  const { pipe, bytes } = await opened(transfer);
  const { ms } = await timed(async () => {
    await pipe.write(wish("D", bytes));
    await take(pipe, bytes);
  });
  await pipe.close();
  return ms;
}

/** @returns milliseconds from the wish to the server's word that it has all. */
export async function upload(transfer: Transfer, timed: Timed): Promise<number> {
  const { pipe, bytes } = await opened(transfer);
  const chunk = new Uint8Array(chunkSize).fill(0x5a);
  const { ms } = await timed(async () => {
    await pipe.write(wish("U", bytes));
    for (let left = bytes; left > 0; left -= chunkSize) {
      await pipe.write(left < chunkSize ? chunk.subarray(0, left) : chunk);
    }
    await take(pipe, 1);
  });
  await pipe.close();
  return ms;
}

/** A download whose reader takes its time. */
export interface PacedTransfer extends Transfer {
  /** Bytes that the reader takes each second. */
  readonly speed: number;
}

/** @returns milliseconds from the wish to the last byte in the page's hands. */
export async function pacedDownload(transfer: PacedTransfer, timed: Timed): Promise<number> {
  const { pipe, bytes } = await opened(transfer);
  const { ms } = await timed(async () => {
    await pipe.write(wish("D", bytes));
    const begun = performance.now();
    await take(pipe, bytes, async (taken) => {
      const early = (taken * 1000) / transfer.speed - (performance.now() - begun);
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    });
  });
  await pipe.close();
  return ms;
}

/** A mebibyte there and back first: what the platform compiles once is no part of the measurement. */
async function opened({ contestant: name, target, bytes }: Transfer) {
  const pipe = await contestant(name).open(target);
  const warmUp = 1024 * 1024;
  await pipe.write(wish("D", warmUp));
  await take(pipe, warmUp);
  await pipe.write(wish("U", chunkSize));
  await pipe.write(new Uint8Array(chunkSize));
  await take(pipe, 1);
  return { pipe, bytes };
}

/** @param pause is waited for before each read, and told how much was taken before. */
async function take(
  pipe: Pipe,
  count: number,
  pause?: (taken: number) => Promise<void>,
): Promise<void> {
  for (let left = count; left > 0; ) {
    if (pause !== undefined) await pause(count - left);
    const chunk = await pipe.read();
    if (chunk === undefined) throw new Error(`The connection ended with ${left} bytes to come.`);
    left -= chunk.length;
  }
}
