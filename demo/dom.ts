/**
 * Finding and making elements.
 *
 * @module
 */

/** The element of `index.html` with this id. */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`index.html has no ${type.name} #${id}`);
  return element;
}

/** A new element. Texts among the children become text, never markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Text for screen readers alone. */
export function hiddenText(text: string): HTMLElement {
  return make("span", { className: "visually-hidden" }, text);
}

/** The text with places where a long name may be broken: behind its underscores. */
export function breakable(text: string): (Node | string)[] {
  return text.split(/(?<=_)/).flatMap((part) => [part, make("wbr")]);
}

/** Terms and their descriptions, for a `<dl>`; those without a value are left out. */
export function descriptions(entries: readonly [string, string | undefined][]): HTMLElement[] {
  return entries
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([term, value = ""]) =>
      make("div", {}, make("dt", {}, term), make("dd", {}, ...breakable(value))),
    );
}
