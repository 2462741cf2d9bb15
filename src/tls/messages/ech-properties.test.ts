import fc from "fast-check";
import { describe } from "vitest";
import { echList, encodeEchConfig } from "../../../test/ech-keys.ts";
import { anyBytes, testCodec, unsigned } from "../../../test/properties.ts";
import { outerEchExtension } from "./ech.ts";
import { decodeEchConfigList } from "./ech-config.ts";
import { Reader } from "./reader.ts";

const number = unsigned(2);

describe("Encrypted Client Hello (RFC 9849)", () => {
  const config = fc.record({
    id: unsigned(1),
    kem: number,
    publicKey: anyBytes(1),
    suites: fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 4 }),
    maximumNameLength: unsigned(1),
    // Lower case, and with a last label that is no number.
    publicName: fc.domain({ size: "small" }).map((name) => name.toLowerCase()),
  });
  testCodec("ECHConfigList", {
    value: fc.array(config, { minLength: 1, maxLength: 3 }),
    encode: (configs) => echList(...configs.map(encodeEchConfig)),
    decode: decodeEchConfigList,
    expected: (configs) =>
      configs.map((one) => ({
        ...one,
        encoded: encodeEchConfig(one),
        suites: one.suites.map(([kdf, aead]) => ({ kdf, aead })),
      })),
  });
  testCodec("the outer extension", {
    value: fc.record({
      kdf: number,
      aead: number,
      configId: unsigned(1),
      encapsulatedKey: anyBytes(),
      payload: anyBytes(1),
    }),
    encode: (ech) => outerEchExtension(ech).body,
    decode: (body) =>
      Reader.parse(body, "encrypted_client_hello", (r) => {
        if (r.u8() !== 0) throw r.error("is not of the outer kind");
        const suite = { kdf: r.u16(), aead: r.u16(), configId: r.u8() };
        return { ...suite, encapsulatedKey: r.vector(2), payload: r.vector(2, 1) };
      }),
  });
});
