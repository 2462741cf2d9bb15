/**
 * What is kept of a connection in TLS 1.2, for the next one.
 *
 * @module
 */

import type { ClientConfig } from "../config.ts";
import { maxSessionLifetime, usualSessionLifetime12 } from "../limits.ts";
import type { NewSessionTicket12 } from "../messages/new-session-ticket.ts";
import type { Tls12Session } from "../session/session.ts";

/**
 * A session under the name that the server gives it: a ticket, or an id where there is none.
 *
 * @returns undefined where the server gives it none.
 */
export function named12(
  session: Omit<Tls12Session, "handle" | "expires">,
  sessionId: Uint8Array,
  ticket: NewSessionTicket12 | undefined,
  { now }: ClientConfig,
): Tls12Session | undefined {
  // The views would keep the whole record.
  const handle =
    ticket !== undefined && ticket.ticket.length > 0
      ? ({ kind: "ticket", bytes: ticket.ticket.slice() } as const)
      : ({ kind: "id", bytes: new Uint8Array(sessionId) } as const);
  if (handle.bytes.length === 0) return undefined;
  const hint = (ticket?.lifetime ?? 0) * 1000;
  const lifetime = hint === 0 ? usualSessionLifetime12 : Math.min(hint, maxSessionLifetime);
  const expires = Math.min(now().getTime() + lifetime, session.peer.trustedUntil);
  return { ...session, handle, expires };
}
