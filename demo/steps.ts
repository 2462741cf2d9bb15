/**
 * Trace events in words, for people.
 *
 * @module
 */

import type { TlsError, TraceEvent } from "../src/index.ts";

/** What a step is drawn as: a message one way or the other, something done here, or the end. */
export type StepKind = "sent" | "received" | "local" | "done" | "failed";

/** A step for people. */
export interface Step {
  kind: StepKind;
  title: string;
  /** What it is for, in a few words. */
  about?: string | undefined;
  /** In bytes. */
  length?: number;
}

/** @returns undefined for what is settled: that is no step of its own, but tells more of the last. */
export function stepOf(event: TraceEvent, version: string | undefined): Step | undefined {
  switch (event.kind) {
    case "bridge-opening":
      return { kind: "local", title: "Worker ready", about: "asks the bridge for the server" };
    case "bridge-open":
      return { kind: "local", title: "Bridge open", about: "its WebSocket stands" };
    case "message-sent":
      return message("sent", event, sentAbouts, version);
    case "message-received":
      return message("received", event, receivedAbouts, version);
    case "certificate-logged":
      return {
        kind: "local",
        title: "Certificate logged",
        about: `made public in ${event.logs.join(", ")}`,
      };
    case "certificate-status":
      return {
        kind: "local",
        title: "OCSP response verified",
        about: event.ocsp === "good" ? "the certificate is not revoked" : event.ocsp,
      };
    case "certificate-verified":
      return {
        kind: "local",
        title: "Certificate trusted",
        about: "leads to a root, valid now and for this name",
      };
    case "signature-verified":
      return {
        kind: "local",
        title: "Signature right",
        about: "the server has the certificate's key",
      };
    case "handshake-done":
      return { kind: "done", title: "Connected", about: "encrypted both ways, end to end" };
    case "alert-sent":
      return { kind: "sent", title: `Alert ${event.name}`, about: alertAbout(event.name) };
    case "alert-received":
      return { kind: "received", title: `Alert ${event.name}`, about: alertAbout(event.name) };
    case "settled":
      return undefined;
  }
}

/** What an event settles; nothing where it is of another kind. */
export function settledWords(event: TraceEvent): string[] {
  if (event.kind !== "settled") return [];
  const { version, cipherSuite, group, signatureScheme, alpn } = event;
  const words = [version?.replace("v", " "), cipherSuite, group, signatureScheme, alpn];
  return words.filter((word) => word !== undefined);
}

/** The step at which a connection failed. */
export function failedStep({ code }: TlsError): Step {
  const [area = ""] = code.split("/");
  return { kind: "failed", title: failures[area] ?? "Failed", about: code };
}

/** By the first part of the error's code. */
const failures: Readonly<Record<string, string>> = {
  aborted: "Given up",
  alert: "Refused by the server",
  bridge: "No way through the bridge",
  certificate: "Certificate refused",
  closed: "Cut off",
  configuration: "Not possible here",
  handshake: "Handshake failed",
  record: "Broken record",
  timeout: "No answer in time",
};

const sentAbouts: Readonly<Record<string, string>> = {
  client_hello: "offers versions, cipher suites and keys",
  certificate: "none: there is no client certificate",
  client_key_exchange: "this page's half of the key exchange",
  finished: "proves that both saw the same handshake",
  key_update: "a new key for what is sent from here on",
};

const receivedAbouts: Readonly<Record<string, string>> = {
  hello_retry_request: "asks for a key of another group",
  server_hello: "picks",
  encrypted_extensions: "the first that is encrypted",
  certificate_request: "asks who this page is",
  certificate: "who the server says it is",
  certificate_verify: "a signature over all so far",
  server_key_exchange: "its half of the key exchange, signed",
  server_hello_done: "now it is this page's turn",
  finished: "proves that both saw the same handshake",
  new_session_ticket: "for a later connection",
  key_update: "a new key for what it sends from here on",
};

function message(
  kind: "sent" | "received",
  { name, length }: { name: string; length: number },
  abouts: Readonly<Record<string, string>>,
  version: string | undefined,
): Step {
  const about = name === "change_cipher_spec" ? cipherSpecAbout(version) : abouts[name];
  return { kind, title: title(name), about, length };
}

// Before the ServerHello of TLS 1.2 there is none: whatever comes earlier is of TLS 1.3.
function cipherSpecAbout(version: string | undefined): string {
  return version === "TLSv1.2" ? "encrypted from here on" : "an empty gesture, for middleboxes";
}

function alertAbout(name: string): string {
  return name === "close_notify" ? "the end, said properly" : "says why it ends";
}

/** `client_hello` is the ClientHello of the RFCs. */
function title(name: string): string {
  if (name.startsWith("0x")) return `Message ${name}`;
  return name.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
