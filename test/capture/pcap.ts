/**
 * Recordings as capture files, for programs that take traffic apart.
 *
 * @module
 */

import type { Recording } from "./recording.ts";

/** The ports that the packets bear. */
export const clientPort = 40000;
export const serverPort = 44300;

/** Fits into an IPv4 packet with the headers. */
const maxSegment = 32768;

/**
 * A capture in the format of libpcap: raw IPv4 packets (link type 101) from 10.0.0.1 to 10.0.0.2 and
 * back, with the bytes as TCP segments in the order they went, a millisecond apart. Checksums are
 * left empty, as they are on an interface that has its card compute them.
 */
export function pcapOf(recording: Recording): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(0x40000, 16);
  header.writeUInt32LE(101, 20);

  const sent = { toServer: 1, toClient: 1 };
  const packets = [header];
  const add = (segment: Omit<Segment, "sequence" | "acknowledged">, sequence: number) => {
    const acknowledged = segment.isFromClient ? sent.toClient : sent.toServer;
    const packet = packetOf({ ...segment, sequence, acknowledged });
    const time = packets.length * 1000;
    const head = Buffer.alloc(16);
    head.writeUInt32LE(Math.floor(time / 1_000_000), 0);
    head.writeUInt32LE(time % 1_000_000, 4);
    head.writeUInt32LE(packet.length, 8);
    head.writeUInt32LE(packet.length, 12);
    packets.push(Buffer.concat([head, packet]));
  };

  const none = Buffer.alloc(0);
  add({ isFromClient: true, flags: flag.syn, payload: none }, 0);
  add({ isFromClient: false, flags: flag.syn | flag.ack, payload: none }, 0);
  add({ isFromClient: true, flags: flag.ack, payload: none }, 1);
  for (const { direction, bytes } of recording.pieces) {
    for (let at = 0; at < bytes.length; at += maxSegment) {
      const payload = bytes.subarray(at, at + maxSegment);
      const isFromClient = direction === "toServer";
      add({ isFromClient, flags: flag.psh | flag.ack, payload }, sent[direction]);
      sent[direction] += payload.length;
    }
  }
  add({ isFromClient: true, flags: flag.fin | flag.ack, payload: none }, sent.toServer);
  add({ isFromClient: false, flags: flag.fin | flag.ack, payload: none }, sent.toClient);
  return Buffer.concat(packets);
}

/** RFC 9293 §3.1. */
const flag = { fin: 0x01, syn: 0x02, psh: 0x08, ack: 0x10 };

interface Segment {
  readonly isFromClient: boolean;
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledged: number;
  readonly payload: Buffer;
}

/** IPv4 (RFC 791 §3.1) and TCP headers of 20 bytes each, and the payload. */
function packetOf({ isFromClient, flags, sequence, acknowledged, payload }: Segment): Buffer {
  const [client, server] = [Buffer.of(10, 0, 0, 1), Buffer.of(10, 0, 0, 2)];
  const header = Buffer.alloc(40);
  header.writeUInt8(0x45, 0);
  header.writeUInt16BE(40 + payload.length, 2);
  header.writeUInt8(64, 8);
  header.writeUInt8(6, 9);
  (isFromClient ? client : server).copy(header, 12);
  (isFromClient ? server : client).copy(header, 16);
  header.writeUInt16BE(isFromClient ? clientPort : serverPort, 20);
  header.writeUInt16BE(isFromClient ? serverPort : clientPort, 22);
  header.writeUInt32BE(sequence, 24);
  header.writeUInt32BE(acknowledged, 28);
  header.writeUInt8(0x50, 32);
  header.writeUInt8(flags, 33);
  header.writeUInt16BE(65535, 34);
  return Buffer.concat([header, payload]);
}
