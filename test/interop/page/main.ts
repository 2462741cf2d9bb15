/** The library and its conversations, where tests reach them. */

import {
  type ConnectOptions,
  createTls,
  type Tls,
  websockify,
  webtlsBridge,
} from "../../../src/index.ts";
import type { ConnectionInfo } from "../../../src/tls/info.ts";
import type { BridgeAddress } from "../../servers/bridges.ts";
import { type EarlyFate, exchangeData, partAtServer, sendEarly, upgrade } from "../converse.ts";
import type { SpeechName } from "../speeches.ts";
import { Talk } from "../talk.ts";

/** What all conversations need. */
export interface Trial {
  readonly bridge: BridgeAddress;
  /** `host:port`. */
  readonly address: string;
  /** PEM. */
  readonly roots: string;
  readonly speech: SpeechName;
  readonly options: Pick<ConnectOptions, "minVersion" | "maxVersion" | "identity" | "ech">;
  /** How much goes each way, in bytes. */
  readonly length: number;
}

export type Negotiated = Omit<ConnectionInfo, "certificates" | "verifiedPath">;

/** Two connections: one for data, that this side closes, and one that the server closes. */
function converse(trial: Trial): Promise<Negotiated> {
  const { address, speech, options, length } = trial;
  return withTls(trial, async (tls) => {
    const connection = await during("upgrade", upgrade(tls, address, speech, options));
    const info = await during("handshake", connection.opened);
    await during("exchange", exchangeData(connection, speech, length));
    await during("close", connection.close());
    const second = await during("second upgrade", upgrade(tls, address, speech, options));
    await during("parting", partAtServer(second, speech));
    return negotiated(info);
  });
}

/** Three connections, one after the other. */
function comeAgain(trial: Trial): Promise<Negotiated[]> {
  const { address, speech, options, length } = trial;
  return withTls(trial, async (tls) => {
    const infos: Negotiated[] = [];
    for (const times of ["first", "second", "third"]) {
      const connection = await during(times, upgrade(tls, address, speech, options));
      infos.push(negotiated(await during(times, connection.opened)));
      await during(times, exchangeData(connection, speech, length));
      await during(times, connection.close());
    }
    return infos;
  });
}

/** Early data on a second connection. */
function comeEarly(trial: Trial & { readonly fate: EarlyFate }): Promise<Negotiated> {
  const { address, speech, options, fate } = trial;
  return withTls(trial, async (tls) => {
    const connect = async (earlyData?: { data: Uint8Array }) =>
      tls.connect(address, { ...options, ...(earlyData && { earlyData }) });
    return negotiated(await sendEarly(connect, speech, fate));
  });
}

/** Three connections with Encrypted Client Hello, all but the first one resumed. @param ech in hex. */
async function hide(trial: Trial, ech: string): Promise<Negotiated[]> {
  return comeAgain({ ...trial, options: { ...trial.options, ech: fromHex(ech) } });
}

/** A connection by a key that both sides have, in hex, and by nothing else. */
function knowKey(trial: Trial, name: string, hex: string): Promise<Negotiated> {
  const { address, speech, options, length } = trial;
  const psk = [{ identity: new TextEncoder().encode(name), key: fromHex(hex) }];
  return withTls(trial, async (tls) => {
    const connection = tls.connect(address, { ...options, psk, pskOnly: true });
    const info = await connection.opened;
    await exchangeData(connection, speech, length);
    await connection.close();
    return negotiated(info);
  });
}

/** Sends a request, and gives how many bytes come before the server's proper end. */
function askAndLeave(trial: Trial): Promise<number> {
  return withTls(trial, async (tls) => {
    const connection = tls.connect(trial.address, trial.options);
    const talk = new Talk(connection);
    await talk.send("GET greeting HTTP/1.0\r\n\r\n");
    const length = await talk.end();
    await connection.closed;
    return length;
  });
}

async function withTls<Result>(
  { bridge, roots }: Trial,
  use: (tls: Tls) => Promise<Result>,
): Promise<Result> {
  const descriptor =
    bridge.kind === "websockify" ? websockify(bridge.url) : webtlsBridge(bridge.url);
  const tls = createTls({ bridge: descriptor, roots });
  try {
    return await use(tls);
  } finally {
    await tls.close();
  }
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

function negotiated({ certificates, verifiedPath, ...info }: ConnectionInfo): Negotiated {
  return info;
}

/** Says in which step it failed. */
async function during<Result>(step: string, action: Promise<Result>): Promise<Result> {
  try {
    return await action;
  } catch (cause) {
    throw new Error(`during ${step}: ${cause}`, { cause });
  }
}

const interop = { converse, comeAgain, comeEarly, hide, knowKey, askAndLeave };

declare global {
  interface Window {
    interop: typeof interop;
  }
}

window.interop = interop;
