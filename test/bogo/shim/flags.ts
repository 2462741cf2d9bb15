/**
 * The runner's flags. All that are not listed here, and all that ask for something that webtls does
 * not have, are answered with "not implemented".
 *
 * @module
 */

/** The runner wants something that webtls does not have. */
export class Unimplemented extends Error {}

/** Flags without a value. */
const switches = [
  "check-close-notify",
  "cnsa1-202603",
  "cnsa2-202603",
  "enable-ech-grease",
  "enable-early-data",
  "enable-grease",
  "enable-ocsp-stapling",
  "enable-signed-cert-timestamps",
  "expect-accept-early-data",
  "expect-ech-accept",
  "expect-extended-master-secret",
  "expect-hrr",
  "expect-no-ech-name-override",
  "expect-no-ech-retry-configs",
  "expect-no-hrr",
  "expect-no-offer-early-data",
  "expect-no-peer-cert",
  "expect-no-session",
  "expect-reject-early-data",
  "expect-session-miss",
  "expect-ticket-renewal",
  "export-traffic-secrets",
  "fail-cert-callback",
  "fail-ocsp-callback",
  "fips-202205",
  "install-cert-compression-algs",
  "key-update",
  "key-update-before-read",
  "no-key-shares",
  "no-ticket",
  "no-tls12",
  "no-tls13",
  "shim-shuts-down",
  "shim-writes-first",
  "read-with-unfinished-write",
  "reject-unusable-ech-config",
  "tls-unique",
  "use-custom-verify-callback",
  "use-export-context",
  "use-exporter-between-reads",
  "use-ocsp-callback",
  "use-old-client-cert-callback",
  "verify-fail",
  "verify-peer",
  "wpa-202304",
] as const;

/** Flags with a value. Those that may come more than once make a list. */
const values = [
  "accepted-peer-cert-types",
  "advertise-alpn",
  "available-client-cert-types",
  "cipher",
  "curves",
  "early-write-after-message",
  "ech-config-list",
  "expect-alpn",
  "expect-certificate-types",
  "expect-cipher",
  "expect-cipher-aes",
  "expect-client-ca-list",
  "expect-curve-id",
  "expect-early-data-reason",
  "expect-ech-name-override",
  "expect-ech-retry-configs",
  "expect-msg-callback",
  "expect-ocsp-response",
  "expect-peer-cert-file",
  "expect-peer-certificate-type",
  "expect-peer-rpk-sha256",
  "expect-peer-signature-algorithm",
  "expect-selected-credential",
  "expect-signed-cert-timestamps",
  "expect-version",
  "export-context",
  "export-keying-material",
  "export-label",
  "host-name",
  "key-shares",
  "max-send-fragment",
  "max-version",
  "min-version",
  "repeat-shim-initial-write",
  "resumption-delay",
  "server-supported-groups-hint",
  "shim-initial-write",
  "verify-prefs",
] as const;

/** Flags that ask for what webtls does anyway, or whose effect shows elsewhere. */
const switchesMet: readonly string[] = [
  // All of the API is asynchronous.
  "async",
  "implicit-handshake",
  "no-op-extra-handshake",
  "partial-write",
  // Extensions are always permuted.
  "permute-extensions",
  // Told by the handshake's success or failure.
  "expect-verify-result",
  // Whoever does not know the renegotiation_info of RFC 5746 is still talked to, but never
  // renegotiated with; there is nothing to tell them apart by.
  "expect-secure-renegotiation",
  // Sessions are opaque; that early data is offered shows on the next connection.
  "expect-ticket-supports-early-data",
  // HelloRequests are ignored or refused without any option.
  "renegotiate-ignore",
  // Of a server.
  "require-any-client-certificate",
  // TLS 1.1 and 1.0 are never offered.
  "no-tls1",
  "no-tls11",
];

const valuesMet: readonly string[] = [
  // The runner expects its certificates to be taken, whoever issued them.
  "trust-cert",
  // The order of what is offered is told by -verify-prefs.
  "expect-peer-verify-pref",
  // The other half of -expect-cipher-aes, for machines without AES in hardware.
  "expect-cipher-no-aes",
];

/** What only a server adds to its certificate; a client must not. */
const credentialValuesMet: readonly string[] = ["ocsp-response", "signed-cert-timestamps"];

/** Flags that begin a credential; those of {@link credentialFlags} that follow belong to it. */
const credentialKinds = {
  "new-x509-credential": "x509",
  "new-rpk-credential": "rpk",
  "new-psk-credential": "psk",
} as const;

const credentialSwitches = [
  "must-match-issuer",
  "psk-importer-sha256",
  "psk-importer-sha384",
] as const;
const credentialValues = [
  "cert-file",
  "key-file",
  "signing-prefs",
  "psk-importer-context",
  "psk-importer-identity",
  "psk-importer-key",
] as const;

export type Switch = (typeof switches)[number];
export type Value = (typeof values)[number];
export type CredentialSwitch = (typeof credentialSwitches)[number];
export type CredentialValue = (typeof credentialValues)[number];

/** Flags with their values; of a switch there is none. */
class Settings<SwitchName extends string, ValueName extends string> {
  readonly #given = new Map<string, string[]>();

  set(name: string, value?: string): void {
    const list = this.#given.get(name) ?? [];
    if (value !== undefined) list.push(value);
    this.#given.set(name, list);
  }

  has(name: SwitchName | ValueName): boolean {
    return this.#given.has(name);
  }

  /** All that was given, as one text. */
  get description(): string {
    return JSON.stringify([...this.#given]);
  }

  /** The last value given. */
  text(name: ValueName): string | undefined {
    return this.#given.get(name)?.at(-1);
  }

  number(name: ValueName): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : toNumber(name, text);
  }

  /** A value in base64. */
  bytes(name: ValueName): Uint8Array<ArrayBuffer> | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : new Uint8Array(Buffer.from(text, "base64"));
  }

  numbers(name: ValueName): number[] | undefined {
    return this.#given.get(name)?.map((text) => toNumber(name, text));
  }
}

/** A credential that the client can use. */
export class Credential extends Settings<CredentialSwitch, CredentialValue> {
  readonly kind: "x509" | "rpk" | "psk";

  constructor(kind: Credential["kind"]) {
    super();
    this.kind = kind;
  }
}

/** The flags of one connection. */
export class ConnectionFlags extends Settings<Switch, Value> {
  /** The one that the older flags set, without beginning it: number -1. */
  readonly defaultCredential = new Credential("x509");
  /** The others, by number. */
  readonly credentials: Credential[] = [];

  /** Tells apart what different credentials are made of. */
  get credentialKey(): string {
    const isWatched = this.has("expect-selected-credential");
    const all = [this.defaultCredential, ...this.credentials];
    return JSON.stringify([isWatched, ...all.map(({ kind, description }) => [kind, description])]);
  }
}

/** Everything the command line says. */
export interface Invocation {
  port: number;
  shimId: bigint;
  ipv6: boolean;
  /** How many connections follow on the first. */
  resumeCount: number;
  initial: ConnectionFlags;
  resume: ConnectionFlags;
  /** Of a connection whose early data was rejected, from then on. */
  retry: ConnectionFlags;
}

/** @throws Unimplemented at a flag that is not known. */
export function parseFlags(args: readonly string[]): Invocation {
  const initial = new ConnectionFlags();
  const resume = new ConnectionFlags();
  const retry = new ConnectionFlags();
  const common = new Map<string, string>();
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [, prefix, name = ""] = /^-(?:on-(initial|resume|retry)-)?(.+)$/.exec(arg) ?? [];
    const value = () => {
      const next = rest.shift();
      if (next === undefined) throw new Error(`-${name} lacks its value`);
      return next;
    };
    if (isOneOf(["port", "shim-id", "resume-count"], name)) {
      common.set(name, value());
    } else if (name === "ipv6") {
      common.set(name, "");
    } else {
      const apply = setterFor(name, value);
      if (prefix === undefined || prefix === "initial") apply(initial);
      if (prefix === undefined || prefix === "resume") apply(resume);
      if (prefix === undefined || prefix === "retry") apply(retry);
    }
  }
  return {
    port: toNumber("port", common.get("port") ?? ""),
    shimId: BigInt(common.get("shim-id") ?? ""),
    ipv6: common.has("ipv6"),
    resumeCount: toNumber("resume-count", common.get("resume-count") ?? "0"),
    initial,
    resume,
    retry,
  };
}

/** What a flag does to the flags of a connection. */
function setterFor(name: string, take: () => string): (flags: ConnectionFlags) => void {
  if (isOneOf(switches, name)) return (flags) => flags.set(name);
  if (isOneOf(values, name)) {
    const value = take();
    return (flags) => flags.set(name, value);
  }
  if (isOneOf(credentialSwitches, name)) return (flags) => lastCredential(flags).set(name);
  if (isOneOf(credentialValues, name)) {
    const value = take();
    return (flags) => lastCredential(flags).set(name, value);
  }
  if (isOneOf(Object.keys(credentialKinds), name)) {
    const kind = credentialKinds[name as keyof typeof credentialKinds];
    return (flags) => flags.credentials.push(new Credential(kind));
  }
  if (isOneOf([...valuesMet, ...credentialValuesMet], name)) take();
  else if (!isOneOf(switchesMet, name)) throw new Unimplemented(`-${name}`);
  return () => {};
}

function lastCredential(flags: ConnectionFlags): Credential {
  return flags.credentials.at(-1) ?? flags.defaultCredential;
}

function isOneOf(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

function toNumber(name: string, text: string): number {
  if (!/^-?\d+$/.test(text)) throw new Error(`-${name} is no number: ${text}`);
  return Number(text);
}
