/**
 * A crowd by `webtls/core` in a worker of the benchmark's, for as many connections as a browser opens
 * no WebSockets for.
 *
 * @module
 */

import type { Crowd, CrowdOptions } from "./crowd.ts";

/** To the worker: the options first, then calls. */
export type CrowdMessage =
  | { readonly options: CrowdOptions }
  | { readonly name: keyof Crowd; readonly count: number };

/** From the worker, for each call. */
export type CrowdAnswer = { readonly value: unknown } | { readonly error: string };

export function crowdOverDuplexes(options: CrowdOptions): Crowd {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const post = (message: CrowdMessage) => worker.postMessage(message);
  post({ options });
  // One call at a time.
  const call = <Value>(name: keyof Crowd, count = 0) =>
    new Promise<Value>((resolve, reject) => {
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.onmessage = ({ data }: MessageEvent<CrowdAnswer>) => {
        if ("error" in data) reject(new Error(data.error));
        else resolve(data.value as Value);
      };
      post({ name, count });
    });
  return {
    open: (count) => call("open", count),
    handshakes: (count) => call("handshakes", count),
    download: () => call("download"),
    downloaded: () => call("downloaded"),
  };
}
