/**
 * What runs in a worker's own worker: it decrypts for connections, each of which has a port to it.
 *
 * @module
 */

import { discard } from "../../bridge/discard.ts";
import { aeadKeyOf } from "../../crypto/webcrypto/aead.ts";
import { type DecryptedRun, Decryption, type DecryptionJob } from "../../tls/record/decryption.ts";

const worker = globalThis as unknown as DedicatedWorkerGlobalScope;

worker.onmessage = ({ ports }: MessageEvent) => ports.forEach(serve);
// A defect: let the worker know, so that no connection waits for ever.
worker.onunhandledrejection = ({ reason }) => worker.reportError(reason);
worker.postMessage("ready");

/** Answers the jobs, in their order. */
function serve(port: MessagePort): void {
  const decryption = new Decryption(aeadKeyOf, discard);
  let answered = Promise.resolve();
  port.onmessageerror = () => port.postMessage(undefined);
  port.onmessage = ({ data }: MessageEvent<DecryptionJob>) => {
    const decrypting = decryption.decrypt(data);
    answered = answered.then(async () => {
      const runs = await decrypting;
      port.postMessage(runs, runs.map(bufferOf));
    });
  };
}

function bufferOf(run: DecryptedRun): ArrayBuffer {
  return ("data" in run ? run.data : run.refused).buffer;
}
