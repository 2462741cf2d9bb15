/**
 * Reads identities: certificates and keys as they are used, each key found to be that of its
 * certificate.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import type { CryptoProvider, PublicKey } from "../../crypto/provider.ts";
import { TlsError } from "../../errors.ts";
import { type Certificate, parseCertificate } from "../../x509/certificate.ts";
import { certificatesFromPem, publicKeyFromPem } from "../../x509/pem.ts";
import { parsePublicKey } from "../../x509/public-key.ts";
import { certificateType } from "../messages/certificate-type.ts";
import { Writer } from "../messages/writer.ts";
import type { CertificateTypeName } from "../server-options.ts";
import type { SignatureScheme } from "../signature-scheme.ts";
import {
  checkIdentityOption,
  type Identities,
  type Identity,
  type IdentityRequest,
  type IdentitySelector,
  listOf,
} from "./identity.ts";
import { readSigner, type Signer } from "./signer.ts";

/** An identity that has been read and can be used. */
export interface UsableIdentity {
  readonly certificateType: CertificateTypeName;
  /** The client's own first, each in DER; of a raw public key, its SubjectPublicKeyInfo alone. */
  readonly certificates: readonly Bytes[];
  readonly publicKey: PublicKey;
  /** What it signs by, most wanted first; never empty. */
  readonly schemes: readonly SignatureScheme[];
  /** DER of the names that have issued its certificates, where the server has to name one. */
  readonly requiredAuthorities: readonly Bytes[] | undefined;
  /** @returns the signature as it goes on the wire. */
  sign(scheme: SignatureScheme, content: Bytes): Promise<Bytes>;
}

/** Where a client's identities come from. */
export interface IdentitySource {
  /** What it has to show, most wanted first; never empty. */
  readonly certificateTypes: readonly CertificateTypeName[];
  /**
   * What tells its sessions from those of others: a digest of all that it may show, or the function
   * that chooses.
   */
  readonly mark: Bytes | IdentitySelector;
  /**
   * The identities that may be used, most wanted first; none declines.
   *
   * @throws TlsError `identity/…`.
   */
  select(request: IdentityRequest): Promise<readonly UsableIdentity[]>;
}

/**
 * Reads the option `identity`. A fixed identity is read now, so that mistakes show whether or not a
 * server asks; one that a selector gives, when it is given.
 *
 * @throws TlsError `configuration/invalid-option`, `configuration/unsupported-platform`,
 * `identity/bad-certificate`, `identity/bad-key`, `identity/encrypted-key`,
 * `identity/key-mismatch`, `identity/signing-failed`.
 */
export async function readSource(
  option: Identities | IdentitySelector,
  crypto: CryptoProvider,
): Promise<IdentitySource> {
  if (typeof option === "function") {
    const select = (request: IdentityRequest) => ask(option, request, crypto);
    return { certificateTypes: ["X509"], mark: option, select };
  }
  checkIdentityOption(option);
  const identities = await readAll(option, crypto);
  const certificateTypes = [...new Set(identities.map((one) => one.certificateType))];
  const mark = await crypto.digest("SHA-256", encodeIdentities(identities));
  return { certificateTypes, mark, select: async () => identities };
}

/** What servers are shown by these identities. */
function encodeIdentities(identities: readonly UsableIdentity[]): Bytes {
  return Writer.build((w) => {
    for (const { certificateType: type, certificates } of identities) {
      w.u8(certificateType[type]);
      w.vector(3, () => {
        for (const certificate of certificates) w.vector(3, () => w.bytes(certificate));
      });
    }
  });
}

function readAll(option: Identities, crypto: CryptoProvider): Promise<UsableIdentity[]> {
  return Promise.all(listOf(option).map((identity) => readOne(identity, crypto)));
}

async function ask(
  selector: IdentitySelector,
  request: IdentityRequest,
  crypto: CryptoProvider,
): Promise<UsableIdentity[]> {
  try {
    const selected = await selector(request);
    if (selected === undefined) return [];
    if (typeof selected === "function") throw new TypeError("It returned a function.");
    checkIdentityOption(selected);
    return await readAll(selected, crypto);
  } catch (cause) {
    if (cause instanceof TlsError && cause.code !== "configuration/invalid-option") throw cause;
    throw new TlsError(
      "identity/selection-failed",
      "The function given as identity failed, or returned something that is no identity. The cause says what; to go on without a certificate, return undefined.",
      { cause },
    );
  }
}

async function readOne(identity: Identity, crypto: CryptoProvider): Promise<UsableIdentity> {
  const presented =
    "certificates" in identity ? readChain(identity) : readRawPublicKey(identity.publicKey);
  const signer: Signer = await readSigner(identity, presented.publicKey, crypto);
  return { ...presented, ...signer };
}

type Presented = Omit<UsableIdentity, keyof Signer>;

function readChain(identity: Extract<Identity, { certificates: unknown }>): Presented {
  const { certificates: given, onlyForItsAuthorities = false } = identity;
  return orBadCertificate(() => {
    const certificates: Bytes[] =
      typeof given === "string"
        ? certificatesFromPem(given)
        : given.map((der) => new Uint8Array(der));
    // Those above the client's own are for the server to judge.
    const [leaf = new Uint8Array(0)] = certificates;
    const publicKey = parsePublicKey(parseCertificate(leaf).subjectPublicKeyInfo);
    const issuer = ({ issuer }: Certificate) => issuer;
    const requiredAuthorities = onlyForItsAuthorities
      ? certificates.map(parseCertificate).map(issuer)
      : undefined;
    return { certificateType: "X509", certificates, publicKey, requiredAuthorities };
  });
}

function readRawPublicKey(given: string | Uint8Array): Presented {
  return orBadCertificate(() => {
    const spki = typeof given === "string" ? publicKeyFromPem(given) : new Uint8Array(given);
    return {
      certificateType: "RawPublicKey",
      certificates: [spki],
      publicKey: parsePublicKey(spki),
      requiredAuthorities: undefined,
    };
  });
}

/** The codes under `certificate/` are for servers' certificates, and have alerts of their own. */
function orBadCertificate(read: () => Presented): Presented {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof TlsError)) throw cause;
    throw new TlsError(
      "identity/bad-certificate",
      `The client's own certificate or public key can't be used. ${cause.message}`,
      { cause },
    );
  }
}
