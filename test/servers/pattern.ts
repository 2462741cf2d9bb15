/**
 * Bulk data whose every part can be told from every other, made without keeping it, the same in
 * Node and on a page.
 *
 * @module
 */

const block = 65536;

/**
 * The bytes of the endless pattern from `offset` on. Each block of 64 KiB begins with its number;
 * the rest is a sequence of the MINSTD generator (Park and Miller, 1988) seeded with it.
 */
export function patternChunk(offset: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const within = (offset + done) % block;
    const take = Math.min(block - within, length - done);
    const from = patternBlock(Math.floor((offset + done) / block));
    bytes.set(from.subarray(within, within + take), done);
    done += take;
  }
  return bytes;
}

let template: Uint32Array | undefined;

function patternBlock(number: number): Uint8Array {
  template ??= randomWords();
  const words = template.slice();
  words[0] = number;
  // Every word differs between blocks, at the cost of one pass.
  for (let index = 1; index < words.length; index += 64) words[index] = number * 48271 + index;
  return new Uint8Array(words.buffer);
}

function randomWords(): Uint32Array {
  let state = 1;
  return Uint32Array.from({ length: block / 4 }, () => {
    state = (state * 48271) % 0x7fffffff;
    return state;
  });
}
