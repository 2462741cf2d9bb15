/**
 * What tests do with the worker that decrypts.
 *
 * @module
 */

import { type Bytes, concat } from "../../src/crypto/bytes.ts";
import { platformCrypto } from "../../src/crypto/platform.ts";
import { Deframer } from "../../src/tls/record/deframer.ts";
import { HandshakeJoiner } from "../../src/tls/record/handshake-joiner.ts";
import { Inflow } from "../../src/tls/record/inflow.ts";
import { Opener13, Sealer13 } from "../../src/tls/record/protection13.ts";
import { RecordReader } from "../../src/tls/record/reader.ts";
import { Bulk } from "../../src/worker/bulk.ts";

const mebibyte = 1024 * 1024;

/** A connection's reading side, in the middle of a download that has proved fast. */
async function fastDownload() {
  const key = await platformCrypto.importAeadKey("AES-128-GCM", new Uint8Array(16).fill(1));
  const traffic = { aead: "AES-128-GCM", key, iv: new Uint8Array(12).fill(2) } as const;
  const inflow = new Inflow();
  const reader = new RecordReader(new Deframer(inflow));
  reader.changeKey(new Opener13(traffic), new HandshakeJoiner().boundary());
  reader.beginTraffic();
  const bulk = new Bulk({ reader }, () => {});
  atOnce(() => bulk.delivered(8 * mebibyte));
  while (reader.ahead === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
  return { inflow, reader, bulk, sealer: new Sealer13(traffic) };
}

/** Does something in no time, by the page's clock. */
function atOnce(action: () => void): void {
  const now = performance.now();
  performance.now = () => now;
  action();
  Reflect.deleteProperty(performance, "now");
}

/**
 * Reads so many records of 16 KiB, which another worker decrypts; each is full of its own number.
 *
 * @returns whether all came back as they were.
 */
export async function readAside(count: number): Promise<boolean> {
  return readAll(await fastDownload(), count);
}

/**
 * Reads as {@link readAside} does, while the other worker has records of a connection that ends in the
 * middle of them.
 */
export async function readBesideEnd(count: number): Promise<boolean> {
  const [ending, lasting] = await Promise.all([fastDownload(), fastDownload()]);
  void pushAll(ending.inflow, await sealed(ending, count));
  const reading = readAll(lasting, count);
  // Of the one that ends, too, something has been decrypted, and more is under way.
  await ending.reader.next();
  ending.bulk.over();
  return reading;
}

type Download = Awaited<ReturnType<typeof fastDownload>>;

async function readAll(download: Download, count: number): Promise<boolean> {
  const { inflow, reader, bulk } = download;
  void pushAll(inflow, await sealed(download, count));
  const data: Bytes[] = [];
  for (;;) {
    const record = await reader.next();
    if (record === undefined) break;
    data.push(record.fragment);
  }
  bulk.over();
  const joined = concat(...data);
  return (
    joined.length === count * 16_384 && joined.every((byte, at) => byte === ((at >> 14) & 0xff))
  );
}

async function sealed({ sealer }: Download, count: number): Promise<Bytes> {
  const contents = Array.from({ length: count }, (_, index) => new Uint8Array(16_384).fill(index));
  return concat(...(await Promise.all(contents.map((one) => sealer.seal(23, one)))).flat());
}

/**
 * Reads 64 KiB once the other worker has failed.
 *
 * @param fail lets it fail.
 * @returns how that ends.
 */
export async function readBehindFailure(fail: () => Promise<void>): Promise<string> {
  const { inflow, reader, bulk, sealer } = await fastDownload();
  await fail();
  const records = [1, 2, 3, 4].map(() => sealer.seal(23, new Uint8Array(16_384)));
  void inflow.push(concat(...(await Promise.all(records)).flat()));
  try {
    await reader.next();
    return "read";
  } catch (error) {
    return String(error);
  } finally {
    bulk.over();
  }
}

/** As a bridge would: nothing is pushed before what came before it has been taken. */
async function pushAll(inflow: Inflow, stream: Bytes): Promise<void> {
  const step = mebibyte / 4;
  for (let at = 0; at < stream.length; at += step) await inflow.push(stream.slice(at, at + step));
  await inflow.end();
}
