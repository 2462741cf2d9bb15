/**
 * epoxy-tls: rustls in WebAssembly, over Wisp. Its released version takes no roots but those built
 * in; the one that is still to be released does.
 *
 * @module
 */

import type { EpoxyClient as Client } from "peer:epoxy";
import type { EpoxyClient as Client2 } from "peer:epoxy-2";
import { Arrivals } from "./arrivals.ts";
import { replaceAnchor } from "./built-in-roots.ts";
import type { Contestant, Target } from "./contestant.ts";

/** What the root of the test takes the place of; its key is of the same type, P-384. */
const builtInRoot = "GTS Root R4";

/**
 * What the released version is given to send beyond a record may stay with it; and so may the last
 * records where its window is full, which then shows as a failure.
 */
const recordSize = 16 * 1024;

let client: Promise<Client> | undefined;
let client2: Promise<Client2> | undefined;

export const epoxy: Contestant = {
  name: "epoxy-tls 1.5",
  verifies: true,
  async open(target) {
    client ??= load(target);
    const arrivals = new Arrivals();
    const connection = (await client).connect_tls(
      () => arrivals.open(),
      () => arrivals.end(),
      (error) => arrivals.end(new Error(String(error))),
      (bytes) => arrivals.add(bytes),
      `${target.host}:${target.port}`,
    );
    const stream = await connection;
    return {
      read: () => arrivals.read(),
      async write(bytes) {
        for (let at = 0; at < bytes.length; at += recordSize) {
          await stream.send(bytes.subarray(at, at + recordSize));
        }
      },
      async close() {
        // It does not resolve before the server closes, too.
        stream.close().catch(() => {});
      },
    };
  },
};

export const epoxy2: Contestant = {
  name: "epoxy-tls 2.1",
  verifies: true,
  async open(target) {
    client2 ??= load2(target);
    const connection = (await client2).connect_tls(`${target.host}:${target.port}`);
    const { read, write } = await connection;
    const [reader, writer] = [read.getReader(), write.getWriter()];
    return {
      read: async () => (await reader.read()).value,
      write: (bytes) => writer.write(bytes),
      async close() {
        reader.cancel().catch(() => {});
        writer.close().catch(() => {});
      },
    };
  },
};

/** Its WebAssembly has the test's root in the place of another. */
async function load({ url, roots }: Target): Promise<Client> {
  const { default: library } = await import("peer:epoxy");
  const { default: wasmUrl } = await import("peer:epoxy-wasm");
  const wasm = new Uint8Array(await (await fetch(wasmUrl)).arrayBuffer());
  replaceAnchor(wasm, builtInRoot, roots);
  await library(wasm);
  return new library.EpoxyClient(url, navigator.userAgent, 10);
}

async function load2({ url, roots }: Target): Promise<Client2> {
  const { default: start, EpoxyClient, EpoxyClientOptions } = await import("peer:epoxy-2");
  await start();
  const options = new EpoxyClientOptions();
  options.pem_files = [roots];
  return new EpoxyClient(url, options);
}
