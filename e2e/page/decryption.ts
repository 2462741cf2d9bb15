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
import { decryptAside } from "../../src/worker/decryption/client.ts";

const mebibyte = 1024 * 1024;

/**
 * Reads so many records of 16 KiB, which another worker decrypts; each is full of its own number.
 *
 * @returns whether all came back as they were.
 */
export async function readAside(count: number) {
  const key = await platformCrypto.importAeadKey("AES-128-GCM", new Uint8Array(16).fill(1));
  const traffic = { aead: "AES-128-GCM", key, iv: new Uint8Array(12).fill(2) } as const;
  const inflow = new Inflow();
  const reader = new RecordReader(new Deframer(inflow));
  reader.changeKey(new Opener13(traffic), new HandshakeJoiner().boundary());
  reader.beginTraffic();
  const leave = decryptAside({ reader });
  while (reader.ahead === undefined) await new Promise((resolve) => setTimeout(resolve, 10));

  const contents = Array.from({ length: count }, (_, index) => new Uint8Array(16_384).fill(index));
  const sealer = new Sealer13(traffic);
  const stream = concat(...(await Promise.all(contents.map((one) => sealer.seal(23, one)))).flat());
  void pushAll(inflow, stream);

  const data: Bytes[] = [];
  for (;;) {
    const record = await reader.next();
    if (record === undefined) break;
    data.push(record.fragment);
  }
  leave();
  const joined = concat(...data);
  const isSame =
    joined.length === count * 16_384 && joined.every((byte, at) => byte === ((at >> 14) & 0xff));
  return isSame;
}

/** As a bridge would: nothing is pushed before what came before it has been taken. */
async function pushAll(inflow: Inflow, stream: Bytes): Promise<void> {
  const step = mebibyte / 4;
  for (let at = 0; at < stream.length; at += step) await inflow.push(stream.slice(at, at + step));
  await inflow.end();
}
