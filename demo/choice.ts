/**
 * The form that says whom to connect to and by which bridge.
 *
 * @module
 */

import { type BridgeDescriptor, websockify, webtlsBridge } from "../src/index.ts";
import { byId, make } from "./dom.ts";
import type { DemoBridge, DemoSetup, DemoTarget } from "./setup.ts";

/** What was chosen. */
export interface Choice {
  /** `host:port`. */
  address: string;
  /** The local server, where it is one. */
  target: DemoTarget | undefined;
  bridge: BridgeDescriptor;
  alpn: string[];
  /** Whether the page brings the intermediate certificates that servers may leave out. */
  bringsIntermediates: boolean;
}

const form = byId("choice", HTMLFormElement);
const address = byId("address", HTMLInputElement);
const bridgeUrl = byId("bridge-url", HTMLInputElement);
const bridgeKind = byId("bridge-kind", HTMLSelectElement);
const alpn = byId("alpn", HTMLInputElement);
const intermediates = byId("intermediates", HTMLInputElement);

/** Offers the servers and bridges of this machine, the first of each chosen. */
export function offer({ targets, bridges }: Pick<DemoSetup, "targets" | "bridges">): void {
  byId("local-servers", HTMLElement).replaceChildren(
    ...targets.map((target, index) =>
      option("server", index, target.name, `${target.address} · ${target.about}`),
    ),
  );
  byId("known-bridges", HTMLElement).replaceChildren(
    ...bridges.map((bridge, index) => option("bridge", index, bridge.name, hint(bridge))),
  );
}

/** Calls back when the form is sent. Typing into a field for another one chooses it. */
export function onSubmit(listener: () => void): void {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    listener();
  });
  for (const field of [address, bridgeUrl, bridgeKind]) {
    field.addEventListener("input", () => {
      const radio = field.closest("label")?.querySelector<HTMLInputElement>("input[type=radio]");
      if (radio) radio.checked = true;
    });
  }
}

/**
 * Reads the form.
 *
 * @throws TlsError `configuration/invalid-option` for a bridge URL that is none.
 */
export function read({ targets, bridges }: Pick<DemoSetup, "targets" | "bridges">): Choice {
  const target = chosen("server", targets);
  return {
    address: target?.address ?? address.value.trim(),
    target,
    bridge: readBridge(chosen("bridge", bridges)),
    alpn: alpn.value.split(/[\s,]+/).filter((name) => name !== ""),
    bringsIntermediates: intermediates.checked,
  };
}

function readBridge(known: DemoBridge | undefined): BridgeDescriptor {
  const url = known?.url ?? bridgeUrl.value.trim();
  switch (known?.kind ?? bridgeKind.value) {
    case "websockify":
    case "websockify-token":
      return websockify(url);
    case "websockify-fixed":
      return websockify(url, { target: "fixed" });
    default:
      return webtlsBridge(url);
  }
}

/** The entry whose radio button is checked; the button for another one has an empty value. */
function chosen<T>(name: string, entries: readonly T[]): T | undefined {
  const value = new FormData(form).get(name);
  return typeof value === "string" && value !== "" ? entries[Number(value)] : undefined;
}

function option(name: string, index: number, title: string, about: string): HTMLElement {
  return make(
    "label",
    { className: "option" },
    make("input", { type: "radio", name, value: String(index), checked: index === 0 }),
    make("span", { className: "option-text" }, make("span", {}, title), make("small", {}, about)),
  );
}

function hint({ kind, url }: DemoBridge): string {
  return kind === "webtls"
    ? "Part of this server. Reaches any address."
    : `${url} · Start it by npm run websockify. Reaches the servers above.`;
}
