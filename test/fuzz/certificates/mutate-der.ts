/**
 * Changes of DER, by its structure: the lengths around a change are right, so that it is met by what
 * reads that very part.
 *
 * @module
 */

import { type Bytes, concat } from "../../../src/crypto/bytes.ts";
import { below, mutateBytes, noise, pick, type Random } from "../mutate.ts";
import {
  copyOf,
  derOf,
  type Element,
  minimalLength,
  type Spot,
  spotsOf,
  treeOf,
} from "./der-tree.ts";
import { editValue } from "./values.ts";

/** @param others what elements are taken from. */
type Change = (spot: Spot, random: Random, others: readonly Element[]) => void;

const none = new Uint8Array();

/** Longest row of copies that is made of one element, in bytes. */
const longestRow = 100_000;

/** Values first and most often: little else gets past the outer layers. */
const changes: readonly [Change, ...Change[]] = [
  value,
  value,
  value,
  value,
  function flipTag({ element }, random) {
    const [tag = 0] = element.identifier;
    element.identifier = Uint8Array.of(tag ^ (1 << below(random, 8)));
  },
  function setTag({ element }, random) {
    element.identifier = Uint8Array.of(pick(random, tags));
  },
  function longTag({ element }, random) {
    const [tag = 0] = element.identifier;
    element.identifier = Uint8Array.of(tag | 0x1f, ...pick(random, [[tag], [0x80, tag], [0xff]]));
  },
  function length({ element }, random) {
    element.length = pick(random, lengths);
    if (random() < 0.3) element.end = Uint8Array.of(0, 0);
  },
  function leaveOut({ siblings, index }) {
    siblings.splice(index, 1);
  },
  function empty({ element }) {
    element.content = none;
  },
  function twice({ element, siblings, index }) {
    siblings.splice(index, 0, copyOf(element));
  },
  function often({ element, siblings, index }, random) {
    const most = Math.floor(longestRow / Math.max(16, derOf([element]).length));
    const count = Math.min(most, pick(random, [3, 7, 130, 2000]));
    const copies = Array.from({ length: count }, () => copyOf(element));
    if (random() < 0.7) for (const copy of copies) vary(copy, random);
    siblings.splice(index, 0, ...copies);
  },
  function swap({ siblings, index }) {
    siblings.splice(index, 2, ...siblings.slice(index, index + 2).reverse());
  },
  function move({ siblings, index }, random) {
    const moved = siblings.splice(index, 1);
    siblings.splice(below(random, siblings.length + 1), 0, ...moved);
  },
  function insert({ siblings, index }, random, others) {
    siblings.splice(index + below(random, 2), 0, other(random, others));
  },
  function replace({ siblings, index }, random, others) {
    siblings[index] = other(random, others);
  },
  function replaceAlike({ element, siblings, index }, random, others) {
    const alike = others.filter(({ identifier }) => identifier[0] === element.identifier[0]);
    siblings[index] = other(random, alike.length === 0 ? others : alike);
  },
  function nest({ element }, random) {
    const tag = pick(random, tags);
    const depth = pick(random, [1, 1, 2, 30, 2000]);
    let content = derOf([element]);
    for (let left = depth; left > 0; left--) {
      content = concat(Uint8Array.of(tag), minimalLength(content.length), content);
    }
    Object.assign(element, { identifier: none, lead: none, content });
  },
  function open({ element, siblings, index }) {
    if (Array.isArray(element.content)) siblings.splice(index, 1, ...element.content);
  },
  function close({ element, siblings, index }) {
    // Into the one in front.
    const before = siblings[index - 1];
    if (!Array.isArray(before?.content)) return;
    siblings.splice(index, 1);
    before.content.push(element);
  },
  function lead({ element }, random) {
    element.lead = noise(random, below(random, 3));
  },
];

function value({ element }: Spot, random: Random): void {
  const [tag = 0] = element.identifier;
  const content = Array.isArray(element.content) ? derOf(element.content) : element.content;
  element.content = editValue(tag, concat(element.lead, content), random);
  element.lead = none;
}

/** Makes copies differ a little, so that none is left out for being the same. */
function vary(element: Element, random: Random): void {
  const leaves = spotsOf([element]).filter((spot) => !Array.isArray(spot.element.content));
  const leaf = leaves[below(random, leaves.length)]?.element;
  if (leaf?.content instanceof Uint8Array && leaf.content.length > 0) {
    const content = leaf.content.slice();
    content[content.length - 1] = 0x61 + below(random, 26);
    leaf.content = content;
  }
}

function other(random: Random, others: readonly Element[]): Element {
  const chosen = others[below(random, others.length)];
  return chosen === undefined
    ? { identifier: Uint8Array.of(0x05), lead: none, content: none }
    : copyOf(chosen);
}

const tags: readonly [number, ...number[]] = [
  0x01,
  ...[0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1e],
  ...[0x30, 0x31, 0x80, 0x81, 0x82, 0x86, 0x87, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0x24, 0x23, 0x00],
];

/** Lengths that are not minimal, not definite, or not true. */
const lengths: readonly [(length: number) => Bytes, ...((length: number) => Bytes)[]] = [
  () => Uint8Array.of(0x80),
  (length) => Uint8Array.of(0x81, length & 0xff),
  (length) => Uint8Array.of(0x82, (length >> 8) & 0xff, length & 0xff),
  (length) => Uint8Array.of(0x84, 0, 0, (length >> 8) & 0xff, length & 0xff),
  (length) => minimalLength(length + 1),
  (length) => minimalLength(Math.max(0, length - 1)),
  () => Uint8Array.of(0),
  () => Uint8Array.of(0x82, 0xff, 0xff),
  () => Uint8Array.of(0x84, 0xff, 0xff, 0xff, 0xff),
  () => Uint8Array.of(0x88, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
  () => Uint8Array.of(0xff),
];

/**
 * Makes one to three changes to a tree.
 *
 * @param made told what was done.
 */
export function mutateTree(
  tree: Element[],
  random: Random,
  others: readonly Element[],
  made: (change: string) => void,
): void {
  for (let left = 1 + below(random, 3); left > 0; left--) {
    const spots = spotsOf(tree);
    const spot = chosen(spots, random);
    if (spot === undefined) return;
    const change = pick(random, changes);
    made(`${change.name} of element ${spots.indexOf(spot)}`);
    change(spot, random, others);
  }
}

/** Half of the time any, else by its tag first: there are few times and booleans among many names. */
function chosen(spots: readonly Spot[], random: Random): Spot | undefined {
  if (random() < 0.5) return spots[below(random, spots.length)];
  const tagOf = ({ element }: Spot) => element.identifier[0];
  const present = [...new Set(spots.map(tagOf))];
  const tag = present[below(random, present.length)];
  const group = spots.filter((spot) => tagOf(spot) === tag);
  return group[below(random, group.length)];
}

/** DER with one to three changes: three times of four by its structure, else of its bytes. */
export function mutateDer(
  der: Bytes,
  random: Random,
  others: readonly Element[],
  made: (change: string) => void,
): Bytes {
  if (random() < 0.25) {
    made("bytes");
    return mutateBytes(der, random);
  }
  const tree = treeOf(der);
  mutateTree(tree, random, others, made);
  return derOf(tree);
}
