/**
 * What must hold of a path that was accepted, as others read its certificates: OpenSSL, by Node, and
 * `pkijs`.
 *
 * @module
 */

import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import * as pkijs from "pkijs";
import { type Bytes, equalPublic } from "../../../src/crypto/bytes.ts";
import type { Certificate } from "../../../src/x509/certificate.ts";
import { nameKey } from "../../../src/x509/name-match.ts";
import { commonName, oid } from "../../der-writer.ts";
import { Finding } from "../campaign.ts";
import { derOf, type Element, spotsOf, treeOf } from "./der-tree.ts";
import { fieldsOf } from "./issue.ts";

export interface Accepted {
  /** Leaf first, each in DER. */
  readonly certificates: readonly Bytes[];
  readonly hostname: string;
  readonly now: Date;
}

interface Read {
  readonly openssl: X509Certificate;
  readonly extensions: readonly pkijs.Extension[];
  readonly isSelfIssued: boolean;
}

const serverAuth = "1.3.6.1.5.5.7.3.1";

/** Critical extensions that are understood. */
const understood = new Set([
  ...["2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.30", "2.5.29.32", "2.5.29.37"],
]);

/** @throws Finding where others see that the path does not hold. */
export function checkAccepted({ certificates, hostname, now }: Accepted): void {
  const path = certificates.map(read);
  for (const [index, one] of path.entries()) {
    const who = index === 0 ? "the leaf" : `intermediate ${index}`;
    checkAny(one, who, now);
    if (index === 0) checkLeaf(one, hostname);
    else checkAuthority(one, who, path.slice(1, index));
  }
}

/** @throws Finding where OpenSSL reads something else of a certificate that was read. */
export function checkRead(certificate: Certificate): void {
  let other: Read;
  try {
    other = read(certificate.der);
  } catch {
    // Keys and what is in extensions are read when they are needed.
    return;
  }
  const { notBefore, notAfter, basicConstraints } = certificate;
  const { openssl } = other;
  demand(isTime(openssl.validFrom, notBefore), "OpenSSL reads another notBefore");
  demand(isTime(openssl.validTo, notAfter), "OpenSSL reads another notAfter");
  const isAuthority = extensionOf(other, "2.5.29.19")?.cA === true;
  demand(isAuthority === (basicConstraints?.ca ?? false), "pkijs reads another basicConstraints");
  const names = extensionOf(other, subjectAltName)?.altNames ?? [];
  const ours = certificate.subjectAltName?.filter(({ form }) => comparedForms.has(form)) ?? [];
  demand(names.length === ours.length, "pkijs reads other alternative names");
}

/** @param text as OpenSSL writes it; years without a leading digit mean another one to `Date`. */
function isTime(text: string, time: Date): boolean {
  return time.getUTCFullYear() < 1000 || new Date(text).getTime() === time.getTime();
}

function checkAny({ openssl, extensions }: Read, who: string, now: Date): void {
  const { validFrom, validTo, keyUsage } = openssl;
  demand(new Date(validFrom) <= now && now <= new Date(validTo), `${who} is out of date`);
  demand(keyUsage === undefined || keyUsage.includes(serverAuth), `${who} is for something else`);
  const types = extensions.map(({ extnID }) => extnID);
  demand(new Set(types).size === types.length, `${who} has an extension twice`);
  for (const { critical, extnID } of extensions) {
    demand(!critical || understood.has(extnID), `${who} has the critical extension ${extnID}`);
  }
}

function checkLeaf(leaf: Read, hostname: string): void {
  const { openssl } = leaf;
  const isNamed =
    isIP(hostname) === 0
      ? openssl.checkHost(hostname, { subject: "never" })
      : openssl.checkIP(hostname);
  demand(isNamed !== undefined, "the leaf is not for this server");
  demand(!openssl.ca, "the leaf is an authority's");
  demand(mayUse(leaf, usage.digitalSignature), "the leaf's key may not sign");
}

function checkAuthority(authority: Read, who: string, below: readonly Read[]): void {
  const constraints = extensionOf(authority, "2.5.29.19");
  demand(constraints?.cA === true, `${who} is no authority's`);
  demand(mayUse(authority, usage.keyCertSign), `${who} may not sign certificates`);
  const counted = below.filter(({ isSelfIssued }) => !isSelfIssued).length;
  const { pathLenConstraint: most = counted } = constraints ?? {};
  // pkijs has large ones as INTEGERs.
  const allowed = typeof most === "number" ? most : most.toBigInt();
  demand(counted <= allowed, `${who} allows no path of ${counted}`);
}

/** Masks of the first octet (RFC 5280 §4.2.1.3). */
const usage = { digitalSignature: 0x80, keyCertSign: 0x04 } as const;

function mayUse(certificate: Read, mask: number): boolean {
  const bits = extensionOf(certificate, "2.5.29.15");
  if (bits === undefined) return true;
  const [octets = 0] = new Uint8Array(bits.valueBlock.valueHexView);
  return (octets & mask) !== 0;
}

function extensionOf({ extensions }: Read, oid: string) {
  return extensions.find(({ extnID }) => extnID === oid)?.parsedValue;
}

const [placeholder = { identifier: new Uint8Array(), lead: new Uint8Array(), content: [] }] =
  treeOf(commonName("x"));

/** Forms of names whose content matters (RFC 5280 §4.2.1.6): email, DNS, URI and IP. */
const compared = new Set([0x81, 0x82, 0x86, 0x87]);

const comparedForms = new Set(["email", "dns", "uri", "ip"]);

const subjectAltName = "2.5.29.17";
const typeOfSubjectAltName = oid(subjectAltName);

/** Leaves out of subject alternative names the forms that are not looked into. */
function leaveOutNames({ content: extension }: Element): void {
  if (!Array.isArray(extension)) return;
  const [type, ...others] = extension;
  const names = others.at(-1)?.content;
  if (type === undefined || !Array.isArray(names)) return;
  if (!equalPublic(derOf([type]), typeOfSubjectAltName)) return;
  const [list] = names;
  if (!Array.isArray(list?.content)) return;
  list.content = list.content.filter(({ identifier: [tag = 0] }) => compared.has(tag));
}

/** Without names that are not looked into: what is in them may be anything. */
function read(der: Bytes): Read {
  const tree = treeOf(der);
  const fields = fieldsOf(tree) ?? [];
  const [issuer = placeholder] = fields.splice(3, 1, placeholder);
  const [subject = placeholder] = fields.splice(5, 1, placeholder);
  // Whatever way they are written in.
  const isSelfIssued = nameKey(derOf([issuer])) === nameKey(derOf([subject]));
  for (const { element } of spotsOf(tree)) leaveOutNames(element);
  const nameless = derOf(tree);
  try {
    const { extensions = [] } = pkijs.Certificate.fromBER(nameless);
    return { openssl: new X509Certificate(nameless), extensions, isSelfIssued };
  } catch (cause) {
    throw new Finding("a certificate was accepted that others can't read", cause);
  }
}

function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Finding(otherwise);
}
