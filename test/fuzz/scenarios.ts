/**
 * The handshakes that are changed: every way through the protocol has one.
 *
 * @module
 */

import { deflateSync } from "node:zlib";
import type { Bytes } from "../../src/crypto/bytes.ts";
import { platformCrypto } from "../../src/crypto/platform.ts";
import type { CryptoProvider } from "../../src/crypto/provider.ts";
import type { ClientConfig } from "../../src/tls/config.ts";
import { type ClientIdentity, readIdentity } from "../../src/tls/identity/read.ts";
import { extensionType } from "../../src/tls/messages/extension.ts";
import { handshakeType } from "../../src/tls/messages/registry.ts";
import type { TlsOptions } from "../../src/tls/options.ts";
import { type KeyType, purposes } from "../authority.ts";
import { ocspResponse } from "../ocsp.ts";
import { createIdentities, type PeerIdentities } from "../peer/identities.ts";
import {
  alpnAnswer,
  type CertificateFields,
  encodeCertificateStatus,
  encodeCompressedCertificate,
  encodeTimestamps,
} from "../peer/messages.ts";
import type { Peer } from "../peer/peer.ts";
import type { Message, Script } from "../peer/script.ts";
import { type SessionKind, sessionName, sessionSecret, storeOf } from "./sessions.ts";

/** One thing that the server does after the handshake. */
export type Step = (peer: Peer) => Promise<void> | void;

/** A client and a server, as they are before anything is changed. */
export interface Scene {
  readonly config: ClientConfig;
  /** Without `after`, which is for the changes, and of `on` only what is sent instead. */
  readonly script: Omit<Script, "after">;
  /** After the handshake, up to close_notify. */
  readonly steps: readonly Step[];
}

export interface Scenario {
  readonly name: string;
  /** Made anew for each execution. @param crypto what the client draws its secrets from. */
  begin(crypto?: CryptoProvider): Promise<Scene>;
}

const speak: Step = (peer) => peer.data("what the server says, ");
const speakAgain: Step = (peer) => peer.data("and what it says then");
const leave: Step = (peer) => peer.closeNotify();
const askToRenegotiate: Step = (peer) => peer.handshake(handshakeType.hello_request);
const changeKey: Step = (peer) => peer.keyUpdate("not requested");
const changeKeys: Step = (peer) => peer.keyUpdate("requested");
const giveTicket: Step = (peer) => peer.ticket();

interface Plain {
  readonly name: string;
  readonly options?: TlsOptions;
  readonly keyType?: KeyType;
  readonly script?: Omit<Script, "identity">;
  /** Whether the client has a certificate. */
  readonly hasIdentity?: true;
  /** Whether the server's certificate comes with its status. It is that of the usual key type. */
  readonly hasStatus?: true;
  /** What the client has of an earlier connection. */
  readonly session?: SessionKind;
  readonly steps?: readonly Step[];
}

const cookie = new Uint8Array(40).fill(7);

/** What the server's certificate comes with (RFC 8446 §4.4.2.1). */
function withStatus(response: Bytes) {
  const extensions = [
    { type: extensionType.status_request, body: encodeCertificateStatus(response) },
    { type: extensionType.signed_certificate_timestamp, body: encodeTimestamps([cookie]) },
  ];
  return ({ context, entries }: CertificateFields): CertificateFields => ({
    context,
    entries: entries.map((entry) => ({ ...entry, extensions })),
  });
}

/** CompressedCertificate in place of Certificate, by zlib (RFC 8879 §4). */
function compress({ body }: Message): Message[] {
  const compressed = encodeCompressedCertificate(1, body.length, deflateSync(body));
  return [{ type: handshakeType.compressed_certificate, body: compressed }];
}

const plain: readonly Plain[] = [
  { name: "1.3", steps: [giveTicket, speak, changeKey, speakAgain, leave] },
  {
    name: "1.3 HelloRetryRequest, GREASE",
    options: { ech: "grease", grease: true },
    script: { retry: { group: "secp256r1", cookie } },
  },
  {
    name: "1.3 client certificate",
    hasIdentity: true,
    script: { requestCertificate: true },
    steps: [changeKeys, speak, giveTicket, leave],
  },
  {
    name: "1.3 hybrid group, ALPN, packed",
    options: { groups: ["X25519MLKEM768", "x25519"], alpn: ["one", "two"] },
    script: { isPacked: true, encryptedExtensions: (list) => [...list, alpnAnswer("two")] },
  },
  {
    name: "1.3 RSA, ChaCha20",
    keyType: "rsa-2048",
    script: { suite: "TLS_CHACHA20_POLY1305_SHA256" },
  },
  {
    name: "1.3 compressed certificate, stapled response, timestamps",
    options: { signedCertificateTimestamps: true },
    hasStatus: true,
    script: { on: { certificate: { instead: compress } } },
  },
  { name: "1.2", script: { version: "TLSv1.2" }, steps: [speak, askToRenegotiate, leave] },
  {
    name: "1.2 client certificate",
    hasIdentity: true,
    script: { version: "TLSv1.2", requestCertificate: true },
  },
  {
    name: "1.2 client certificate declined",
    script: { version: "TLSv1.2", requestCertificate: true },
  },
  {
    name: "1.2 RSA, ALPN, no extended master secret",
    keyType: "rsa-2048",
    options: { alpn: ["one"] },
    script: {
      version: "TLSv1.2",
      extendedMasterSecret: false,
      suite: "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
      serverHello: (fields) => ({
        ...fields,
        extensions: [...fields.extensions, alpnAnswer("one")],
      }),
    },
  },
];

const ahead = new TextEncoder().encode("what the client says first");
const ticket = { lifetime: 7200, ticket: new Uint8Array(50).fill(9) };
const externalKey = new Uint8Array(32).fill(5);
const known: readonly Plain[] = [
  {
    name: "1.3 resumed",
    session: "TLSv1.3",
    script: { psk: { secret: sessionSecret["TLSv1.3"] } },
    steps: [giveTicket, speak, changeKeys, leave],
  },
  {
    name: "1.3 resumed, HelloRetryRequest",
    session: "TLSv1.3",
    script: { psk: { secret: sessionSecret["TLSv1.3"] }, retry: { group: "secp384r1" } },
  },
  {
    name: "1.3 early data",
    session: "TLSv1.3",
    options: { earlyData: { data: ahead } },
    script: { psk: { secret: sessionSecret["TLSv1.3"], takesEarlyData: true } },
  },
  {
    name: "1.3 early data refused",
    session: "TLSv1.3",
    options: { earlyData: { data: ahead, otherwise: "send" } },
    script: { psk: { secret: sessionSecret["TLSv1.3"] }, skipsEarlyRecords: 1 },
  },
  {
    name: "1.3 external PSK",
    options: { psk: [{ identity: sessionName, key: externalKey }] },
    script: { psk: { secret: externalKey } },
  },
  { name: "1.3 session refused", session: "TLSv1.3" },
  {
    name: "1.2 resumed by id",
    session: "TLSv1.2 by id",
    script: { version: "TLSv1.2", resumes: sessionSecret["TLSv1.2 by id"] },
  },
  {
    name: "1.2 resumed by ticket, another ticket",
    session: "TLSv1.2 by ticket",
    script: {
      version: "TLSv1.2",
      resumes: sessionSecret["TLSv1.2 by ticket"],
      ticket12: ticket,
    },
  },
  {
    name: "1.2 ticket",
    script: { version: "TLSv1.2", ticket12: ticket },
  },
];

const present = new Date();

/** All scenarios, with one authority. Its keys are new each time, but of the same lengths. */
export async function createScenarios(): Promise<readonly [Scenario, ...Scenario[]]> {
  const identities = await createIdentities();
  const issued = await identities.root.issue({
    names: [],
    extendedKeyUsage: [purposes.clientAuth],
  });
  const { chainPem: certificates, privateKey: key } = issued;
  const client = await readIdentity({ certificates, key }, platformCrypto);
  // Once: a replay needs the same signature.
  const status = withStatus(ocspResponse(identities.root, await identities.of()));
  const [first, ...others] = [...plain, ...known].map((scenario) =>
    fromPlain(identities, client, scenario.hasStatus ? { certificate: status } : {}, scenario),
  );
  if (first === undefined) throw new Error("there are no scenarios");
  return [first, ...others];
}

function fromPlain(
  identities: PeerIdentities,
  client: ClientIdentity,
  status: Pick<Script, "certificate">,
  scenario: Plain,
): Scenario {
  const { name, options, keyType, script, hasIdentity, session } = scenario;
  const { steps = [speak, speakAgain, leave] } = scenario;
  return {
    name,
    async begin(crypto) {
      const server = await identities.of(keyType);
      const environment = {
        crypto,
        // The age of a ticket is part of the ClientHello, which replays have to make again.
        now: () => present,
        sessions: storeOf(session, server, present),
        ...(hasIdentity ? { identity: client } : {}),
      };
      const config = await identities.config(options, environment);
      return { config, script: { ...status, ...script, identity: server }, steps };
    },
  };
}
