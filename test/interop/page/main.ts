/** The library and its conversations, where tests reach them. */

import { createTls, websockify, webtlsBridge } from "../../../src/index.ts";
import type { ConnectionInfo } from "../../../src/tls/info.ts";
import type { ProtocolVersionName } from "../../../src/tls/options.ts";
import type { BridgeAddress } from "../../servers/bridges.ts";
import { exchangeData, partAtServer, upgrade } from "../converse.ts";
import type { SpeechName } from "../speeches.ts";

/** A conversation to hold. */
export interface Trial {
  readonly bridge: BridgeAddress;
  /** `host:port`. */
  readonly address: string;
  /** PEM. */
  readonly roots: string;
  readonly speech: SpeechName;
  /** Not every server can be held to one. */
  readonly version: ProtocolVersionName;
  /** How much goes each way, in bytes. */
  readonly length: number;
}

export type Negotiated = Omit<ConnectionInfo, "certificates" | "verifiedPath">;

/** Two connections: one for data, that this side closes, and one that the server closes. */
async function converse({
  bridge,
  address,
  roots,
  speech,
  version,
  length,
}: Trial): Promise<Negotiated> {
  const descriptor =
    bridge.kind === "websockify" ? websockify(bridge.url) : webtlsBridge(bridge.url);
  const tls = createTls({ bridge: descriptor, roots });
  const only = { minVersion: version, maxVersion: version };
  try {
    const connection = await during("upgrade", upgrade(tls, address, speech, only));
    const { certificates, verifiedPath, ...info } = await during("handshake", connection.opened);
    await during("exchange", exchangeData(connection, speech, length));
    await during("close", connection.close());
    const second = await during("second upgrade", upgrade(tls, address, speech, only));
    await during("parting", partAtServer(second, speech));
    return info;
  } finally {
    await tls.close();
  }
}

/** Says in which step it failed. */
async function during<Result>(step: string, action: Promise<Result>): Promise<Result> {
  try {
    return await action;
  } catch (cause) {
    throw new Error(`during ${step}: ${cause}`, { cause });
  }
}

const interop = { converse };

declare global {
  interface Window {
    interop: typeof interop;
  }
}

window.interop = interop;
