/**
 * Says how a connection stands, in a line, and what went wrong, in words.
 *
 * @module
 */

import type { TlsError } from "../src/index.ts";
import { adviceOn } from "./advice.ts";
import { byId, descriptions, make } from "./dom.ts";

/** How a connection stands. A refusal that was expected is no failure. */
export type State = "idle" | "busy" | "open" | "refused" | "failed";

/** Where the style sheet puts the results beside the form. */
const twoColumns = "(min-width: 60rem)";

const status = byId("status", HTMLElement);
const failure = byId("failure", HTMLElement);

/** Shows one line on the state; screen readers say it. */
export function showStatus(state: State, text: string): void {
  status.dataset.state = state;
  status.textContent = text;
  // Where it stands below the form, what happens comes below it.
  const isTop = state === "busy" && !matchMedia(twoColumns).matches;
  status.scrollIntoView({ block: isTop ? "start" : "nearest" });
}

/** Takes away what was said of the last failure. */
export function clearFailure(): void {
  failure.hidden = true;
}

/**
 * Shows a failure: what happened, its code, what to do.
 *
 * @param expected the code that the server is there to provoke.
 */
export function showFailure(error: TlsError, expected: string | undefined): void {
  // Of certificates it stands beside the one that it is about.
  const advice = error.certificates?.length ? undefined : adviceOn(error.code);
  const isExpected = expected === error.code;
  failure.replaceChildren(
    make("h2", {}, isExpected ? "Refused, as it should be" : "That did not work"),
    make("p", {}, error.message),
    ...(advice === undefined ? [] : [make("p", {}, advice)]),
    make(
      "dl",
      {},
      ...descriptions([
        ["Code", error.code],
        ["Phase", error.phase],
        ["Alert sent", error.alertSent],
        ["Alert received", error.alertReceived],
        ["Bridge closed with", error.bridge && closeText(error.bridge)],
        ["Try again", error.retrySafe ? "may help: no data was sent yet" : undefined],
      ]),
    ),
  );
  failure.hidden = false;
  if (isExpected) showStatus("refused", `Refused, as it should be: ${error.code}.`);
  else showStatus("failed", `Failed: ${error.code}.`);
}

/** Shows a failure of the page's own. */
export function showDefect(error: unknown): void {
  failure.replaceChildren(make("h2", {}, "This page has failed"), make("p", {}, String(error)));
  failure.hidden = false;
  showStatus("failed", "Failed.");
}

function closeText({ closeCode, reason }: { closeCode?: number; reason?: string }): string {
  return [closeCode, reason].filter((part) => part !== undefined && part !== "").join(" ");
}
