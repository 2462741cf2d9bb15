/**
 * The certificates that the server presented, with the verdict on them.
 *
 * @module
 */

import type { SecureSocketInfo, TlsError, TlsErrorCode } from "../src/index.ts";
import { byId, descriptions, make } from "./dom.ts";

const section = byId("certificates", HTMLElement);
const verdict = byId("verdict", HTMLElement);
const chain = byId("chain", HTMLElement);

/** Which showing is the latest: an older one that is still loading gives way. */
let showing = 0;

/** Takes away those of the last connection. */
export function clearChain(): void {
  showing += 1;
  section.hidden = true;
}

/** Shows a chain that was trusted. */
export function showTrusted({ certificates, verifiedPath }: SecureSocketInfo): void {
  const { length } = verifiedPath;
  const path = `a path of ${length} ${length === 1 ? "certificate" : "certificates"}`;
  void show(certificates, "good", `Trusted: ${path} leads to a root.`);
}

/** Shows the chain that an error is about, with the reason beside what it is about. */
export function showRefused({ code, message, certificates = [] }: TlsError): void {
  if (certificates.length === 0) return;
  const isTheReason = code.startsWith("certificate/");
  const text = isTheReason ? `Refused (${code}): ${message}` : "Not verified to the end.";
  void show(certificates, "bad", text, faulty[code]);
}

/** What of the first certificate is at fault. Dates are marked in whichever is out of them. */
const faulty: Partial<Record<TlsErrorCode, string>> = {
  "certificate/wrong-name": "Names",
  "certificate/self-signed": "Issuer",
};

async function show(
  list: readonly Uint8Array[],
  quality: "good" | "bad",
  text: string,
  fault?: string,
): Promise<void> {
  showing += 1;
  const mine = showing;
  const { describe } = await import("./certificates.ts");
  const items = await Promise.all(list.map(describe));
  if (mine !== showing) return;
  chain.replaceChildren(
    ...items.map(({ title, details, outOfDate }, index) => {
      const terms = descriptions(details);
      for (const term of terms) {
        const name = term.querySelector("dt")?.textContent;
        if (name === outOfDate || (index === 0 && name === fault)) term.className = "fault";
      }
      return make("li", {}, make("h3", {}, title), make("dl", {}, ...terms));
    }),
  );
  verdict.dataset.quality = quality;
  verdict.textContent = text;
  section.hidden = false;
}
