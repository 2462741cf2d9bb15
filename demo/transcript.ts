/**
 * What was sent and received, as far as it can be shown.
 *
 * @module
 */

import { byId, make } from "./dom.ts";

export type Direction = "sent" | "received" | "note";

/** Bytes of one connection that are shown; the rest is counted. */
const shownLimit = 64 * 1024;

const log = byId("transcript", HTMLElement);
// What scrolls has to be reachable by keyboard; not every browser sees to that.
log.tabIndex = 0;
let shown = 0;
let hidden = 0;
let decoder = new TextDecoder();

/** Starts over. */
export function clearTranscript(): void {
  log.replaceChildren();
  shown = 0;
  hidden = 0;
  decoder = new TextDecoder();
}

/** Adds a remark of the page's own. */
export function addNote(text: string): void {
  append("note", text);
}

/** Adds what was sent. */
export function addSent(bytes: Uint8Array): void {
  append("sent", new TextDecoder().decode(bytes));
}

/** Adds what was received; a character cut in two by the chunks is put together. */
export function addReceived(bytes: Uint8Array): void {
  const room = Math.max(0, shownLimit - shown);
  shown += Math.min(room, bytes.length);
  if (room > 0) append("received", decoder.decode(bytes.subarray(0, room), { stream: true }));
  if (bytes.length <= room) return;
  hidden += bytes.length - room;
  const counter = log.querySelector(".more") ?? make("p", { className: "note more" });
  counter.textContent = `… and ${hidden.toLocaleString()} bytes more`;
  log.append(counter);
}

/** Text of one direction stands together, whatever the chunks it came in. */
function append(direction: Direction, text: string): void {
  const last = log.lastElementChild;
  const visible = visibleText(text);
  if (direction !== "note" && last instanceof HTMLElement && last.dataset.direction === direction) {
    last.append(visible);
  } else {
    const entry = make(direction === "note" ? "p" : "pre", { className: direction }, visible);
    entry.dataset.direction = direction;
    log.append(entry);
  }
  log.scrollTop = log.scrollHeight;
}

/** Control characters get the pictures Unicode has for them; line ends and tabs stay. */
function visibleText(text: string): string {
  return text.replace(/\r\n/g, "\n").replace(/[^\P{Cc}\t\n]/gu, (control) => {
    const code = control.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
  });
}
