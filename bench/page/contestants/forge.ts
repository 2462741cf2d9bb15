/**
 * node-forge's tls: TLS 1.1 at best, with RSA key exchange, AES-128-CBC and HMAC-SHA1, all of it in
 * JavaScript and in the page's thread.
 *
 * @module
 */

import type { Certificate } from "peer:node-forge";
import { Arrivals } from "./arrivals.ts";
import type { Contestant } from "./contestant.ts";
import { rawWebSocket } from "./raw.ts";

export const forge: Contestant = {
  name: "node-forge",
  verifies: true,
  async open(target) {
    const { tls } = await import("peer:node-forge");
    const bridge = await rawWebSocket.open(target);
    const arrivals = new Arrivals();
    let sent = Promise.resolve();
    const connection = tls.createConnection({
      server: false,
      virtualHost: target.host,
      caStore: [target.roots],
      cipherSuites: [tls.CipherSuites.TLS_RSA_WITH_AES_128_CBC_SHA],
      // It looks at no names itself.
      verify: (_connection, verified, depth, chain) =>
        verified === true && depth === 0 ? isFor(target.host, chain[0]) : verified,
      connected: () => arrivals.open(),
      tlsDataReady({ tlsData }) {
        sent = bridge.write(bytesOf(tlsData.getBytes()));
      },
      dataReady: ({ data }) => arrivals.add(bytesOf(data.getBytes())),
      closed: () => arrivals.end(),
      error: (_connection, { message }) => arrivals.end(new Error(message)),
    });
    connection.handshake();
    arrivals.feed(bridge, (bytes) => connection.process(textOf(bytes)));
    await arrivals.opened;
    return {
      read: () => arrivals.read(),
      async write(bytes) {
        connection.prepare(textOf(bytes));
        await sent;
      },
      async close() {
        connection.close();
        await bridge.close();
      },
    };
  },
};

function isFor(host: string, certificate: Certificate | undefined): boolean {
  const names = certificate?.getExtension("subjectAltName")?.altNames ?? [];
  return names.some(({ value }) => value === host);
}

/** A character for each byte. */
function textOf(bytes: Uint8Array): string {
  const step = 8192;
  let text = "";
  for (let at = 0; at < bytes.length; at += step) {
    text += String.fromCharCode(...bytes.subarray(at, at + step));
  }
  return text;
}

function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
