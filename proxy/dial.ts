/**
 * Opens the TCP connection to a target.
 *
 * @module
 */

import { connect, type Socket } from "node:net";
import { closeCodes, Refusal } from "./refusal.ts";
import type { Target } from "./target.ts";

/** How to dial. */
export interface DialOptions {
  /** Longest time until the connection stands, name look-up included, in milliseconds. */
  timeout: number;
  /** Gives up, with the signal's reason, which is an Error. */
  signal: AbortSignal;
}

/**
 * Connects to a target, by IPv6 and IPv4 as the name offers them (RFC 8305).
 *
 * The socket comes paused, does not close its sending side by itself when the target closes its
 * own, and is probed by TCP keep-alive while it is idle.
 *
 * @throws Refusal that says in the bridge's own terms why there is no connection; the signal's reason.
 */
export function dial(target: Target, { timeout, signal }: DialOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: target.hostname,
      port: target.port,
      allowHalfOpen: true,
      autoSelectFamily: true,
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
      noDelay: true,
    });
    const fail = (error: Error) => {
      settle();
      // A failing address of several may still report when another one has settled the matter.
      socket.on("error", () => {});
      socket.destroy();
      reject(error);
    };
    const onConnect = () => {
      settle();
      resolve(socket);
    };
    const onError = (error: Error) => fail(explain(error));
    const onAbort = () => fail(signal.reason);
    const onTimeout = () => fail(new Refusal(closeCodes.targetTimeout, "target did not answer"));
    const timer = setTimeout(onTimeout, timeout);
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.off("connect", onConnect);
      socket.off("error", onError);
    };
    socket.on("connect", onConnect);
    socket.on("error", onError);
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
  });
}

function explain(error: NodeJS.ErrnoException): Refusal {
  switch (error.code) {
    case "ECONNREFUSED":
      return new Refusal(closeCodes.targetUnreachable, "target refused the connection");
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new Refusal(closeCodes.targetUnreachable, "no such host");
    case "ETIMEDOUT":
      return new Refusal(closeCodes.targetTimeout, "target did not answer");
    default:
      return new Refusal(
        closeCodes.targetUnreachable,
        `target is unreachable (${error.code ?? "unknown cause"})`,
      );
  }
}
