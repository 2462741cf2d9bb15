/**
 * What is said of a path beside it: CRLs and stapled OCSP responses, and what must hold where it was
 * believed.
 *
 * @module
 */

import * as pkijs from "pkijs";
import { type Bytes, toHex } from "../../../src/crypto/bytes.ts";
import type { CryptoProvider } from "../../../src/crypto/provider.ts";
import { TlsError } from "../../../src/errors.ts";
import { notRevokedByCrls } from "../../../src/x509/crl/condition.ts";
import { parseCrl } from "../../../src/x509/crl/crl.ts";
import { verifyOcspResponse } from "../../../src/x509/ocsp/verify.ts";
import { issuerOf, type PathCondition, type VerifiedPath } from "../../../src/x509/path.ts";
import { crlOf, revokedEntry } from "../../crls.ts";
import { certStatus, ocspResponse } from "../../ocsp.ts";
import { Finding } from "../campaign.ts";
import { type Element, treeOf } from "./der-tree.ts";
import { fieldsOf, type Ledger, type Link, now, signedPartOf } from "./issue.ts";
import type { ed25519Signer } from "./signers.ts";

/** Each signed by an issuer of the path. */
export interface Evidence {
  /** They have to say of every certificate that it is not revoked. Empty: nobody asks. */
  readonly crls: readonly Link[];
  /** It has to say that the leaf is good. */
  readonly ocsp?: Link;
}

type Issuer = ReturnType<typeof ed25519Signer>;

const past = new Date(now.getTime() - 60 * 60 * 1000);
const future = new Date(now.getTime() + 60 * 60 * 1000);

/** A CRL. @param serials of what is revoked. */
export function crlBy(issuer: Issuer, { der }: Link, serials: readonly Bytes[]): Link {
  const authority = { certificate: der, keys: issuer.keys };
  const revoked = serials.map((serial) => revokedEntry(serial, past));
  return { der: crlOf(authority, { thisUpdate: past, nextUpdate: future, revoked }), issuer };
}

/** An OCSP response about a certificate. */
export function ocspBy(issuer: Issuer, above: Link, leaf: Link, status: "good" | "revoked"): Link {
  const authority = { certificate: above.der, keys: issuer.keys };
  const answer = {
    status: status === "good" ? certStatus.good : certStatus.revoked(past),
    thisUpdate: past,
    nextUpdate: future,
  };
  const pieces = { answers: [answer], producedAt: past };
  return { der: ocspResponse(authority, { certificate: leaf.der }, pieces), issuer };
}

/** @throws TlsError `certificate/bad-crl`. */
export function conditionsOf({ crls, ocsp }: Evidence, crypto: CryptoProvider): PathCondition[] {
  const conditions: PathCondition[] = [];
  if (crls.length > 0) {
    const policy = { depth: "chain", allowsUnknownStatus: false } as const;
    const parsed = crls.map(({ der }) => parseCrl(der));
    conditions.push(notRevokedByCrls({ ...policy, crls: parsed }, { now, crypto }));
  }
  if (ocsp !== undefined) {
    conditions.push(async (path, effort) => {
      const [leaf] = path.certificates;
      const check = { now, crypto, effort };
      const { status } = await verifyOcspResponse(ocsp.der, leaf, issuerOf(path, 0), check);
      if (status !== "good") throw new TlsError("certificate/status-missing", `It is ${status}.`);
    });
  }
  return conditions;
}

/**
 * Whatever they say: those that are believed were signed by an issuer of the path, to the byte, and
 * say what they said then.
 *
 * @param issuerKeys of the path's certificates, each a SubjectPublicKeyInfo in DER.
 * @param original before anything was changed.
 * @throws Finding
 */
export function checkEvidence(
  { certificates }: Pick<VerifiedPath, "certificates">,
  issuerKeys: readonly Bytes[],
  { crls, ocsp }: Evidence,
  original: Evidence,
  ledger: Ledger,
): void {
  for (const [index, key] of issuerKeys.entries()) {
    if (crls.length === 0) break;
    const signed = crls.filter(({ der }) => ledger.has(key, signedPartOf(der)));
    if (signed.length === 0) throw new Finding(`no CRL is about certificate ${index}`);
    const serial = serialOf(certificates[index] ?? new Uint8Array());
    if (signed.some((crl) => original.crls.includes(crl) && serialsOf(crl.der).includes(serial))) {
      throw new Finding(`certificate ${index} is revoked`);
    }
  }
  if (ocsp === undefined) return;
  const [key = new Uint8Array()] = issuerKeys;
  if (!ledger.has(key, signedPartOf(basicResponseIn(ocsp.der)))) {
    throw new Finding("the OCSP response was not signed by the issuer");
  }
}

function serialOf(certificate: Bytes): string {
  const content = fieldsOf(treeOf(certificate))?.[1]?.content;
  return content instanceof Uint8Array ? toHex(content) : "";
}

/** Of the certificates that a CRL lists. */
function serialsOf(crl: Bytes): string[] {
  const { revokedCertificates = [] } = pkijs.CertificateRevocationList.fromBER(crl);
  return revokedCertificates.map(({ userCertificate }) =>
    toHex(new Uint8Array(userCertificate.valueBlock.valueHexView)),
  );
}

/** The answer within an OCSPResponse (RFC 6960 §4.2.1), as it stands there. */
export function basicResponseIn(response: Bytes): Bytes {
  const bytes = pkijs.OCSPResponse.fromBER(response).responseBytes?.response.valueBlock;
  return new Uint8Array(bytes?.valueHexView ?? []);
}

/** What of a tree is signed: of an OCSP response, the answer within. */
export function signedTree(tree: readonly Element[]): readonly Element[] {
  const response = tree[0]?.content;
  if (!Array.isArray(response) || response[0]?.identifier[0] !== 0x0a) return tree;
  let inner: Element | undefined = response[1];
  for (const index of [0, 1]) {
    if (!Array.isArray(inner?.content)) return [];
    inner = inner.content[index];
  }
  return Array.isArray(inner?.content) ? inner.content : [];
}
