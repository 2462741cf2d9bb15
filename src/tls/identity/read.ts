/**
 * Who the client is to servers that ask: the choice of an identity and of a signature scheme.
 *
 * @module
 */

import { type Bytes, equalPublic } from "../../crypto/bytes.ts";
import type { CryptoProvider } from "../../crypto/provider.ts";
import { TlsError } from "../../errors.ts";
import { readableName } from "../../x509/distinguished-name.ts";
import type { ServerName } from "../../x509/names.ts";
import { type CertificateRequest, keyType, keyTypeName } from "../messages/certificate-request.ts";
import { hex } from "../messages/registry.ts";
import type { ProtocolVersionName } from "../options.ts";
import type { CertificateTypeName } from "../server-options.ts";
import { type SignatureScheme, schemeFits, signatureSchemes } from "../signature-scheme.ts";
import type { Identities, IdentityRequest, IdentitySelector } from "./identity.ts";
import { type IdentitySource, readSource, type UsableIdentity } from "./source.ts";

/** How a client answers those who ask who it is. */
export interface ClientIdentity extends Pick<IdentitySource, "certificateTypes" | "mark"> {
  /**
   * Chooses the first identity that the server's request allows, with the first of its schemes that
   * the server takes. Where a function chooses and gives none, undefined declines.
   *
   * @throws TlsError `identity/not-usable` where there are identities and none fits: going on
   * without one would be another thing than the caller asked for. BoringSSL does the same, rustls
   * declines. Also what reading an identity throws, and `identity/selection-failed`.
   */
  choose(asked: Asked, serverName: ServerName): Promise<Choice | undefined>;
}

/** What was asked for, and how the connection is. */
export interface Asked {
  readonly version: ProtocolVersionName;
  readonly certificateType: CertificateTypeName;
  readonly request: CertificateRequest;
}

/** An identity, and how it signs. */
export interface Choice {
  readonly identity: UsableIdentity;
  readonly scheme: SignatureScheme;
}

/**
 * Reads the option `identity`.
 *
 * @throws TlsError what {@link readSource} does.
 */
export async function readIdentity(
  option: Identities | IdentitySelector,
  crypto: CryptoProvider,
): Promise<ClientIdentity> {
  const { certificateTypes, mark, select } = await readSource(option, crypto);
  return {
    certificateTypes,
    mark,
    choose: async (asked, serverName) =>
      firstThatFits(await select(requestOf(asked, serverName)), asked),
  };
}

function firstThatFits(identities: readonly UsableIdentity[], asked: Asked): Choice | undefined {
  const reasons: string[] = [];
  for (const identity of identities) {
    const found = match(identity, asked);
    if (typeof found !== "string") return found;
    reasons.push(found);
  }
  if (reasons.length === 0) return undefined;
  throw new TlsError(
    "identity/not-usable",
    `The server asks for a client certificate, and none that was given fits: ${[...new Set(reasons)].join("; ")}.`,
  );
}

/** @returns a clause that says why not, where it does not fit. */
function match(
  identity: UsableIdentity,
  { version, certificateType, request }: Asked,
): Choice | string {
  const { publicKey, schemes, requiredAuthorities } = identity;
  if (identity.certificateType !== certificateType) {
    return `it wants the type ${certificateType}, not ${identity.certificateType}`;
  }
  const type = publicKey.kind.startsWith("rsa") ? keyType.rsa_sign : keyType.ecdsa_sign;
  if (request.keyTypes !== undefined && !request.keyTypes.includes(type)) {
    return `it takes no ${publicKey.kind} key, only ${listed(request.keyTypes.map(keyTypeName))}`;
  }
  if (requiredAuthorities !== undefined && request.authorities.length > 0) {
    const isNamed = (issuer: Bytes) =>
      request.authorities.some((name) => equalPublic(name, issuer));
    if (!requiredAuthorities.some(isNamed)) {
      return "it names no authority that has issued the certificate";
    }
  }
  const scheme = schemes.find(
    (one) => request.schemes.includes(one.number) && schemeFits(one, publicKey, version),
  );
  if (scheme !== undefined) return { identity, scheme };
  const wanted = listed(request.schemes.map(schemeName));
  const can = listed(schemes.map(({ name }) => name));
  return `it takes signatures in ${version} by ${wanted}, and the key signs by ${can}`;
}

/** For a message: a server may name thousands. */
function listed(names: readonly string[]): string {
  return names.slice(0, 20).join(", ") + (names.length > 20 ? ", …" : "");
}

function requestOf(
  { version, certificateType, request }: Asked,
  serverName: ServerName,
): IdentityRequest {
  const { authorities, schemes, certificateSchemes, keyTypes } = request;
  return {
    version,
    servername: serverName.kind === "dns" ? serverName.name : serverName.text,
    certificateType,
    authorities: authorities.map((name) => ({ der: name.slice(), text: readableName(name) })),
    signatureSchemes: schemes.map(schemeName),
    ...(certificateSchemes && { certificateSignatureSchemes: certificateSchemes.map(schemeName) }),
    ...(keyTypes && { keyTypes: keyTypes.map(keyTypeName) }),
  };
}

function schemeName(number: number): string {
  return signatureSchemes.find((scheme) => scheme.number === number)?.name ?? hex(number);
}
