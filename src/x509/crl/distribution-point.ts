/**
 * Which certificates a CRL is about: its issuing distribution point (RFC 5280 §5.2.5), held against
 * the distribution points that a certificate names (§4.2.1.13).
 *
 * @module
 */

import { equalPublic } from "../../crypto/bytes.ts";
import type { Certificate } from "../certificate.ts";
import { constructed, type DerReader, primitive, readDer, tag } from "../der.ts";
import { type GeneralName, readGeneralName } from "../general-name.ts";
import { nameKey } from "../name-match.ts";
import { unusable } from "./unusable.ts";

/** What a CRL is about, of what its issuer has issued. Without members: all of it. */
export interface CrlScope {
  /** Names of the distribution point: about the certificates that name it too. */
  readonly names?: readonly GeneralName[];
  /** Only certificates that are no authorities', or only those that are. */
  readonly only?: "users" | "authorities";
}

/**
 * IssuingDistributionPoint (RFC 5280 §5.2.5).
 *
 * @param what names the CRL in errors.
 * @throws TlsError `certificate/bad-crl` for a CRL that is about other issuers' certificates, about
 * some reasons only, or about attribute certificates.
 */
export const readScope =
  (what: string) =>
  (reader: DerReader): CrlScope =>
    reader.inside(tag.sequence, (point) => {
      if (point.next === undefined)
        throw point.malformed("its issuing distribution point is empty");
      const names = point.optional(constructed(0), readPointName);
      const users = readFlag(point, 1);
      const authorities = readFlag(point, 2);
      if (point.next === primitive(3)) {
        throw unusable(what, "it is about some reasons only (onlySomeReasons)");
      }
      if (readFlag(point, 4)) throw unusable(what, "it is an indirect CRL");
      if (readFlag(point, 5)) throw unusable(what, "it is about attribute certificates only");
      if (users && authorities) throw point.malformed("it is for two kinds of certificates only");
      return {
        ...(names === undefined ? {} : { names }),
        ...(users ? { only: "users" } : authorities ? { only: "authorities" } : {}),
      };
    });

/** BOOLEAN DEFAULT FALSE. */
function readFlag(reader: DerReader, number: number): boolean {
  if (reader.next !== primitive(number)) return false;
  // X.690 §11.5: a value that is the default is left out.
  if (!reader.boolean(primitive(number))) throw reader.malformed("a default is written out");
  return true;
}

/** Whether a CRL of the certificate's issuer is about it (RFC 5280 §6.3.3 (b) (2)). */
export function isAbout({ names, only }: CrlScope, certificate: Certificate): boolean {
  const isAuthority = certificate.basicConstraints?.ca === true;
  if (only !== undefined && isAuthority !== (only === "authorities")) return false;
  return names === undefined || pointsOf(certificate).some((a) => names.some((b) => isSame(a, b)));
}

/** The names of the distribution points where all about the certificate is told. */
function pointsOf({ crlDistributionPoints, issuer }: Certificate): readonly GeneralName[] {
  // RFC 5280 §6.3.3: without such an extension, the issuer's name stands for it.
  if (crlDistributionPoints === undefined) return [{ form: "directory", name: issuer }];
  return readDer(crlDistributionPoints, "a certificate's CRL distribution points", (reader) =>
    reader.list((list) => list.inside(tag.sequence, readPoint)).flat(),
  );
}

/**
 * DistributionPoint (RFC 5280 §4.2.1.13). One with reasons tells about those only, and one with an
 * issuer of its own is for indirect CRLs: neither counts.
 */
function readPoint(point: DerReader): readonly GeneralName[] {
  const names = point.optional(constructed(0), readPointName) ?? [];
  const isPartial = point.next !== undefined;
  if (point.next === primitive(1)) point.content(primitive(1));
  if (point.next === constructed(2)) point.content(constructed(2));
  return isPartial ? [] : names;
}

/**
 * DistributionPointName. What is relative to the issuer's name is in no use, and matches nothing
 * here: the status is then unknown.
 */
function readPointName(reader: DerReader): readonly GeneralName[] {
  if (reader.next === constructed(0)) return reader.list(readGeneralName, constructed(0));
  reader.content(constructed(1));
  return [];
}

function isSame(a: GeneralName, b: GeneralName): boolean {
  if (a.form !== b.form) return false;
  if ("text" in a) return "text" in b && a.text === b.text;
  if ("bytes" in a) return "bytes" in b && equalPublic(a.bytes, b.bytes);
  if ("name" in a) return "name" in b && nameKey(a.name) === nameKey(b.name);
  return "content" in b && equalPublic(a.content, b.content);
}
