/**
 * A connection's settled configuration: options checked, defaults filled in.
 *
 * @module
 */

import { platformCrypto } from "../crypto/platform.ts";
import type { CryptoProvider } from "../crypto/provider.ts";
import { invalidOption } from "../errors.ts";
import type { IssuerFinder } from "../x509/issuer-lookup.ts";
import { type ServerName, serverNameFrom } from "../x509/names.ts";
import { type CipherSuite, cipherSuites } from "./cipher-suite.ts";
import { FirstShares } from "./client/first-shares.ts";
import { type CertificateDecompressor, decompressorsFor } from "./compression/decompressor.ts";
import type { EchOptions } from "./ech-options.ts";
import { GroupMemory } from "./group-memory.ts";
import type { ClientIdentity } from "./identity/read.ts";
import { maxFragment } from "./limits.ts";
import { type NamedGroup, namedGroup } from "./named-group.ts";
import { defaultGroupNames, inRange, type TlsOptions } from "./options.ts";
import type { DangerousVerify } from "./presented.ts";
import type { EarlyDataOption, ExternalPsk } from "./psk-options.ts";
import type { RecordOptions } from "./record-options.ts";
import type { CertificateTypeName } from "./server-options.ts";
import { usualSignatureSchemeNames } from "./server-options.ts";
import type { SessionStore } from "./session/store.ts";
import { type SignatureScheme, signatureScheme } from "./signature-scheme.ts";
import type { Trace } from "./trace.ts";
import type { Trust } from "./trust.ts";

/** What can't be cloned, and what only tests set. */
export interface ClientEnvironment {
  /** Default: the platform's WebCrypto, with noble where it lacks an algorithm. */
  crypto?: CryptoProvider | undefined;
  /** The present, for certificate validity. Default: `() => new Date()`. */
  now?: (() => Date) | undefined;
  /** Takes each line of an NSS key log (RFC 9850), without a newline. Default: none kept. */
  keyLog?: ((line: string) => void) | undefined;
  /** Told each step of the protocol. Default: none is made. */
  trace?: Trace | undefined;
  /**
   * Decides on the server instead of the path validation: with it, any server may be taken for the
   * one that is meant. Default: none.
   */
  dangerousVerify?: DangerousVerify | undefined;
  /**
   * Further algorithms that the server may compress its certificate by, most wanted first and before
   * those of `certificateCompression`. Default: none.
   */
  certificateDecompressors?: readonly CertificateDecompressor[] | undefined;
  /** Who the client is, as `readIdentity` reads it. Default: nobody; requests are declined. */
  identity?: ClientIdentity | undefined;
  /** Asked for certificates of authorities that a server does not present. Default: nobody is. */
  findIssuers?: IssuerFinder | undefined;
  /** Shared by connections, so that a server's group is known the second time. Default: none. */
  groupMemory?: GroupMemory | undefined;
  /**
   * Where sessions are kept, for the next connection to the same server to resume one: it is faster,
   * and neither side's certificate is asked for again. So nor are the functions given as
   * `dangerousVerify` and `identity`: a session is good for connections with the same ones only,
   * without a call of them. Default: none is kept.
   */
  sessions?: SessionStore | undefined;
  /**
   * Tells servers of one name apart, e.g. by their port: sessions are for one label only. Default:
   * the hostname.
   */
  sessionLabel?: string | undefined;
}

/** Of a configuration, what the keys of a first ClientHello depend on; and these. */
export interface KeyExchange {
  readonly serverName: ServerName;
  readonly groups: readonly [NamedGroup, ...NamedGroup[]];
  /** The groups to bring keys of at once, where the caller has chosen them. */
  readonly keyShares: readonly NamedGroup[] | undefined;
  readonly crypto: CryptoProvider;
  readonly groupMemory: GroupMemory;
  /** These keys, each for one handshake. */
  readonly firstShares: FirstShares;
}

/** Made by {@link resolveConfig}, taken by `ClientConnection`. */
export interface ClientConfig extends Trust, KeyExchange {
  /** What the server may show, most wanted first. */
  readonly serverCertificateTypes: readonly CertificateTypeName[];
  readonly dangerousVerify: DangerousVerify | undefined;
  readonly findIssuers: IssuerFinder | undefined;
  /** Most wanted first; those of a version stand for its being offered. */
  readonly suites: readonly CipherSuite[];
  readonly signatureSchemes: readonly SignatureScheme[];
  readonly alpn: readonly string[];
  /** How the server may compress its certificate, most wanted first. */
  readonly decompressors: readonly CertificateDecompressor[];
  readonly ocspStapling: boolean | "required";
  readonly signedCertificateTimestamps: boolean;
  readonly requireExtendedMasterSecret: boolean;
  readonly grease: boolean;
  /** The record options, each with its value. */
  readonly records: Readonly<Required<RecordOptions>>;
  readonly identity: ClientIdentity | undefined;
  /** What the client has to show where it is asked who it is, most wanted first. */
  readonly clientCertificateTypes: readonly CertificateTypeName[];
  readonly ech: EchOptions["ech"] | undefined;
  readonly echOtherwise: EchOptions["echOtherwise"] | undefined;
  readonly externalPsks: readonly ExternalPsk[];
  /** Whether only a PSK may authenticate the server. */
  readonly pskOnly: boolean;
  readonly earlyData: EarlyDataOption | undefined;
  readonly now: () => Date;
  readonly keyLog: ((line: string) => void) | undefined;
  readonly trace: Trace | undefined;
  readonly sessions: SessionStore | undefined;
  readonly sessionLabel: string;
}

/**
 * Settles what the first keys depend on, by options that were checked. They can be made before it is
 * known whom to trust.
 *
 * @param hostname as for {@link resolveConfig}.
 * @throws TlsError `configuration/invalid-option`.
 */
export function settleKeyExchange(
  hostname: string,
  options: TlsOptions,
  environment: ClientEnvironment = {},
): KeyExchange {
  const settled = {
    serverName: serverNameFrom(options.servername ?? hostname),
    crypto: environment.crypto ?? platformCrypto,
    groups: settleGroups(options),
    keyShares: options.keyShares?.map(namedGroup),
    groupMemory: environment.groupMemory ?? new GroupMemory(),
  };
  return { ...settled, firstShares: new FirstShares(settled) };
}

/**
 * Settles the configuration of one connection, by options that were checked.
 *
 * @param hostname the host connected to: what the certificate is checked for unless
 * `options.servername` says otherwise.
 * @param trust whom to trust, as `readTrust` reads it; `nobody` where `dangerousVerify` decides.
 * @param keyExchange what was settled before by the same options.
 * @throws TlsError `configuration/invalid-option`.
 */
export function resolveConfig(
  hostname: string,
  options: TlsOptions,
  trust: Trust,
  environment: ClientEnvironment = {},
  keyExchange = settleKeyExchange(hostname, options, environment),
): ClientConfig {
  const { crypto, groups } = keyExchange;
  const schemes = (options.signatureSchemes ?? usualSignatureSchemeNames).map(signatureScheme);
  // TLS 1.2 has no hybrid groups: with nothing else, it can't be offered.
  const has12 = groups.some(({ kem }) => kem === undefined);
  const suites = settleSuites(options, crypto).filter(
    ({ version }) => version === "TLSv1.3" || has12,
  );
  if (options.ech !== undefined && suites.every(({ version }) => version === "TLSv1.2")) {
    throw invalidOption("ech", "none without TLS 1.3");
  }
  if (options.ocspStapling === "required" && trust.anchors.length === 0) {
    throw invalidOption("ocspStapling", "true or false without roots, to which issuers lead");
  }
  return {
    ...keyExchange,
    ...trust,
    serverCertificateTypes: settleServerCertificateTypes(options, trust, environment),
    dangerousVerify: environment.dangerousVerify,
    findIssuers: environment.findIssuers,
    suites,
    signatureSchemes: schemes,
    alpn: options.alpn ?? [],
    decompressors: settleDecompressors(options, environment),
    ocspStapling: options.ocspStapling ?? true,
    signedCertificateTimestamps:
      options.signedCertificateTimestamps ?? trust.transparency !== undefined,
    requireExtendedMasterSecret: options.requireExtendedMasterSecret ?? false,
    grease: options.grease ?? false,
    records: settleRecords(options, suites),
    identity: environment.identity,
    clientCertificateTypes: options.clientCertificateTypes ??
      environment.identity?.certificateTypes ?? ["X509"],
    ech: options.ech,
    echOtherwise: options.echOtherwise,
    externalPsks: options.psk ?? [],
    pskOnly: options.pskOnly ?? false,
    earlyData: options.earlyData,
    now: environment.now ?? (() => new Date()),
    keyLog: environment.keyLog,
    trace: environment.trace,
    sessions: environment.sessions,
    sessionLabel: environment.sessionLabel ?? hostname,
  };
}

function settleRecords(options: TlsOptions, suites: readonly CipherSuite[]) {
  // TLS 1.3 counts the type of the content, which TLS 1.2 does not have there (RFC 8449 §4).
  const hasType = suites.some(({ version }) => version === "TLSv1.3");
  const most = hasType ? maxFragment + 1 : maxFragment;
  return {
    maxFragmentSize: options.maxFragmentSize ?? maxFragment,
    recordSizeLimit: Math.min(options.recordSizeLimit ?? most, most),
    recordPadding: options.recordPadding ?? 1,
  };
}

function settleServerCertificateTypes(
  { serverCertificateTypes: wanted }: TlsOptions,
  { anchors, exactCertificates, publicKeys }: Trust,
  { dangerousVerify }: ClientEnvironment,
): readonly CertificateTypeName[] {
  if (dangerousVerify !== undefined) return wanted ?? ["X509"];
  const trusted: CertificateTypeName[] = [];
  if (publicKeys.length > 0) trusted.push("RawPublicKey");
  // Where nobody is trusted, it may be said in vain: a PSK does without.
  if (anchors.length + exactCertificates.length > 0 || publicKeys.length === 0) {
    trusted.push("X509");
  }
  if (wanted === undefined || wanted.every((type) => trusted.includes(type))) {
    return wanted ?? trusted;
  }
  throw invalidOption(
    "serverCertificateTypes",
    `types that can be verified (${trusted.join(", ")}), or roots or publicKeys for the others`,
  );
}

function settleDecompressors(
  { certificateCompression }: TlsOptions,
  { certificateDecompressors = [] }: ClientEnvironment,
): CertificateDecompressor[] {
  const own = new Set(certificateDecompressors.map(({ algorithm }) => algorithm));
  const others = decompressorsFor(certificateCompression);
  return [...certificateDecompressors, ...others.filter(({ algorithm }) => !own.has(algorithm))];
}

function settleGroups({ groups = defaultGroupNames }: TlsOptions): ClientConfig["groups"] {
  const [first, ...others] = groups.map(namedGroup);
  if (first === undefined) throw invalidOption("groups", "a list with an entry");
  return [first, ...others];
}

function settleSuites(options: TlsOptions, crypto: CryptoProvider): CipherSuite[] {
  const { cipherSuites: wanted, minVersion, maxVersion } = options;
  const allowed = cipherSuites.filter(({ version }) => inRange(version, minVersion, maxVersion));
  if (wanted !== undefined) {
    return wanted.flatMap((name) => allowed.filter((suite) => suite.name === name));
  }
  if (crypto.hasPlatformAes) return allowed;
  // AES in JavaScript is slow and its tables leak timing: ChaCha20-Poly1305 comes first.
  const isChaCha = ({ aead }: CipherSuite) => aead === "ChaCha20-Poly1305";
  return [...allowed.filter(isChaCha), ...allowed.filter((suite) => !isChaCha(suite))];
}
