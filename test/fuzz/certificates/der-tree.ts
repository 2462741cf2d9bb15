/**
 * DER as a tree that can be edited and written again, right or wrong.
 *
 * @module
 */

import { type Bytes, concat } from "../../../src/crypto/bytes.ts";

/** One element. Its length follows from what is in it, unless it is said otherwise. */
export interface Element {
  /** None: what is in it stands there without a header. */
  identifier: Bytes;
  /** In front of the elements within: of a BIT STRING, how many bits are not used. */
  lead: Bytes;
  content: Bytes | Element[];
  /** Writes the length, instead of the usual. */
  length?: (length: number) => Bytes;
  /** Written behind it, e.g. the end of an element without length. */
  end?: Bytes;
}

/** An element among those beside it. */
export interface Spot {
  readonly element: Element;
  readonly siblings: Element[];
  readonly index: number;
}

const none = new Uint8Array();

/** The elements of an encoding; what can't be taken apart is one without a header. */
export function treeOf(der: Bytes): Element[] {
  return elementsOf(der) ?? [{ identifier: none, lead: none, content: der }];
}

/** The encoding of elements. */
export function derOf(elements: readonly Element[]): Bytes {
  return concat(...elements.map(encode));
}

/** Every element, at any depth. @param spots where they are put. */
export function spotsOf(elements: Element[], spots: Spot[] = []): Spot[] {
  for (const [index, element] of elements.entries()) {
    spots.push({ element, siblings: elements, index });
    if (Array.isArray(element.content)) spotsOf(element.content, spots);
  }
  return spots;
}

/** A copy that can be edited by itself. */
export function copyOf(element: Element): Element {
  const { content } = element;
  return { ...element, content: Array.isArray(content) ? content.map(copyOf) : content };
}

/** The length as DER has it (X.690 §10.1). */
export function minimalLength(length: number): Bytes {
  if (length < 0x80) return Uint8Array.of(length);
  const digits: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 0x100)) digits.unshift(left % 0x100);
  return Uint8Array.of(0x80 | digits.length, ...digits);
}

function encode({ identifier, lead, content, length = minimalLength, end = none }: Element): Bytes {
  const body = concat(lead, Array.isArray(content) ? derOf(content) : content);
  if (identifier.length === 0) return body;
  return concat(identifier, length(body.length), body, end);
}

/** Undefined where it is not a row of elements. */
function elementsOf(der: Bytes): Element[] | undefined {
  const elements: Element[] = [];
  for (let at = 0; at < der.length; ) {
    const [identifier = 0, first = 0x80] = der.subarray(at, at + 2);
    if ((identifier & 0x1f) === 0x1f || first === 0x80 || first > 0x83) return undefined;
    const start = at + 2 + (first < 0x80 ? 0 : first & 0x7f);
    const digits = first < 0x80 ? [first] : [...der.subarray(at + 2, start)];
    const end = start + digits.reduce((sum, digit) => sum * 0x100 + digit, 0);
    if (end > der.length) return undefined;
    elements.push(elementOf(identifier, der.subarray(start, end)));
    at = end;
  }
  return elements;
}

function elementOf(identifier: number, content: Bytes): Element {
  const leaf = { identifier: Uint8Array.of(identifier), lead: none, content };
  const isConstructed = (identifier & 0x20) !== 0;
  // Extensions, keys and signatures are DER within strings.
  const leadLength = identifier === 0x03 && content[0] === 0 ? 1 : 0;
  if (!isConstructed && identifier !== 0x04 && leadLength === 0) return leaf;
  const within = content.length === leadLength ? undefined : elementsOf(content.slice(leadLength));
  if (within === undefined) return leaf;
  return { ...leaf, lead: content.slice(0, leadLength), content: within };
}
