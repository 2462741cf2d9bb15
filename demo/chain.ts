/**
 * Shows who vouches for the server: from its certificate to the root that is trusted, or to where
 * that fails.
 *
 * @module
 */

import type { SecureSocketInfo, TlsError } from "../src/index.ts";
import { reasonOf } from "./advice.ts";
import { byId, make } from "./dom.ts";
import { type Picture, refusedPicture, trustedPicture } from "./picture.ts";

const section = byId("certificates", HTMLElement);
const verdict = byId("verdict", HTMLElement);
const chain = byId("chain", HTMLElement);
const rest = byId("chain-rest", HTMLElement);

/** Which showing is the latest: an older one that is still loading gives way. */
let showing = 0;

/** Takes away the chain of the last connection. */
export function clearChain(): void {
  showing += 1;
  section.hidden = true;
}

/** Shows a chain that was trusted. @param localRoots the demo's own, in PEM. */
export function showTrusted(info: SecureSocketInfo, localRoots: string): void {
  void show(trustedPicture(info), localRoots, `Trusted. ${grounds[info.trustedBy]}`);
}

const grounds: Readonly<Record<SecureSocketInfo["trustedBy"], string>> = {
  root: "Each is signed by the next, and the last one is a root that this page trusts.",
  "exact-certificate": "It is the very certificate that is meant.",
  "public-key": "It is the very key that is meant.",
  caller: "A verdict of this page's own has accepted it.",
  "pre-shared-key": "The server knows the secret that both share.",
};

/** Shows the chain that an error is about, with the reason where it belongs. */
export function showRefused(error: TlsError, localRoots: string): void {
  if (!error.certificates?.length) return;
  const isTheReason = error.code.startsWith("certificate/");
  const text = isTheReason ? `Refused. ${reasonOf(error.code)}.` : "Not verified to the end.";
  void show(refusedPicture(error), localRoots, text);
}

async function show(picture: Picture, localRoots: string, text: string): Promise<void> {
  showing += 1;
  const mine = showing;
  const { isTrusted, path, unused, others } = picture;
  const [{ rootIn }, { drawOther, drawPath, drawUnused, wordsFor }] = await Promise.all([
    import("./certificates.ts"),
    import("./draw.ts"),
  ]);
  const isLocal = rootIn(localRoots);
  const about = (name: Uint8Array) =>
    isLocal(name)
      ? "This page trusts it: it is the authority of the demo's own servers."
      : "This page trusts it: it is in Mozilla's list of roots.";
  const places = drawPath(await wordsFor(path), isTrusted, about);
  const unusedItems = await Promise.all(unused.map(drawUnused));
  const otherItems = await Promise.all(others.map(async (one) => drawOther(await wordsFor(one))));
  if (mine !== showing) return;
  chain.replaceChildren(...places);
  rest.replaceChildren(
    ...list(`Presented, but not ${isTrusted ? "needed" : "used"}`, "unused", unusedItems),
    ...folded("Other paths that were tried", otherItems),
  );
  verdict.dataset.quality = isTrusted ? "good" : "bad";
  verdict.textContent = text;
  section.hidden = false;
}

function list(title: string, className: string, items: HTMLElement[]): HTMLElement[] {
  if (items.length === 0) return [];
  return [make("h3", {}, title), make("ul", { className }, ...items)];
}

function folded(title: string, items: HTMLElement[]): HTMLElement[] {
  if (items.length === 0) return [];
  const summary = make("summary", {}, `${title} (${items.length})`);
  return [make("details", { className: "others" }, summary, make("ol", {}, ...items))];
}
