/**
 * The end of a handshake of TLS 1.2, which either side may be the first to reach (RFC 5246 §7.3).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import type { MasterSecret12 } from "../keys/prf.ts";
import {
  decodeNewSessionTicket12,
  type NewSessionTicket12,
} from "../messages/new-session-ticket.ts";
import { handshakeType } from "../messages/registry.ts";
import type { TrafficKey } from "../record/protection.ts";
import { Opener12, Sealer12 } from "../record/protection12.ts";
import type { HandshakeChannel } from "./channel.ts";
import { VerifiedFinished } from "./verification.ts";

/** Changes the sending key and says what was seen so far. @returns the verify_data. */
export async function sendFinished12(
  channel: HandshakeChannel,
  master: MasterSecret12,
  key: TrafficKey,
  hash: () => Promise<Bytes>,
): Promise<Bytes> {
  await channel.sendChangeCipherSpec({ waits: true, andThen: async () => new Sealer12(key) });
  const verifyData = await master.finished("client", await hash());
  await channel.send(handshakeType.finished, verifyData);
  return verifyData;
}

/** Takes the server's ticket, where it comes at all ahead of its change_cipher_spec. */
export async function receiveTicket12(channel: HandshakeChannel): Promise<NewSessionTicket12> {
  const message = await channel.expect(handshakeType.new_session_ticket);
  channel.transcript.add(message.encoded);
  return decodeNewSessionTicket12(message.body);
}

/** The server changes its key and says what it has seen. */
export async function receiveFinished12(
  channel: HandshakeChannel,
  master: MasterSecret12,
  key: TrafficKey,
  hash: () => Promise<Bytes>,
): Promise<VerifiedFinished> {
  await channel.expectChangeCipherSpec();
  channel.reader.changeKey(new Opener12(key), channel.boundary());
  const message = await channel.expect(handshakeType.finished);
  const finished = await VerifiedFinished.verify(master, message.body, await hash());
  channel.transcript.add(message.encoded);
  // Nothing but application data and alerts may follow in the same record.
  channel.boundary();
  return finished;
}
