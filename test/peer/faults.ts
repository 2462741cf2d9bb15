/**
 * Tables of faults: what the server does wrong, and what has to come of it.
 *
 * @module
 */

import { expect, test } from "vitest";
import type { TlsErrorCode } from "../../src/errors.ts";
import { type AlertName, alertForCode } from "../../src/tls/alert.ts";
import type { TlsOptions } from "../../src/tls/options.ts";
import type { KeyType } from "../authority.ts";
import { connectToPeer, type Outcome, type PeerConnectionOptions } from "./connect.ts";
import type { PeerIdentities } from "./identities.ts";
import type { Script } from "./script.ts";

/** What has to come of a fault. */
export interface Verdict {
  readonly code: TlsErrorCode;
  /** What the server gets. None: nothing at all. */
  readonly alert: AlertName | "none";
}

/** One thing that a server does wrong. */
export interface Fault extends Verdict {
  /** Number in the list of faults that every part is held to. */
  readonly fault: number;
  /** Who forbids it, e.g. `"RFC 8446 §4.1.3"`. */
  readonly source: string;
  readonly what: string;
  readonly script: Omit<Script, "identity">;
  /** Of the server's certificate. Default: P-256. */
  readonly keyType?: KeyType;
  /** Of the client. */
  readonly options?: TlsOptions;
  /** Whether the alert comes under a key. Default: as the table says. */
  readonly isProtected?: boolean;
  /** What the application gets. Default: nothing. */
  readonly delivered?: string;
}

export interface FaultTable {
  readonly identities: PeerIdentities;
  readonly version: "TLSv1.3" | "TLSv1.2";
  /** Whether the client has keys in use when it sends the alert. */
  readonly isProtected: boolean;
  readonly connection?: PeerConnectionOptions;
}

/** The error and the alert that are due, for the faults that are most common (RFC 8446 §6.2). */
export const verdict = {
  illegal: { code: "handshake/illegal-parameter", alert: "illegal_parameter" },
  notOffered: { code: "handshake/no-application-protocol", alert: "illegal_parameter" },
  unexpected: { code: "handshake/unexpected-message", alert: "unexpected_message" },
  unexpectedType: { code: "record/unexpected-type", alert: "unexpected_message" },
  undecodable: { code: "handshake/decode-error", alert: "decode_error" },
  unsupported: { code: "handshake/unsupported-extension", alert: "unsupported_extension" },
  missing: { code: "handshake/missing-extension", alert: "missing_extension" },
  badSignature: { code: "handshake/bad-signature", alert: "decrypt_error" },
  badFinished: { code: "handshake/bad-finished", alert: "decrypt_error" },
  badMac: { code: "record/bad-mac", alert: "bad_record_mac" },
  overflow: { code: "record/overflow", alert: "record_overflow" },
  truncated: { code: "closed/truncated", alert: "none" },
} as const satisfies Record<string, Verdict>;

/** One row of a table. */
export function fault(
  fault: number,
  source: string,
  what: string,
  script: Fault["script"],
  { code, alert }: Verdict,
  more: Partial<Fault> = {},
): Fault {
  return { fault, source, what, script, code, alert, ...more };
}

/** Makes a test of each fault. */
export function testFaults(table: FaultTable, faults: readonly Fault[]): void {
  const rows = faults.map((fault) => [title(fault), fault] as const);
  test.each(rows)("%s", { timeout: 10_000 }, async (_, fault) => {
    const outcome = await meet(table, fault);
    const alert = fault.alert === "none" ? undefined : fault.alert;
    const isProtected = fault.isProtected ?? table.isProtected;
    expect({
      code: outcome.error?.code,
      alertSent: outcome.error?.alertSent,
      received: outcome.received.alerts.filter(({ level }) => level === "fatal"),
      delivered: new TextDecoder().decode(outcome.delivered),
    }).toEqual({
      code: fault.code,
      alertSent: alert,
      received: alert === undefined ? [] : [{ name: alert, level: "fatal", isProtected }],
      delivered: fault.delivered ?? "",
    });
    expect(alertForCode[fault.code]).toBe(alert);
  });
}

function title({ fault, source, what }: Fault): string {
  return `fault ${fault}, ${source}: ${what}`;
}

async function meet(
  { identities, version, connection }: FaultTable,
  { script, keyType, options }: Fault,
): Promise<Outcome> {
  const config = await identities.config(options);
  const identity = await identities.of(keyType);
  return connectToPeer(config, { version, identity, ...script }, connection).outcome();
}
