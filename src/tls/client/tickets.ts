/**
 * Tickets as they come in, made sessions (RFC 8446 §4.6.1).
 *
 * @module
 */

import { type Bytes, equalPublic } from "../../crypto/bytes.ts";
import { parseCertificate } from "../../x509/certificate.ts";
import type { CipherSuite13 } from "../cipher-suite.ts";
import type { ClientConfig } from "../config.ts";
import type { HandshakeInfo, ServerIdentity } from "../info.ts";
import type { ResumptionSecret } from "../keys/schedule.ts";
import { maxSessionLifetime, maxSessionsPerPartition } from "../limits.ts";
import { decodeNewSessionTicket13 } from "../messages/new-session-ticket.ts";
import type { SessionCache } from "../session/cache.ts";
import type { Session, SessionPeer } from "../session/session.ts";
import { signatureSchemes } from "../signature-scheme.ts";

/**
 * Who a server is that has just authenticated itself, other than by a session.
 *
 * @param statusUntil when the OCSP response ends by which its certificate is good, if there is one.
 */
export function authenticatedPeer(
  info: HandshakeInfo,
  config: Pick<ClientConfig, "now" | "revocation" | "anchors">,
  statusUntil: Date | undefined,
): SessionPeer {
  const { signatureScheme, pskIdentity, clientCertificate } = info;
  const now = config.now().getTime();
  const ends = info.verifiedPath.map((der) => parseCertificate(der).notAfter.getTime());
  ends.push(...endsOfRoot(info, config));
  // A CRL says nothing beyond its time; nor had one a say that was past it.
  const ofCrls = config.revocation?.crls.map(({ nextUpdate }) => nextUpdate.getTime()) ?? [];
  ends.push(...ofCrls.filter((end) => end > now));
  if (statusUntil !== undefined) ends.push(statusUntil.getTime());
  return {
    ...identityOf(info),
    signatureScheme: signatureSchemes.find(({ name }) => name === signatureScheme),
    pskIdentity,
    clientCertificate,
    trustedUntil: Math.min(now + maxSessionLifetime, ...ends),
  };
}

/** A root that was given as a certificate has an end itself. */
function endsOfRoot(
  { trustAnchor }: HandshakeInfo,
  { anchors }: Pick<ClientConfig, "anchors">,
): number[] {
  if (trustAnchor === undefined) return [];
  const { subjectPublicKeyInfo: key } = trustAnchor;
  return anchors.flatMap(({ subjectPublicKeyInfo, root }) =>
    root !== undefined && equalPublic(subjectPublicKeyInfo, key) ? [root.notAfter.getTime()] : [],
  );
}

/** What was presented, without all else that is known. */
function identityOf(identity: ServerIdentity): ServerIdentity {
  const { certificateType, certificates, trustedBy, verifiedPath } = identity;
  const { trustAnchor, ocspResponse, signedCertificateTimestamps } = identity;
  return {
    certificateType,
    certificates,
    trustedBy,
    verifiedPath,
    ...(trustAnchor === undefined ? {} : { trustAnchor }),
    ...(ocspResponse === undefined ? {} : { ocspResponse }),
    ...(signedCertificateTimestamps === undefined ? {} : { signedCertificateTimestamps }),
  };
}

const knownBySecret: ServerIdentity = {
  certificateType: "X509",
  certificates: [],
  trustedBy: "pre-shared-key",
  verifiedPath: [],
};

/**
 * Who a server is that has shown a secret instead of a certificate.
 *
 * @param session whose secret it was; undefined for an external PSK.
 * @param pskIdentity of an external PSK.
 */
export function knownIdentity(
  session: Session | undefined,
  pskIdentity?: Bytes,
): ServerIdentity & Pick<HandshakeInfo, "signatureScheme" | "pskIdentity" | "clientCertificate"> {
  const known: Partial<SessionPeer> = session?.peer ?? { pskIdentity };
  return {
    ...identityOf({ ...knownBySecret, ...known }),
    clientCertificate: known.clientCertificate ?? "not-requested",
    ...(known.signatureScheme === undefined ? {} : { signatureScheme: known.signatureScheme.name }),
    ...(known.pskIdentity === undefined ? {} : { pskIdentity: known.pskIdentity }),
  };
}

/** What the sessions of one connection have in common. */
export interface TicketContext {
  readonly sessions: SessionCache;
  readonly secret: ResumptionSecret;
  readonly suite: CipherSuite13;
  readonly alpn: string | undefined;
  readonly peer: SessionPeer;
  readonly now: () => Date;
}

export class TicketKeeper {
  readonly #context: TicketContext;
  #kept = 0;

  constructor(context: TicketContext) {
    this.#context = context;
  }

  /**
   * Makes a session of a ticket and gives it to the store, for which it does not wait. More than a
   * store keeps for one server are not made of one connection.
   *
   * @param body of the NewSessionTicket.
   */
  async receive(body: Bytes): Promise<void> {
    const { sessions, secret, suite, alpn, peer, now } = this.#context;
    const { lifetime, nonce, ticket, ...fields } = decodeNewSessionTicket13(body);
    if (lifetime === 0 || this.#kept === maxSessionsPerPartition) return;
    this.#kept++;
    const receivedAt = now().getTime();
    const ends = receivedAt + Math.min(lifetime * 1000, maxSessionLifetime);
    void sessions.put({
      version: "TLSv1.3",
      suite,
      secret: await secret.psk(nonce),
      // A view would keep the whole record.
      ticket: ticket.slice(),
      ...fields,
      receivedAt,
      alpn,
      peer,
      expires: Math.min(ends, peer.trustedUntil),
    });
  }
}
