/**
 * All that is compared, by name.
 *
 * @module
 */

import type { Contestant } from "./contestants/contestant.ts";
import { peers } from "./contestants/peers.ts";
import { rawSubprotocol, rawWebSocket, rawWebSocketStream } from "./contestants/raw.ts";
import { plain, webtls } from "./contestants/webtls.ts";

const all: readonly Contestant[] = [
  rawWebSocket,
  rawWebSocketStream,
  rawSubprotocol,
  plain,
  webtls,
  ...peers,
];

export function contestant(name: string): Contestant {
  const found = all.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no contestant "${name}".`);
  return found;
}
