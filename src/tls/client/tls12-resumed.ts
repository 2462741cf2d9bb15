/**
 * The abbreviated handshake of TLS 1.2, in which a session stands in for certificate and key
 * exchange (RFC 5246 §7.3, figure 2; RFC 5077 §3.1, figure 2).
 *
 * @module
 */

import { TlsError } from "../../errors.ts";
import { Exporter12 } from "../keys/exporter12.ts";
import { MasterSecret12, type Randoms } from "../keys/prf.ts";
import type { Tls12Session } from "../session/session.ts";
import type { HandshakeChannel } from "./channel.ts";
import type { EarlyData } from "./early-data.ts";
import type { Established } from "./established.ts";
import { receiveFinished12, receiveTicket12, sendFinished12 } from "./finished12.ts";
import type { Greeting12 } from "./hello.ts";
import { concludeEch } from "./proposal.ts";
import { settleRecordSizeLimit } from "./record-size-limit.ts";
import { readAnswers12 } from "./server-hello12.ts";
import { named12 } from "./session12.ts";
import { knownIdentity } from "./tickets.ts";
import { VerifiedSecret } from "./verification.ts";

/**
 * @param session which the server resumes.
 * @throws TlsError any `handshake/`, `record/` or `alert/` code.
 */
export async function resume12(
  channel: HandshakeChannel,
  greeting: Greeting12,
  session: Tls12Session,
  earlyData: EarlyData | undefined,
): Promise<Established> {
  const { config, suite, offer, hello, sessions } = greeting;
  const hash = () => channel.transcript.hash(config.crypto, suite.hash);
  const randoms: Randoms = { client: offer.random, server: hello.random };

  const { alpn, isExtended, issuesTicket } = readAnswers12(hello.extensions, config);
  checkContinuity(greeting, session, isExtended);
  settleRecordSizeLimit(channel, config, hello.extensions, "TLSv1.2");
  config.trace?.({ kind: "settled", group: session.group.name });
  const master = await MasterSecret12.resume(config.crypto, suite, session.secret);
  greeting.keyLog.log("CLIENT_RANDOM", master.bytes);
  const keys = await master.keys(randoms);

  const ticket = issuesTicket ? await receiveTicket12(channel) : undefined;
  const finished = await receiveFinished12(channel, master, keys.server, hash);
  const authentication = VerifiedSecret.confirm(finished, session.secret);
  await sendFinished12(channel, master, keys.client, hash);

  // It may be used many times (RFC 5246 §F.1.4), by its new name if it has got one.
  const isRenewed = ticket !== undefined && ticket.ticket.length > 0;
  const renewed = isRenewed ? named12(session, hello.sessionId, ticket, config) : session;
  return {
    authentication,
    finished,
    secrets: undefined,
    tickets: undefined,
    exporter: isExtended ? new Exporter12(master, randoms) : undefined,
    keepSession: renewed && (() => void sessions?.put(renewed)),
    firstFinished: isExtended ? finished.verifyData : undefined,
    info: {
      version: "TLSv1.2",
      cipherSuite: suite.name,
      group: session.group.name,
      ...(alpn === undefined ? {} : { alpn }),
      ...(earlyData === undefined ? {} : { earlyData: earlyData.outcome }),
      handshake: "resumed",
      extendedMasterSecret: isExtended,
      ech: await concludeEch(greeting),
      ...knownIdentity(session),
    },
  };
}

/**
 * A session goes on as it was.
 *
 * @throws TlsError `handshake/illegal-parameter` for another suite (RFC 5246 §7.4.1.3),
 * `handshake/extended-master-secret-changed` where that extension was lost or gained (RFC 7627 §5.3).
 */
function checkContinuity({ suite }: Greeting12, session: Tls12Session, isExtended: boolean): void {
  if (suite.number !== session.suite.number) {
    throw new TlsError(
      "handshake/illegal-parameter",
      `The server resumes a session of ${session.suite.name} with ${suite.name}.`,
    );
  }
  if (isExtended !== session.extendedMasterSecret) {
    throw new TlsError(
      "handshake/extended-master-secret-changed",
      `The server resumes a session ${isExtended ? "without" : "with"} the extended master secret as if it were one ${isExtended ? "with" : "without"} it (RFC 7627 §5.3).`,
    );
  }
}
