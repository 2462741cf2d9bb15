/**
 * Who may sign an OCSP response (RFC 6960 §4.2.2.2): the issuer of the certificate, or a responder
 * whose certificate that issuer has made for this.
 *
 * @module
 */

import { type Bytes, equalPublic } from "../../crypto/bytes.ts";
import type { CryptoProvider } from "../../crypto/provider.ts";
import { TlsError } from "../../errors.ts";
import { type Certificate, parseCertificate } from "../certificate.ts";
import { describeName } from "../describe-name.ts";
import { type PathEffort, signatureCost } from "../path.ts";
import { parsePublicKey } from "../public-key.ts";
import { parseSignatureAlgorithm, verifySignature } from "../signature.ts";
import { isSameName } from "../subject-index.ts";
import { isNamed, type Named } from "./certificate-id.ts";
import { asUnreliable, unreliable } from "./errors.ts";
import type { BasicOcspResponse } from "./response.ts";

/** id-kp-OCSPSigning (RFC 6960 §4.2.2.2). */
const ocspSigning = "1.3.6.1.5.5.7.3.9";

/**
 * id-pkix-ocsp-nocheck (RFC 6960 §4.2.2.2.1): nobody is to ask whether the responder is revoked.
 * Nobody is asked here, CRLs of the caller's neither, so it changes nothing, be it critical or not.
 */
const noCheck = "1.3.6.1.5.5.7.48.1.5";

/** What the signature is verified with. */
export interface SignatureCheck {
  readonly crypto: CryptoProvider;
  readonly now: Date;
  readonly effort: Pick<PathEffort, "spend">;
}

/**
 * Checks that a response is signed by the issuer or in its name.
 *
 * @throws TlsError `certificate/bad-status-response`; `certificate/budget-exceeded`; what the
 * signature itself can't be read by.
 */
export async function checkSigner(
  basic: BasicOcspResponse,
  issuer: Named,
  check: SignatureCheck,
): Promise<void> {
  const { crypto } = check;
  if (await isNamed(crypto, basic.responder, issuer)) {
    if (await isSignedBy(basic, issuer.subjectPublicKeyInfo, check)) return;
  }
  const { delegates, unreadable } = await readDelegates(basic, issuer, check);
  const unfit: TlsError[] = [];
  for (const delegate of delegates) {
    // A responder's certificates are of one name: old ones may stand before the one that has signed.
    try {
      await checkDelegate(delegate, issuer, check);
      if (await isSignedBy(basic, delegate.subjectPublicKeyInfo, check)) return;
    } catch (error) {
      unfit.push(faultOf(error));
    }
  }
  const [fault] = [...unfit, ...unreadable];
  if (fault !== undefined) throw fault;
  throw unreliable(
    `it is not signed by ${describeName(issuer.subject)}, which issued the server's certificate, ` +
      "nor by a responder that it brings a certificate of",
  );
}

/** The certificates of who is named as the signer. Others' need not be readable. */
async function readDelegates(
  { certificates, responder }: BasicOcspResponse,
  issuer: Named,
  { crypto, effort }: SignatureCheck,
): Promise<{ delegates: readonly Certificate[]; unreadable: readonly TlsError[] }> {
  effort.spend("candidates", certificates.length);
  const delegates: Certificate[] = [];
  const unreadable: TlsError[] = [];
  for (const der of certificates) {
    try {
      const certificate = parseCertificate(der);
      // The issuer's own certificate may be among them, and has been tried.
      const isIssuer = hasKeyOf(certificate, issuer);
      if (!isIssuer && (await isNamed(crypto, responder, certificate))) delegates.push(certificate);
    } catch (error) {
      unreadable.push(faultOf(error));
    }
  }
  return { delegates, unreadable };
}

/**
 * Why one certificate is of no use, where another may be.
 *
 * @throws what is no fault of a certificate, such as that the budget is spent.
 */
function faultOf(error: unknown): TlsError {
  const fault = asUnreliable(error);
  if (fault instanceof TlsError && fault.code === "certificate/bad-status-response") return fault;
  throw error;
}

/** @throws TlsError `certificate/bad-status-response` for who may not answer for the issuer. */
async function checkDelegate(
  delegate: Certificate,
  issuer: Named,
  check: SignatureCheck,
): Promise<void> {
  const who = `its responder ${describeName(delegate.subject)}`;
  // Before anything it says is believed.
  const isIssued =
    (await isSameName(delegate.issuer, issuer.subject)) &&
    (await isSignedBy(delegate, issuer.subjectPublicKeyInfo, check));
  if (!isIssued) {
    throw unreliable(
      `${who} was not appointed by ${describeName(issuer.subject)}, which issued the server's ` +
        "certificate",
    );
  }
  const second = Math.floor(check.now.getTime() / 1000) * 1000;
  if (second < delegate.notBefore.getTime() || second > delegate.notAfter.getTime()) {
    throw unreliable(
      `${who} has a certificate for ${delegate.notBefore.toISOString()} to ` +
        `${delegate.notAfter.toISOString()}, and the clock says ${check.now.toISOString()}`,
    );
  }
  if (!delegate.extendedKeyUsage?.includes(ocspSigning)) {
    throw unreliable(`${who} may not sign such responses (extended key usage lacks OCSPSigning)`);
  }
  if (delegate.keyUsage?.digitalSignature === false) {
    throw unreliable(`${who} may not sign (key usage lacks digitalSignature)`);
  }
  // RFC 6960 §4.2.2.2 does not forbid it. But an authority that got this purpose by mistake could
  // answer for others, as has happened on the Web.
  if (delegate.basicConstraints?.ca) {
    throw unreliable(`${who} is itself an authority (basicConstraints says CA)`);
  }
  const unknown = delegate.unknownCritical.filter((oid) => oid !== noCheck);
  if (unknown.length > 0) {
    throw unreliable(`${who} has unknown critical extensions (${unknown.join(", ")})`);
  }
}

function hasKeyOf(certificate: Named, { subjectPublicKeyInfo }: Named): boolean {
  return equalPublic(certificate.subjectPublicKeyInfo, subjectPublicKeyInfo);
}

/** What a signature is made over, and how. */
type Signed = Pick<BasicOcspResponse, "signed" | "signatureAlgorithm" | "signature">;

async function isSignedBy(
  { signed, signatureAlgorithm, signature }: Signed,
  subjectPublicKeyInfo: Bytes,
  { crypto, effort }: SignatureCheck,
): Promise<boolean> {
  const algorithm = parseSignatureAlgorithm(signatureAlgorithm);
  const key = parsePublicKey(subjectPublicKeyInfo);
  effort.spend("signatures", signatureCost(key));
  return verifySignature(crypto, algorithm, key, signature, signed);
}
