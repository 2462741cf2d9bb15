/**
 * Which sessions a connection may use: those made for the same server by one that trusted the same
 * (RFC 8446 §4.6.1). A resumed server shows no certificate, so a session has to carry over no more
 * than what the configuration at hand would have accepted itself.
 *
 * @module
 */

import { type Bytes, toHex } from "../../crypto/bytes.ts";
import type { CryptoProvider } from "../../crypto/provider.ts";
import { loaded } from "../../loaded.ts";
import type { TrustAnchor } from "../../x509/anchor.ts";
import type { ClientConfig } from "../config.ts";
import { certificateType } from "../messages/certificate-type.ts";
import { Writer } from "../messages/writer.ts";
import { markOf } from "./mark.ts";
import { sessionFormat } from "./session.ts";

/** What of a configuration tells its sessions from others'. */
type PartitionedBy = Pick<
  ClientConfig,
  | "crypto"
  | "serverName"
  | "sessionLabel"
  | "anchors"
  | "pins"
  | "exactCertificates"
  | "publicKeys"
  | "revocation"
  | "transparency"
  | "serverCertificateTypes"
  | "dangerousVerify"
  | "ocspStapling"
  | "identity"
  | "externalPsks"
  | "pskOnly"
>;

/**
 * The name of the partition in a store: a hash, so that it is of one length. What goes into it may
 * be guessed.
 */
export async function partitionOf(config: PartitionedBy): Promise<string> {
  const { crypto, serverName, sessionLabel, anchors, pskOnly } = config;
  const { dangerousVerify, identity } = config;
  const [trust, psks] = await Promise.all([trustDigest(crypto, anchors), describePsks(config)]);
  const encoder = new TextEncoder();
  const description = Writer.build((w) => {
    w.u8(sessionFormat);
    w.vector(2, () => w.bytes(encoder.encode(sessionLabel)));
    w.u8(serverName.kind === "dns" ? 1 : 2);
    w.vector(2, () => {
      w.bytes(serverName.kind === "dns" ? encoder.encode(serverName.name) : serverName.bytes);
    });
    w.vector(1, () => w.bytes(trust));
    for (const list of trustBesideRoots(config)) {
      w.vector(3, () => {
        for (const item of list) w.vector(3, () => w.bytes(item));
      });
    }
    w.vector(1, () => {
      for (const type of config.serverCertificateTypes) w.u8(certificateType[type]);
    });
    // A caller's own verdict holds for nobody who judges otherwise, so not beyond its function.
    w.vector(1, () => {
      if (dangerousVerify !== undefined) w.bytes(markOf(dangerousVerify, crypto));
    });
    // A session stands for who the client was, too.
    w.vector(1, () => {
      if (identity?.mark instanceof Uint8Array) w.bytes(identity.mark);
      else if (identity !== undefined) w.bytes(markOf(identity.mark, crypto));
    });
    w.u8(pskOnly ? 1 : 0);
    // What was not asked for has not been looked at.
    w.u8([false, true, "required"].indexOf(config.ocspStapling));
    w.vector(3, () => {
      for (const psk of psks) w.vector(3, () => w.bytes(psk));
    });
  });
  return toHex(await crypto.digest("SHA-256", description));
}

/**
 * Whatever else decides on servers' certificates, each in a list of its own. What is left out here,
 * sessions carry over to who asks for more: all that makes trust wider or narrower belongs here, and
 * nothing that only helps to find a path.
 */
function trustBesideRoots(config: PartitionedBy): readonly (readonly Uint8Array[])[] {
  const encoder = new TextEncoder();
  return [
    config.publicKeys,
    config.exactCertificates,
    config.pins.map((pin) => encoder.encode(pin)),
    config.revocation === undefined ? [] : [config.revocation.mark],
    config.transparency === undefined ? [] : [config.transparency.mark],
  ];
}

/**
 * Whether another thread, now or later, can come to the same partition: a function of the caller's
 * means nothing to it.
 */
export function isLasting({ dangerousVerify, identity }: ClientConfig): boolean {
  return dangerousVerify === undefined && typeof identity?.mark !== "function";
}

/** Few connections have any, so what it takes is loaded where there are some. */
async function describePsks({ crypto, externalPsks }: PartitionedBy): Promise<readonly Bytes[]> {
  if (externalPsks.length === 0) return [];
  const { describePsk } = await loaded(import("./describe-psk.ts"));
  return Promise.all(externalPsks.map((psk) => describePsk(crypto, psk)));
}

/** The bundled roots are many: their digest is kept as long as they are. */
const trustDigests = new WeakMap<readonly TrustAnchor[], Promise<Bytes>>();

function trustDigest(crypto: CryptoProvider, anchors: readonly TrustAnchor[]): Promise<Bytes> {
  const known = trustDigests.get(anchors);
  if (known !== undefined) return known;
  const digest = crypto.digest("SHA-256", encodeAnchors(anchors));
  trustDigests.set(anchors, digest);
  return digest;
}

function encodeAnchors(anchors: readonly TrustAnchor[]): Bytes {
  return Writer.build((w) => {
    for (const { subject, subjectPublicKeyInfo, nameConstraints, distrustAfter, root } of anchors) {
      w.vector(3, () => w.bytes(subject));
      w.vector(3, () => w.bytes(subjectPublicKeyInfo));
      w.vector(3, () => w.bytes(nameConstraints ?? new Uint8Array(0)));
      w.u64(distrustAfter?.getTime() ?? 0);
      w.vector(3, () => w.bytes(root?.der ?? new Uint8Array(0)));
    }
  });
}
