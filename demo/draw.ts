/**
 * Draws certificates: a card for each place of a path, joined by who has signed whom.
 *
 * @module
 */

import type { TlsErrorCode } from "../src/index.ts";
import { adviceOn, reasonOf } from "./advice.ts";
import { type Description, describeCertificate, describeName, type Fact } from "./certificates.ts";
import { breakable, descriptions, hiddenText, make } from "./dom.ts";
import type { Fault, Place, Role } from "./picture.ts";

/** A place with its words. */
export interface Drawn {
  readonly place: Place;
  readonly title: string;
  /** The certificate's; absent for who is known by name only. */
  readonly description?: Description;
  readonly fault?: Fault;
}

/** Finds the words for a path. */
export async function wordsFor(path: readonly Place[]): Promise<Drawn[]> {
  const drawn: Drawn[] = [];
  for (const place of path) {
    const above = drawn.at(-1);
    // Whoever is its own issuer is not missing: nobody trusts it.
    if (place.role === "missing" && above?.description?.isSelfIssued === true) {
      drawn[drawn.length - 1] = { ...above, ...faultOf(place) };
    } else {
      drawn.push({ place, ...(await named(place, above)), ...faultOf(place) });
    }
  }
  return drawn;
}

async function named(
  place: Place,
  above: Drawn | undefined,
): Promise<Pick<Drawn, "title" | "description">> {
  if (place.certificate !== undefined) {
    const description = await describeCertificate(place.certificate);
    return { title: description.title, description };
  }
  if (place.name !== undefined) return { title: describeName(place.name).title };
  return { title: above?.description?.issuer ?? "An unknown issuer" };
}

function faultOf({ fault }: Place): Pick<Drawn, "fault"> {
  return fault === undefined ? {} : { fault };
}

/**
 * The items of a list.
 *
 * @param isTrusted whether all of it holds.
 * @param about what there is to say of the root.
 */
export function drawPath(
  path: readonly Drawn[],
  isTrusted: boolean,
  about: (name: Uint8Array) => string,
): HTMLElement[] {
  return path.map((drawn, index) => {
    const card = drawCard(drawn, isTrusted, about);
    const next = path[index + 1];
    if (next !== undefined) card.append(drawLink(drawn, next, isTrusted));
    return card;
  });
}

/** What was presented beside the path. */
export async function drawUnused(der: Uint8Array): Promise<HTMLElement> {
  const { title, facts, details } = await describeCertificate(der);
  const validity = facts.find(({ name }) => name === "validity")?.value ?? "";
  const summary = make("summary", {}, ...breakable(title), " ", make("small", {}, validity));
  const terms = facts.map(({ term, value }): [string, string] => [term, value]);
  return make(
    "li",
    {},
    make("details", {}, summary, make("dl", {}, ...descriptions([...terms, ...details]))),
  );
}

/** Another path, in a line and with why it was given up. */
export function drawOther(path: readonly Drawn[]): HTMLElement {
  const fault = path.find((drawn) => drawn.fault !== undefined)?.fault;
  const names = path.flatMap(({ title, place }, index) => [
    ...(index === 0
      ? []
      : [make("span", { ariaHidden: "true" }, " → "), hiddenText(" issued by ")]),
    make("span", { className: place.fault === undefined ? "" : "fault" }, ...breakable(title)),
  ]);
  return make(
    "li",
    {},
    make("p", { className: "names" }, ...names),
    ...(fault === undefined
      ? []
      : [make("p", {}, make("strong", {}, reasonOf(fault.code)), `: ${fault.message}`)]),
  );
}

type State = "good" | "bad" | "open";

const signs: Readonly<Record<State, string>> = { good: "✓", bad: "✕", open: "○" };

const roles: Readonly<Record<Role, string>> = {
  server: "The server",
  intermediate: "Intermediate authority",
  anchor: "Trusted root",
  missing: "Missing",
};

function roleOf({ place: { role }, description }: Drawn): string {
  if (role === "intermediate" && description?.isSelfIssued)
    return "A root, but none that is trusted";
  return roles[role];
}

function drawCard(
  drawn: Drawn,
  isTrusted: boolean,
  about: (name: Uint8Array) => string,
): HTMLElement {
  const { place, title, description, fault } = drawn;
  const state = fault !== undefined ? "bad" : isTrusted ? "good" : "open";
  const { role, name, isPresented } = place;
  const isLeftOut = role === "intermediate" && !isPresented;
  const faulty = fault && facts[fault.code];
  const card = make(
    "div",
    { className: "card" },
    make(
      "p",
      { className: "role" },
      make("span", { className: "sign", ariaHidden: "true" }, signs[state]),
      roleOf(drawn),
      ...(isLeftOut ? [make("span", { className: "tag" }, "left out by the server")] : []),
    ),
    make("h3", {}, ...breakable(title)),
    ...(name === undefined ? [] : [make("p", { className: "about" }, about(name))]),
    ...(role === "missing" ? [make("p", { className: "about" }, missing)] : []),
    ...(isLeftOut ? [make("p", { className: "about" }, leftOut)] : []),
    ...(fault === undefined ? [] : [drawFault(fault)]),
  );
  if (description !== undefined) {
    card.append(
      make(
        "dl",
        { className: "facts" },
        ...description.facts.map((fact) => drawFact(fact, faulty)),
      ),
      make(
        "details",
        {},
        make("summary", {}, "All about it"),
        make("dl", {}, ...descriptions(description.details)),
      ),
    );
  }
  const item = make("li", { className: "place" }, card);
  Object.assign(item.dataset, { role, state });
  return item;
}

const missing = "It is not among the trusted roots, and its certificate is not at hand.";
const leftOut = "The server should present it. This page had it from elsewhere.";

/** Which fact a failure is about. */
const facts: Partial<Record<TlsErrorCode, Fact["name"]>> = {
  "certificate/expired": "validity",
  "certificate/not-yet-valid": "validity",
  "certificate/wrong-name": "names",
  "certificate/name-constraint": "names",
  "certificate/weak-key": "key",
};

function drawFact({ name, term, value }: Fact, faulty: Fact["name"] | undefined): HTMLElement {
  return make(
    "div",
    { className: name === faulty ? "fault" : "" },
    make("dt", {}, term),
    make("dd", {}, ...breakable(value)),
  );
}

function drawFault({ code, message }: Fault): HTMLElement {
  const advice = adviceOn(code);
  return make(
    "div",
    { className: "reason" },
    make("p", {}, make("strong", {}, reasonOf(code))),
    make("p", {}, message),
    ...(advice === undefined ? [] : [make("p", {}, advice)]),
  );
}

/** The line from a certificate to its issuer's. */
function drawLink({ fault }: Drawn, next: Drawn, isTrusted: boolean): HTMLElement {
  const isBroken = fault?.code === "certificate/bad-signature" || next.place.role === "missing";
  const text = isTrusted ? "signed by" : isBroken ? "says it was issued by" : "issued by";
  const state: State = isTrusted ? "good" : isBroken ? "bad" : "open";
  const sign = (character: string) => make("span", { ariaHidden: "true" }, character);
  const verdict = state === "open" ? [] : [sign(signs[state])];
  const link = make("p", { className: "link" }, ...verdict, text, sign("↓"));
  link.dataset.state = state;
  return link;
}
