/**
 * libcurl.js: curl with mbedTLS in WebAssembly, over Wisp. It takes no roots but those built in.
 *
 * @module
 */

import { nextTurn } from "../../../src/bridge/turn.ts";
import { Arrivals } from "./arrivals.ts";
import { replaceCertificate } from "./built-in-roots.ts";
import type { Contestant } from "./contestant.ts";

/** What it is given to send beyond a record, it drops; its records are a little under 16 KiB. */
const recordSize = 15 * 1024;
/** Records that wait in the page before sending does. */
const maxWaiting = 64;

let loaded: Promise<void> | undefined;

export const libcurlJs: Contestant = {
  name: "libcurl.js",
  verifies: true,
  async open({ url, host, port, roots }) {
    const { libcurl } = await import("peer:libcurl");
    loaded ??= load(roots);
    await loaded;
    libcurl.set_websocket(url);
    const arrivals = new Arrivals();
    const socket = new libcurl.TLSSocket(host, port);
    socket.onopen = () => arrivals.open();
    socket.onmessage = (bytes) => arrivals.add(bytes);
    socket.onclose = () => arrivals.end();
    socket.onerror = (code) => arrivals.end(new Error(libcurl.get_error_string(code)));
    await arrivals.opened;
    const wisp = libcurl.wisp.wisp_connections[url];
    const isFull = () =>
      (wisp?.ws.bufferedAmount ?? 0) > maxWaiting * recordSize ||
      Object.values(wisp?.active_streams ?? {}).some((one) => one.send_buffer.length > maxWaiting);
    return {
      read: () => arrivals.read(),
      async write(bytes) {
        for (let at = 0; at < bytes.length; at += recordSize) {
          socket.send(bytes.subarray(at, at + recordSize));
        }
        while (isFull()) await nextTurn();
      },
      async close() {
        socket.close();
      },
    };
  },
};

/** Its WebAssembly has the test's root in the place of another. */
async function load(roots: string): Promise<void> {
  const { libcurl } = await import("peer:libcurl");
  const { default: url } = await import("peer:libcurl-wasm");
  const wasm = new Uint8Array(await (await fetch(url)).arrayBuffer());
  replaceCertificate(wasm, roots);
  const changed = URL.createObjectURL(new Blob([wasm], { type: "application/wasm" }));
  await libcurl.load_wasm(changed);
}
