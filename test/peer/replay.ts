/**
 * A connection recorded once, to be given to fresh clients in any pieces. They draw the same random
 * bytes and keys as the first one, so what the server sent to it is right for each of them.
 *
 * @module
 */

import { type Bytes, concat } from "../../src/crypto/bytes.ts";
import { platformCrypto } from "../../src/crypto/platform.ts";
import type { CryptoProvider, DhKeyPair, KemKeyPair } from "../../src/crypto/provider.ts";
import { TlsError } from "../../src/errors.ts";
import type { ClientConfig } from "../../src/tls/config.ts";
import { ClientConnection } from "../../src/tls/connection.ts";
import { connectToPeer } from "./connect.ts";
import type { PeerIdentities } from "./identities.ts";
import type { Script } from "./script.ts";

/** What became of one client. */
export interface ReplayOutcome {
  /** What was negotiated, or the code of the failure. */
  readonly handshake: string;
  /** `"closed"`, or the code of the failure. */
  readonly end: string;
  readonly delivered: Bytes;
  /** All that the client sent, to the byte. */
  readonly sent: Bytes;
}

export interface Recording {
  /** All that the server sent. */
  readonly bytes: Bytes;
  /** Gives a fresh client the chunks, then the end of the transport. */
  replay(chunks: readonly Bytes[], isPaced?: boolean): Promise<ReplayOutcome>;
}

/** Runs a script once and records what the server sends. */
export function recordPeer(identities: PeerIdentities, script: Script): Promise<Recording> {
  return recordConnection((crypto) => identities.config({}, { crypto }), script);
}

/** {@link recordPeer} with a client of any configuration, made anew for each replay. */
export async function recordConnection(
  configure: (crypto: CryptoProvider) => Promise<ClientConfig>,
  script: Script,
): Promise<Recording> {
  const drawn = new DrawnOnce();
  const connection = connectToPeer(await configure(drawn.provider()), script);
  await connection.outcome();
  return {
    bytes: concat(...connection.sent.toClient),
    async replay(chunks, isPaced = false) {
      const config = await configure(drawn.provider());
      const sent: Bytes[] = [];
      const delivered: Bytes[] = [];
      const client = new ClientConnection(config, {
        send: (records) => void sent.push(...records),
        deliver: (list) => void delivered.push(...list),
      });
      const opened = client.handshake();
      for (const chunk of chunks) {
        const pushed = client.push(chunk);
        if (isPaced) await pushed;
      }
      void client.pushEnd();
      const handshake = await opened.then(
        ({ version, cipherSuite }) => version + cipherSuite,
        codeOf,
      );
      const end = await client.closed.then(() => "closed", codeOf);
      return { handshake, end, delivered: concat(...delivered), sent: concat(...sent) };
    },
  };
}

function codeOf(error: unknown): string {
  if (error instanceof TlsError) return error.code;
  throw error;
}

/** Random bytes and key pairs that are drawn anew once, and then come in the same order again. */
class DrawnOnce {
  readonly #bytes: Bytes[] = [];
  readonly #pairs: DhKeyPair[] = [];
  readonly #kemPairs: KemKeyPair[] = [];

  /** A provider that begins with the first drawing. */
  provider(): CryptoProvider {
    let bytesTaken = 0;
    let pairsTaken = 0;
    let kemPairsTaken = 0;
    return {
      ...platformCrypto,
      randomBytes: (length) => {
        const index = bytesTaken++;
        this.#bytes[index] ??= platformCrypto.randomBytes(length);
        return this.#bytes[index];
      },
      generateDhKeyPair: async (group) => {
        const index = pairsTaken++;
        this.#pairs[index] ??= await platformCrypto.generateDhKeyPair(group);
        return this.#pairs[index];
      },
      generateMlKemKeyPair: async (parameters) => {
        const index = kemPairsTaken++;
        this.#kemPairs[index] ??= await platformCrypto.generateMlKemKeyPair(parameters);
        return this.#kemPairs[index];
      },
    };
  }
}
