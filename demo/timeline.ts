/**
 * The connection as it happens: a line for each step, kept when it is over. It is no live region:
 * a screen reader would read out twenty lines within a second, where the status says all.
 *
 * @module
 */

import type { TlsError, TraceEvent } from "../src/index.ts";
import { breakable, byId, hiddenText, make } from "./dom.ts";
import { failedStep, type Step, type StepKind, settledWords, stepOf } from "./steps.ts";

const list = byId("steps", HTMLElement);
/** The drawing of page, bridge and server: how far the connection has come. */
const route = byId("route", HTMLElement);
let version: string | undefined;
let alertSent: { element: HTMLElement; at: number } | undefined;

const signs: Readonly<Record<StepKind, string>> = {
  sent: "→",
  received: "←",
  local: "•",
  done: "✓",
  failed: "✕",
};

/** What the sign means, for those who do not see it. */
const meanings: Readonly<Record<StepKind, string>> = {
  sent: "sent: ",
  received: "received: ",
  local: "",
  done: "",
  failed: "failed: ",
};

/** Starts over. */
export function clearTimeline(): void {
  list.replaceChildren();
  route.dataset.reached = "page";
  delete route.dataset.failed;
  version = undefined;
  alertSent = undefined;
}

/** Adds a step, or what the last one has settled. */
export function addStep(event: TraceEvent): void {
  if (event.kind === "bridge-open") route.dataset.reached = "bridge";
  if (event.kind === "handshake-done") route.dataset.reached = "server";
  if (event.kind === "settled") version = event.version ?? version;
  const step = stepOf(event, version);
  if (step === undefined) {
    const tags = settledWords(event).map((words) =>
      make("span", { className: "tag" }, ...breakable(words)),
    );
    list.lastElementChild?.append(...tags);
    return;
  }
  const element = line(step, event.at);
  if (event.kind === "alert-sent") alertSent = { element, at: event.at };
  list.append(element);
}

/**
 * Marks where it failed: in front of the alert that says so to the server.
 *
 * @param at milliseconds since it was begun.
 */
export function addFailure(error: TlsError, at: number): void {
  const alert = error.alertSent === undefined ? undefined : alertSent;
  list.insertBefore(line(failedStep(error), alert?.at ?? at), alert?.element ?? null);
  if (route.dataset.reached !== "server") route.dataset.failed = "";
}

function line({ kind, title, about, length }: Step, at: number): HTMLElement {
  const size =
    length === undefined ? [] : [length === 1 ? "1 byte" : `${length.toLocaleString()} bytes`];
  return make(
    "li",
    { className: kind },
    make("span", { className: "time" }, `${at.toFixed(at < 100 ? 1 : 0)} ms`),
    make("span", { className: "sign", ariaHidden: "true" }, signs[kind]),
    make("span", { className: "title" }, hiddenText(meanings[kind]), title),
    ...size.map((text) => make("small", { className: "size" }, text)),
    ...(about === undefined ? [] : [make("small", { className: "about" }, about)]),
  );
}
