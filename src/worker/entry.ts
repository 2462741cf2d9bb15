/**
 * What runs in the worker: a host, connected to the worker's own messages.
 *
 * @module
 */

import { Host } from "./host.ts";
import type { HostMessage, ReadyMessage } from "./protocol.ts";

const worker = globalThis as unknown as DedicatedWorkerGlobalScope;
const host = new Host();

worker.onmessage = ({ data }: MessageEvent<HostMessage>) => host.receive(data);
// A promise that fails and that nobody looks at is a defect: let the page know, as of any other
// error, so that it rejects its sockets rather than wait.
worker.onunhandledrejection = ({ reason }) => worker.reportError(reason);
worker.postMessage({ type: "ready" } satisfies ReadyMessage);
