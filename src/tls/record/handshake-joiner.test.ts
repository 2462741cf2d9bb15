import { describe, expect, test } from "vitest";
import { type Bytes, concat } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import { encodeHandshake, HandshakeJoiner } from "./handshake-joiner.ts";

const messages = [
  encodeHandshake(2, Uint8Array.of(1, 2, 3)),
  encodeHandshake(14, new Uint8Array(0)),
  encodeHandshake(11, new Uint8Array(600).fill(7)),
];
const stream = concat(...messages.map(({ encoded }) => encoded));

function join(fragments: Bytes[]) {
  const joiner = new HandshakeJoiner();
  const out = [];
  for (const fragment of fragments) {
    joiner.push(fragment);
    for (let message = joiner.next(); message !== undefined; message = joiner.next()) {
      out.push(message);
    }
  }
  return { out, joiner };
}

describe("HandshakeJoiner", () => {
  test("gives the same messages for every split in two, and byte by byte", () => {
    for (let at = 0; at <= stream.length; at++) {
      expect(join([stream.slice(0, at), stream.slice(at)]).out).toEqual(messages);
    }
    expect(join(Array.from(stream, (byte) => Uint8Array.of(byte))).out).toEqual(messages);
  });

  test("proves a boundary only where nothing is left", () => {
    expect(join([stream]).joiner.boundary()).toBeDefined();
    for (const part of [stream.slice(0, 2), stream.slice(0, 5), stream.slice(0, -1)]) {
      expect(() => join([part]).joiner.boundary()).toThrow(TlsError);
    }
    const joiner = new HandshakeJoiner();
    joiner.push(stream);
    joiner.next();
    expect(() => joiner.boundary()).toThrow("key has to change");
  });

  test("takes 64 KiB and refuses more from the header alone", () => {
    const largest = encodeHandshake(11, new Uint8Array(2 ** 16));
    expect(join([largest.encoded]).out).toHaveLength(1);
    for (const header of [Uint8Array.of(11, 1, 0, 1), Uint8Array.of(11, 0xff, 0xff, 0xff)]) {
      expect(() => join([header])).toThrow("at most 65536");
      expect(() => join([header.slice(0, 2), header.slice(2)])).toThrow("at most 65536");
    }
  });
});
