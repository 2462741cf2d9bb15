/**
 * Shows on the page how a connection stands: its state, what was negotiated, the certificates, and
 * failures in words.
 *
 * @module
 */

import { type SecureSocketInfo, TlsError } from "../src/index.ts";
import { adviceOn } from "./advice.ts";
import { byId, descriptions, make } from "./dom.ts";
import type { DemoTarget } from "./setup.ts";

/** How a connection stands. A refusal that was expected is no failure. */
export type State = "idle" | "busy" | "open" | "refused" | "failed";

const status = byId("status", HTMLElement);
const failure = byId("failure", HTMLElement);
const connection = byId("connection", HTMLElement);
const negotiated = byId("negotiated", HTMLElement);
const certificates = byId("certificates", HTMLElement);
const chain = byId("chain", HTMLElement);

/** Shows one line on the state; screen readers say it. */
export function showStatus(state: State, text: string): void {
  status.dataset.state = state;
  status.textContent = text;
  // On a narrow screen it stands below the form.
  status.scrollIntoView({ block: "nearest" });
}

/** Takes away what was shown of the last connection. */
export function clearReport(): void {
  failure.hidden = true;
  connection.hidden = true;
  certificates.hidden = true;
}

/** Shows what was negotiated, and the certificates. */
export function showInfo(info: SecureSocketInfo): void {
  negotiated.replaceChildren(
    ...descriptions([
      ["Server", info.remoteAddress],
      ["Version", info.version.replace("v", " ")],
      ["Cipher suite", info.cipherSuite],
      ["Key exchange", info.group],
      ["Signature", info.signatureScheme],
      ["Application protocol", info.alpn ?? "none agreed on"],
      ["Handshake", handshakes[info.handshake]],
    ]),
  );
  connection.hidden = false;
  const path = info.verifiedPath.length;
  void showCertificates(
    info.certificates,
    `Trusted: a path of ${path} ${path === 1 ? "certificate" : "certificates"} leads to a root.`,
  );
}

const handshakes: Readonly<Record<SecureSocketInfo["handshake"], string>> = {
  full: "full",
  "hello-retry-request": "full, after the server asked for another key share",
};

/** Shows a failure: what happened, its code, what to do, and the certificates it is about. */
export function showFailure(error: unknown, target: DemoTarget | undefined): void {
  if (!(error instanceof TlsError)) {
    failure.replaceChildren(make("h2", {}, "This page has failed"), make("p", {}, String(error)));
    failure.hidden = false;
    showStatus("failed", "Failed.");
    return;
  }
  const advice = adviceOn(error.code);
  const isExpected = target?.expectation === error.code;
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
        ["Try again", error.retrySafe ? "may help: nothing was sent yet" : undefined],
      ]),
    ),
  );
  failure.hidden = false;
  if (isExpected) showStatus("refused", `Refused, as it should be: ${error.code}.`);
  else showStatus("failed", `Failed: ${error.code}.`);
  if (error.certificates !== undefined && error.certificates.length > 0) {
    void showCertificates(error.certificates, "Not trusted.");
  }
}

function closeText({ closeCode, reason }: { closeCode?: number; reason?: string }): string {
  return [closeCode, reason].filter((part) => part !== undefined && part !== "").join(" ");
}

/** Which showing of certificates is the latest: an older one that is still loading gives way. */
let showing = 0;

async function showCertificates(list: readonly Uint8Array[], verdict: string): Promise<void> {
  showing += 1;
  const mine = showing;
  const { describe } = await import("./certificates.ts");
  const items = await Promise.all(list.map(describe));
  if (mine !== showing) return;
  chain.replaceChildren(
    ...items.map(({ title, details }) =>
      make("li", {}, make("h3", {}, title), make("dl", {}, ...descriptions(details))),
    ),
  );
  certificates.querySelector("p")?.remove();
  chain.before(make("p", {}, verdict));
  certificates.hidden = false;
}
