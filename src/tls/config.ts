/**
 * A connection's settled configuration: options checked, defaults filled in, trust read.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { platformCrypto } from "../crypto/platform.ts";
import type { CryptoProvider } from "../crypto/provider.ts";
import { parseAnchor, type TrustAnchor } from "../x509/anchor.ts";
import { type ServerName, serverNameFrom } from "../x509/names.ts";
import { certificatesFromPem } from "../x509/pem.ts";
import { type CipherSuite, cipherSuites } from "./cipher-suite.ts";
import { GroupMemory } from "./group-memory.ts";
import { type NamedGroup, namedGroup } from "./named-group.ts";
import {
  type CertificateSource,
  checkTlsOptions,
  checkTrustOptions,
  groupNames,
  inRange,
  invalidOption,
  type TlsOptions,
  type TrustOptions,
} from "./options.ts";

/** What can't be cloned, and what only tests set. */
export interface ClientEnvironment {
  /** Default: the platform's WebCrypto, with noble where it lacks an algorithm. */
  crypto?: CryptoProvider;
  /** The present, for certificate validity. Default: `() => new Date()`. */
  now?: () => Date;
  /** Takes each line of an NSS key log (RFC 9850), without a newline. Default: none kept. */
  keyLog?: (line: string) => void;
  /** Shared by connections, so that a server's group is known the second time. Default: none. */
  groupMemory?: GroupMemory;
}

/** Made by {@link resolveConfig}, taken by `ClientConnection`. */
export interface ClientConfig {
  readonly serverName: ServerName;
  readonly anchors: readonly TrustAnchor[];
  /** Most wanted first; those of a version stand for its being offered. */
  readonly suites: readonly CipherSuite[];
  readonly groups: readonly [NamedGroup, ...NamedGroup[]];
  readonly alpn: readonly string[];
  readonly requireExtendedMasterSecret: boolean;
  readonly crypto: CryptoProvider;
  readonly now: () => Date;
  readonly keyLog: ((line: string) => void) | undefined;
  readonly groupMemory: GroupMemory;
}

/**
 * Settles the configuration of one connection; loads the bundled roots where they are wanted.
 * Reading of trust is cached by identity of `trust`.
 *
 * @param hostname the host connected to: what the certificate is checked for unless
 * `options.servername` says otherwise.
 * @throws TlsError `configuration/invalid-option`; `certificate/malformed` for a root that can't be
 * read.
 */
export async function resolveConfig(
  hostname: string,
  options: TlsOptions = {},
  trust: TrustOptions = {},
  environment: ClientEnvironment = {},
): Promise<ClientConfig> {
  checkTlsOptions(options);
  const crypto = environment.crypto ?? platformCrypto;
  const groups = settleGroups(options);
  const suites = settleSuites(options, crypto).filter(
    // TLS 1.2 has no hybrid groups: with nothing else, it can't be offered.
    ({ version }) => version === "TLSv1.3" || groups.some(({ hybrid }) => !hybrid),
  );
  return {
    serverName: serverNameFrom(options.servername ?? hostname),
    anchors: await readTrust(trust),
    suites,
    groups,
    alpn: options.alpn ?? [],
    requireExtendedMasterSecret: options.requireExtendedMasterSecret ?? false,
    crypto,
    now: environment.now ?? (() => new Date()),
    keyLog: environment.keyLog,
    groupMemory: environment.groupMemory ?? new GroupMemory(),
  };
}

function settleGroups({ groups = groupNames }: TlsOptions): ClientConfig["groups"] {
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

const readAnchors = new WeakMap<TrustOptions, Promise<readonly TrustAnchor[]>>();

function readTrust(trust: TrustOptions): Promise<readonly TrustAnchor[]> {
  const cached = readAnchors.get(trust);
  if (cached !== undefined) return cached;
  const anchors = loadAnchors(trust);
  readAnchors.set(trust, anchors);
  return anchors;
}

async function loadAnchors(trust: TrustOptions): Promise<readonly TrustAnchor[]> {
  checkTrustOptions(trust);
  const { roots = "mozilla" } = trust;
  const sources = typeof roots === "string" || roots instanceof Uint8Array ? [roots] : roots;
  const anchors = await Promise.all(sources.map(anchorsOf));
  return anchors.flat();
}

async function anchorsOf(source: "mozilla" | CertificateSource): Promise<readonly TrustAnchor[]> {
  if (source === "mozilla") {
    const { mozillaRoots } = await import("../roots/index.ts");
    return mozillaRoots();
  }
  const certificates: Bytes[] =
    typeof source === "string" ? certificatesFromPem(source) : [source.slice()];
  return certificates.map(parseAnchor);
}
