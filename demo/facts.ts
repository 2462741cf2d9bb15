/**
 * What is agreed on, filled in as it becomes known.
 *
 * @module
 */

import type { SecureSocketInfo, TraceEvent } from "../src/index.ts";
import { byId, descriptions } from "./dom.ts";

/** What is known so far. */
type Facts = Partial<
  Pick<
    SecureSocketInfo,
    "version" | "cipherSuite" | "group" | "signatureScheme" | "alpn" | "handshake"
  >
>;

const list = byId("negotiated", HTMLElement);
let facts: Facts = {};

/** Starts over: nothing is known. */
export function clearFacts(): void {
  facts = {};
  show("…");
}

/** Fills in what an event tells. */
export function learn(event: TraceEvent): void {
  if (event.kind !== "settled") return;
  const { at, kind, ...settled } = event;
  facts = { ...facts, ...settled };
  show("…");
}

/** Fills in the rest, once the connection is open. */
export function learnAll(info: SecureSocketInfo): void {
  facts = info;
  show("none");
}

/** Says of the rest that it will not be known. */
export function learnNoMore(): void {
  show("not reached");
}

const handshakes: Readonly<Record<SecureSocketInfo["handshake"], string>> = {
  full: "full",
  "hello-retry-request": "full, after the server asked for another ClientHello",
  resumed: "resumed",
  "resumed-hello-retry-request": "resumed, after the server asked for another ClientHello",
};

/** @param unknown stands for what is missing. */
function show(unknown: string): void {
  const { version, cipherSuite, group, signatureScheme, alpn, handshake } = facts;
  list.replaceChildren(
    ...descriptions([
      ["Version", version?.replace("v", " ") ?? unknown],
      ["Cipher suite", cipherSuite ?? unknown],
      ["Key exchange", group ?? unknown],
      ["Signature", signatureScheme ?? unknown],
      ["Application protocol", alpn ?? unknown],
      ["Handshake", handshake === undefined ? unknown : handshakes[handshake]],
    ]),
  );
}
