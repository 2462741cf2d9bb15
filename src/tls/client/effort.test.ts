/** How often a handshake asks for cryptography: what costs it processor time, and nothing else does so much. */

import { expect, test } from "vitest";
import { connectToPeer } from "../../../test/peer/connect.ts";
import { createIdentities } from "../../../test/peer/identities.ts";
import { madeUpSession13, remember } from "../../../test/peer/sessions.ts";
import { platformCrypto } from "../../crypto/platform.ts";
import type { CryptoProvider } from "../../crypto/provider.ts";
import { MemorySessionStore } from "../session/memory.ts";

const identities = await createIdentities();
const identity = await identities.of();

/** The platform's cryptography, counting what is asked of it. */
function counting() {
  const counts = { digest: 0, importHmac: 0, hmac: 0, importAead: 0, verify: 0, generate: 0 };
  const crypto: CryptoProvider = {
    ...platformCrypto,
    digest(...args) {
      counts.digest++;
      return platformCrypto.digest(...args);
    },
    async importHmacKey(...args) {
      counts.importHmac++;
      const key = await platformCrypto.importHmacKey(...args);
      return {
        sign(data) {
          counts.hmac++;
          return key.sign(data);
        },
        verify(mac, data) {
          counts.hmac++;
          return key.verify(mac, data);
        },
      };
    },
    importAeadKey(...args) {
      counts.importAead++;
      return platformCrypto.importAeadKey(...args);
    },
    verifySignature(...args) {
      counts.verify++;
      return platformCrypto.verifySignature(...args);
    },
    generateDhKeyPair(...args) {
      counts.generate++;
      return platformCrypto.generateDhKeyPair(...args);
    },
  };
  return { counts, crypto };
}

test("a full handshake, and the next one with the same server", async () => {
  const { counts, crypto } = counting();
  const connect = async () => {
    for (const name of Object.keys(counts)) counts[name as keyof typeof counts] = 0;
    const config = await identities.config({}, { crypto });
    const { info } = await connectToPeer(config, { identity }).outcome();
    expect(info?.handshake).toBe("full");
    return { ...counts };
  };
  const usual = { importHmac: 9, hmac: 20, importAead: 4, generate: 1 };
  // What is the same in all connections: the schedule without a PSK, and the hash of nothing.
  expect(await connect()).toEqual({ ...usual, digest: 5, importHmac: 12, hmac: 22, verify: 2 });
  expect(await connect()).toEqual({ ...usual, digest: 4, verify: 1 });
});

test("a resumed handshake", async () => {
  const { counts, crypto } = counting();
  const config = await identities.config({}, { crypto, sessions: new MemorySessionStore() });
  const session = madeUpSession13(identity);
  await remember(config, session);
  for (const name of Object.keys(counts)) counts[name as keyof typeof counts] = 0;
  const script = { identity, psk: { secret: session.secret } };
  const { info } = await connectToPeer(config, script).outcome();
  expect(info?.handshake).toBe("resumed");
  expect(counts).toEqual({
    digest: 7,
    importHmac: 14,
    hmac: 26,
    importAead: 4,
    verify: 0,
    generate: 1,
  });
});
