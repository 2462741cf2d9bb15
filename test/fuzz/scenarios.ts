/**
 * The handshakes that are changed: every way through the protocol has one.
 *
 * @module
 */

import { platformCrypto } from "../../src/crypto/platform.ts";
import type { CryptoProvider } from "../../src/crypto/provider.ts";
import type { ClientConfig } from "../../src/tls/config.ts";
import { type ClientIdentity, readIdentity } from "../../src/tls/identity/read.ts";
import { handshakeType } from "../../src/tls/messages/registry.ts";
import type { TlsOptions } from "../../src/tls/options.ts";
import { type KeyType, purposes } from "../authority.ts";
import { createIdentities, type PeerIdentities } from "../peer/identities.ts";
import { alpnAnswer } from "../peer/messages.ts";
import type { Peer } from "../peer/peer.ts";
import type { Script } from "../peer/script.ts";

/** One thing that the server does after the handshake. */
export type Step = (peer: Peer) => Promise<void> | void;

/** A client and a server, as they are before anything is changed. */
export interface Scene {
  readonly config: ClientConfig;
  /** Without `on` and `after`, which are for the changes. */
  readonly script: Omit<Script, "on" | "after">;
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
  readonly steps?: readonly Step[];
}

const cookie = new Uint8Array(40).fill(7);

const plain: readonly Plain[] = [
  { name: "1.3", steps: [giveTicket, speak, changeKey, speakAgain, leave] },
  {
    name: "1.3 HelloRetryRequest",
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

/** All scenarios, with one authority. Its keys are new each time, but of the same lengths. */
export async function createScenarios(): Promise<readonly [Scenario, ...Scenario[]]> {
  const identities = await createIdentities();
  const issued = await identities.root.issue({
    names: [],
    extendedKeyUsage: [purposes.clientAuth],
  });
  const { chainPem: certificates, privateKey: key } = issued;
  const client = await readIdentity({ certificates, key }, platformCrypto);
  const [first, ...others] = plain.map((scenario) => fromPlain(identities, client, scenario));
  if (first === undefined) throw new Error("there are no scenarios");
  return [first, ...others];
}

function fromPlain(identities: PeerIdentities, client: ClientIdentity, scenario: Plain): Scenario {
  const { name, options, keyType, script, hasIdentity } = scenario;
  const { steps = [speak, speakAgain, leave] } = scenario;
  return {
    name,
    begin: async (crypto) => ({
      config: await identities.config(options, {
        crypto,
        ...(hasIdentity ? { identity: client } : {}),
      }),
      script: { ...script, identity: await identities.of(keyType) },
      steps,
    }),
  };
}
