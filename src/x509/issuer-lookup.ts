/**
 * Issuers that are neither presented nor at hand, asked of the caller.
 *
 * @module
 */

import { type Bytes, equalPublic } from "../crypto/bytes.ts";
import { invalidOption, TlsError } from "../errors.ts";
import { type Certificate, parseCertificate, parseReadable } from "./certificate.ts";
import { readDer, tag } from "./der.ts";
import { readGeneralName } from "./general-name.ts";
import type { FailedTrial } from "./trial.ts";

/** A certificate whose issuer is wanted. */
export interface WantedIssuer {
  /** The certificate, in DER. */
  readonly certificate: Uint8Array;
  /** The name of its issuer: DER of a Name. */
  readonly issuer: Uint8Array;
  /**
   * Where the certificate says that its issuer's can be had, by http or https (RFC 5280 §4.2.2.1).
   * The server has chosen these addresses: do not fetch what only you can reach.
   */
  readonly urls: readonly string[];
}

/**
 * Finds certificates, each in DER, of those who may have issued one. An empty list for none. What
 * it finds is trusted no more than what a server presents.
 */
export type IssuerFinder = (
  wanted: WantedIssuer,
) => readonly Uint8Array[] | Promise<readonly Uint8Array[]>;

/** What one search for a path may ask for. */
export const lookupLimits = {
  /** Calls. */
  calls: 4,
  /** Certificates that a call may return. */
  certificates: 16,
} as const;

/** The lookups of one search. */
export class IssuerLookup {
  readonly #find: IssuerFinder;
  readonly #asked: Certificate[] = [];
  /** Why nothing more is asked, or what was found can't be read. */
  failure: unknown;

  constructor(find: IssuerFinder) {
    this.#find = find;
  }

  /**
   * Asks for the issuer of one of the certificates at which a search has ended.
   *
   * @param failed how it has ended.
   * @returns what was found, if anything; undefined where there is nothing more to ask.
   */
  async next(failed: readonly FailedTrial[]): Promise<readonly Certificate[] | undefined> {
    if (this.failure !== undefined || this.#asked.length === lookupLimits.calls) return undefined;
    const wanted = endsOf(failed).find(
      ({ der }) => !this.#asked.some((one) => equalPublic(one.der, der)),
    );
    if (wanted === undefined) return undefined;
    this.#asked.push(wanted);
    try {
      return readFound(await this.#find(wantedOf(wanted)));
    } catch (error) {
      this.failure = error;
      return [];
    }
  }
}

/**
 * The certificates whose issuers would help: first those that nobody leads on from, then those with
 * issuers of the right name that would not do.
 */
function endsOf(failed: readonly FailedTrial[]): Certificate[] {
  const deadEnds = failed.filter(({ failure }) => failure === undefined);
  const refused = failed.filter(
    ({ trial, failure }) => failure !== undefined && trial.anchor === undefined,
  );
  return [
    ...deadEnds.map(({ trial: { certificates } }) => {
      const last = certificates.at(-1);
      // What ends at a root that is not trusted may have another issuer of the same name.
      return last !== undefined && isSelfIssued(last.der) ? certificates.at(-2) : last;
    }),
    ...refused.map(({ trial: { certificates } }) => certificates.at(-2)),
  ].flatMap((end) => (end === undefined ? [] : [parseCertificate(end.der)]));
}

function isSelfIssued(der: Bytes): boolean {
  const { subject, issuer } = parseCertificate(der);
  return equalPublic(subject, issuer);
}

function wantedOf({ der, issuer, authorityInfoAccess }: Certificate): WantedIssuer {
  const urls = authorityInfoAccess === undefined ? [] : issuerUrls(authorityInfoAccess);
  // Copies, since the caller may do with them as it likes.
  return { certificate: der.slice(), issuer: issuer.slice(), urls };
}

/** id-ad-caIssuers (RFC 5280 §4.2.2.1). */
const caIssuers = "1.3.6.1.5.5.7.48.2";

/** AuthorityInfoAccessSyntax (RFC 5280 §4.2.2.1); what can't be read has no addresses. */
function issuerUrls(authorityInfoAccess: Bytes): string[] {
  try {
    const descriptions = readDer(authorityInfoAccess, "authority information access", (reader) =>
      reader.list((list) =>
        list.inside(tag.sequence, (description) => ({
          method: description.oid(),
          location: readGeneralName(description),
        })),
      ),
    );
    return descriptions.flatMap(({ method, location }) =>
      method === caIssuers && location.form === "uri" && isWebAddress(location.text)
        ? [location.text]
        : [],
    );
  } catch (error) {
    if (error instanceof TlsError) return [];
    throw error;
  }
}

function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

/** What the caller's function has found may be anything. */
function readFound(found: unknown): Certificate[] {
  const isDer = (item: unknown) => item instanceof Uint8Array;
  const { certificates: most } = lookupLimits;
  if (!Array.isArray(found) || found.length > most || !found.every(isDer)) {
    throw invalidOption(
      "findIssuers",
      `a function that returns at most ${most} certificates in DER`,
    );
  }
  return parseReadable(found.map((der: Uint8Array) => Uint8Array.from(der)));
}
