/**
 * `@reclaimprotocol/tls`: TLS 1.3 with AES-128-GCM by SubtleCrypto, in the page's thread.
 *
 * @module
 */

import { Arrivals } from "./arrivals.ts";
import type { Contestant } from "./contestant.ts";
import { rawWebSocket } from "./raw.ts";

/** By default it writes to the console. */
const silence = { info() {}, debug() {}, trace() {}, warn() {}, error() {} };

export const reclaim: Contestant = {
  name: "@reclaimprotocol/tls",
  verifies: true,
  async open(target) {
    const peer = await import("peer:reclaim");
    peer.setCryptoImplementation(peer.webcryptoCrypto);
    const bridge = await rawWebSocket.open(target);
    const arrivals = new Arrivals();
    const client = peer.makeTLSClient({
      host: target.host,
      verifyServerCertificate: true,
      rootCAs: [peer.loadX509FromPem(target.roots)],
      supportedProtocolVersions: ["TLS1_3"],
      cipherSuites: ["TLS_AES_128_GCM_SHA256"],
      // It makes a key for each curve that it is given.
      namedCurves: ["X25519"],
      logger: silence,
      async write({ header, content }) {
        const record = new Uint8Array(header.length + content.length);
        record.set(header);
        record.set(content, header.length);
        await bridge.write(record);
      },
      onHandshake: () => arrivals.open(),
      onApplicationData: (bytes) => arrivals.add(bytes),
      onTlsEnd: (error) => arrivals.end(error),
    });
    await client.startHandshake();
    arrivals.feed(bridge, (bytes) => client.handleReceivedBytes(bytes));
    await arrivals.opened;
    return {
      read: () => arrivals.read(),
      write: (bytes) => client.write(bytes),
      close: () => bridge.close(),
    };
  },
};
