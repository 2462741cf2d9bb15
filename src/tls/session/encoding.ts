/**
 * Sessions as bytes, for a store to keep. The format belongs to webtls alone: its first byte is the
 * version of it, and what another version wrote is no session.
 *
 * @module
 */

import { type Bytes, equalPublic } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import { cipherSuites } from "../cipher-suite.ts";
import { certificateType, certificateTypeName } from "../messages/certificate-type.ts";
import { Reader } from "../messages/reader.ts";
import { Writer } from "../messages/writer.ts";
import { namedGroups } from "../named-group.ts";
import { signatureSchemes } from "../signature-scheme.ts";
import {
  type Session,
  type SessionPeer,
  sessionFormat,
  type Tls12Session,
  type Tls13Session,
} from "./session.ts";
import type { StoredSession } from "./store.ts";

/** By their number. */
const clientCertificateOutcomes: readonly SessionPeer["clientCertificate"][] = [
  "not-requested",
  "declined",
  "sent",
];

const grounds: readonly SessionPeer["trustedBy"][] = [
  "root",
  "exact-certificate",
  "public-key",
  "caller",
  "pre-shared-key",
];

export function encodeSession(session: Session): StoredSession {
  const bytes = Writer.build((w) => {
    w.u8(sessionFormat).u16(session.suite.number).u64(session.expires);
    w.vector(1, () => w.bytes(session.secret));
    w.bytes(encodedPeer(session.peer));
    if (session.version === "TLSv1.3") write13(w, session);
    else write12(w, session);
  });
  return { bytes, expires: session.expires };
}

/** @returns undefined for what can't be read, whatever the reason. */
export function decodeSession({ bytes }: StoredSession): Session | undefined {
  try {
    // A copy, since a store may hand out a view of what it keeps.
    return Reader.parse(new Uint8Array(bytes), "session", readSession);
  } catch (error) {
    if (error instanceof TlsError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function readSession(r: Reader): Session {
  if (r.u8() !== sessionFormat) throw r.error("is of another format");
  const suite = entry(r, cipherSuites, r.u16());
  const base = { expires: r.u64(), secret: r.vector(1, 1), peer: readPeer(r) };
  return suite.version === "TLSv1.3"
    ? { version: "TLSv1.3", suite, ...base, ...read13(r) }
    : { version: "TLSv1.2", suite, ...base, ...read12(r) };
}

const encodedPeers = new WeakMap<SessionPeer, Bytes>();

/** All tickets of a connection are of the same peer, which is most of a session. */
function encodedPeer(peer: SessionPeer): Bytes {
  const known = encodedPeers.get(peer) ?? Writer.build((w) => writePeer(w, peer));
  encodedPeers.set(peer, known);
  return known;
}

function writePeer(w: Writer, peer: SessionPeer): void {
  const { ocspResponse, signedCertificateTimestamps = [] } = peer;
  w.u8(certificateType[peer.certificateType]);
  w.u8(clientCertificateOutcomes.indexOf(peer.clientCertificate));
  w.u8(grounds.indexOf(peer.trustedBy));
  writeList(w, peer.certificates);
  w.vector(3, () => {
    // Most of the path was presented, so that its place will do.
    for (const item of peer.verifiedPath) {
      const place = 1 + peer.certificates.findIndex((one) => equalPublic(one, item));
      if (place > 0 && place < 256) w.u8(place);
      else w.u8(0).vector(3, () => w.bytes(item));
    }
  });
  const { subject, subjectPublicKeyInfo } = peer.trustAnchor ?? {};
  writeList(w, subject && subjectPublicKeyInfo ? [subject, subjectPublicKeyInfo] : []);
  for (const list of [
    ocspResponse === undefined ? [] : [ocspResponse],
    signedCertificateTimestamps,
  ]) {
    writeList(w, list);
  }
  // Neither has a value that is nothing, so nothing stands for none.
  w.u16(peer.signatureScheme?.number ?? 0);
  w.vector(2, () => w.bytes(peer.pskIdentity ?? new Uint8Array(0)));
  w.u64(peer.trustedUntil);
}

function writeList(w: Writer, list: readonly Bytes[]): void {
  w.vector(3, () => {
    for (const item of list) w.vector(3, () => w.bytes(item));
  });
}

function readPeer(r: Reader): SessionPeer {
  const type = certificateTypeName(r.u8());
  if (type === undefined) throw r.error("is of a server with another type of certificate");
  const clientCertificate = clientCertificateOutcomes[r.u8()];
  if (clientCertificate === undefined) throw r.error("has another outcome of the client's");
  const trustedBy = grounds[r.u8()];
  if (trustedBy === undefined) throw r.error("is of a server trusted for another reason");
  const list = () => r.list(3, 0, (inner) => inner.vector(3, 1));
  const certificates = list();
  const verifiedPath = r.list(3, 0, (inner) => {
    const place = inner.u8();
    const item = place === 0 ? inner.vector(3, 1) : certificates[place - 1];
    if (item === undefined) throw inner.error("names a certificate that it does not have");
    return item;
  });
  const [subject, subjectPublicKeyInfo] = list();
  const [ocspResponse] = list();
  // Neither is ever empty where it is there at all.
  const signedCertificateTimestamps = list();
  const scheme = r.u16();
  const pskIdentity = r.vector(2);
  return {
    certificateType: type,
    clientCertificate,
    certificates,
    trustedBy,
    verifiedPath,
    ...(subject && subjectPublicKeyInfo && { trustAnchor: { subject, subjectPublicKeyInfo } }),
    ...(ocspResponse === undefined ? {} : { ocspResponse }),
    ...(signedCertificateTimestamps.length === 0 ? {} : { signedCertificateTimestamps }),
    signatureScheme: scheme === 0 ? undefined : entry(r, signatureSchemes, scheme),
    pskIdentity: pskIdentity.length === 0 ? undefined : pskIdentity,
    trustedUntil: r.u64(),
  };
}

type Fields13 = Omit<Tls13Session, "version" | "suite" | "secret" | "peer" | "expires">;

function write13(w: Writer, session: Fields13): void {
  w.vector(2, () => w.bytes(session.ticket));
  w.u32(session.ageAdd).u64(session.receivedAt).u32(session.maxEarlyData);
  w.vector(1, () => w.bytes(new TextEncoder().encode(session.alpn ?? "")));
}

function read13(r: Reader): Fields13 {
  const fields = {
    ticket: r.vector(2, 1),
    ageAdd: r.u32(),
    receivedAt: r.u64(),
    maxEarlyData: r.u32(),
  };
  const alpn = new TextDecoder().decode(r.vector(1));
  // A protocol's name is never empty (RFC 7301 §3.1).
  return { ...fields, alpn: alpn === "" ? undefined : alpn };
}

type Fields12 = Omit<Tls12Session, "version" | "suite" | "secret" | "peer" | "expires">;

function write12(w: Writer, { group, extendedMasterSecret, handle }: Fields12): void {
  w.u16(group.number).u8(extendedMasterSecret ? 1 : 0);
  w.u8(handle.kind === "id" ? 1 : 0).vector(2, () => w.bytes(handle.bytes));
}

function read12(r: Reader): Fields12 {
  const group = entry(r, namedGroups, r.u16());
  const extendedMasterSecret = r.u8() === 1;
  const kind = r.u8() === 1 ? "id" : "ticket";
  return { group, extendedMasterSecret, handle: { kind, bytes: r.vector(2, 1) } };
}

/** The entry of a table with this number. */
function entry<T extends { readonly number: number }>(
  r: Reader,
  table: readonly T[],
  number: number,
): T {
  const found = table.find((candidate) => candidate.number === number);
  if (found === undefined) throw r.error("names what is not known here");
  return found;
}
