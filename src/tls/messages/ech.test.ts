import { describe, expect, test } from "vitest";
import type { ClientHello } from "./client-hello.ts";
import { encodeClientHello, serverNameExtension } from "./client-hello.ts";
import { alignExtensions, encodeInnerHello, innerEchExtension, outerEchExtension } from "./ech.ts";
import { decodeEchConfirmation } from "./hello-retry-request.ts";

const extension = (type: number, ...body: number[]) => ({ type, body: Uint8Array.from(body) });
const hello = (extensions: ClientHello["extensions"]): ClientHello => ({
  random: new Uint8Array(32).fill(1),
  sessionId: new Uint8Array(32).fill(2),
  cipherSuites: [0x1301],
  offersTls12: false,
  extensions,
});
const typesOf = ({ extensions }: ClientHello) => extensions.map(({ type }) => type);

describe("aligning extensions", () => {
  test("puts what both hellos have behind the rest, in the outer one's order", () => {
    const inner = hello([extension(10, 1), extension(13, 2), extension(43, 3), extension(51, 4)]);
    const outer = hello([extension(51, 4), extension(43, 9), extension(99), extension(10, 1)]);
    const { hello: aligned, shared } = alignExtensions(inner, outer);
    expect(typesOf(aligned)).toEqual([13, 43, 51, 10]);
    expect([...shared]).toEqual([51, 10]);
  });

  test("never takes the server's name for shared, nor the extension itself", () => {
    const both = hello([serverNameExtension("public.example"), innerEchExtension()]);
    expect(alignExtensions(both, both).shared.size).toBe(0);
  });
});

describe("the inner hello's encoding", () => {
  const inner = hello([
    serverNameExtension("secret.example"),
    innerEchExtension(),
    extension(51, 4),
    extension(10, 1),
  ]);
  const shared = new Set([51, 10]);
  const plain = (extensions: ClientHello["extensions"]) =>
    encodeClientHello({ ...inner, sessionId: new Uint8Array(0), extensions });

  test("names the shared extensions in place of them, without the session id", () => {
    const expected = plain([...inner.extensions.slice(0, 2), extension(0xfd00, 4, 0, 51, 0, 10)]);
    const encoded = encodeInnerHello({ hello: inner, shared }, 0, 14);
    expect(encoded.subarray(0, expected.length)).toEqual(expected);
    expect(encoded.subarray(expected.length).every((byte) => byte === 0)).toBe(true);
  });

  test("has no list of shared extensions where there are none", () => {
    const encoded = encodeInnerHello({ hello: inner, shared: new Set() }, 0, 14);
    const expected = plain(inner.extensions);
    expect(encoded.subarray(0, expected.length)).toEqual(expected);
  });

  test("keeps what stands behind the shared ones: PSKs", () => {
    const withPsk = { ...inner, extensions: [...inner.extensions, extension(41, 7)] };
    const encoded = encodeInnerHello({ hello: withPsk, shared }, 0, 14);
    const expected = plain([
      ...inner.extensions.slice(0, 2),
      extension(0xfd00, 4, 0, 51, 0, 10),
      extension(41, 7),
    ]);
    expect(encoded.subarray(0, expected.length)).toEqual(expected);
  });

  test("is as long for any name up to the longest, in steps of 32 bytes", () => {
    const lengths = [1, 14, 30, 60, 64].map((length) => {
      const name = serverNameExtension("a".repeat(length));
      const named = { ...inner, extensions: [name, ...inner.extensions.slice(1)] };
      return encodeInnerHello({ hello: named, shared }, 64, length).length;
    });
    expect(new Set(lengths).size).toBe(1);
    expect((lengths[0] ?? 0) % 32).toBe(0);
    // Without a name: as long as with the longest one.
    const unnamed = { ...inner, extensions: inner.extensions.slice(1) };
    expect(encodeInnerHello({ hello: unnamed, shared }, 64, undefined).length).toBe(lengths[0]);
  });

  test("of a name above the longest is not cut", () => {
    const long = serverNameExtension("a".repeat(200));
    const named = { ...inner, extensions: [long, ...inner.extensions.slice(1)] };
    const { length } = encodeInnerHello({ hello: named, shared }, 10, 200);
    expect(length % 32).toBe(0);
    expect(length).toBeGreaterThan(200);
  });
});

test("the outer extension stands as RFC 9849 §5 has it", () => {
  const { type, body } = outerEchExtension({
    kdf: 1,
    aead: 3,
    configId: 42,
    encapsulatedKey: Uint8Array.of(5, 6),
    payload: Uint8Array.of(7, 8, 9),
  });
  expect(type).toBe(0xfe0d);
  expect([...body]).toEqual([0, 0, 1, 0, 3, 42, 0, 2, 5, 6, 0, 3, 7, 8, 9]);
});

test("a confirmation is 8 bytes, no more and no fewer", () => {
  expect(decodeEchConfirmation(new Uint8Array(8))).toHaveLength(8);
  for (const length of [0, 7, 9]) {
    expect(() => decodeEchConfirmation(new Uint8Array(length))).toThrowError(
      expect.objectContaining({ code: "handshake/decode-error" }),
    );
  }
});
