import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createEchKey,
  type EchConfigFields,
  echList,
  encodeEchConfig,
} from "../../../test/ech-keys.ts";
import { anyBytes, testTotal } from "../../../test/properties.ts";
import { decodeEchConfigList } from "./ech-config.ts";

const publicKey = new Uint8Array(32).fill(9);
const config = (fields: Partial<EchConfigFields> = {}) => encodeEchConfig({ publicKey, ...fields });
const namesOf = (...configs: Uint8Array[]) =>
  decodeEchConfigList(echList(...configs)).map(({ publicName }) => publicName);

test("reads a configuration whole", () => {
  const suites = [
    [1, 1],
    [2, 3],
  ] as const;
  const encoded = config({ id: 42, suites, maximumNameLength: 64, publicName: "Public.Example" });
  expect(decodeEchConfigList(echList(encoded))).toEqual([
    {
      encoded,
      id: 42,
      kem: 0x20,
      publicKey,
      suites: [
        { kdf: 1, aead: 1 },
        { kdf: 2, aead: 3 },
      ],
      maximumNameLength: 64,
      publicName: "public.example",
    },
  ]);
});

describe("ignores a configuration", () => {
  const usable = config({ publicName: "usable.example" });

  test("of another version, whatever it holds", () => {
    expect(namesOf(config({ version: 0xfe0e }), usable)).toEqual(["usable.example"]);
    const unreadable = Uint8Array.of(0xba, 0xdd, 0, 5, 5, 4, 3, 2, 1);
    expect(namesOf(unreadable, usable)).toEqual(["usable.example"]);
    expect(namesOf(unreadable)).toEqual([]);
  });

  test("with a mandatory extension, but not with another one", () => {
    const body = new Uint8Array(3);
    const mandatory = config({ extensions: [{ type: 0x8001, body }] });
    expect(namesOf(mandatory, usable)).toEqual(["usable.example"]);
    expect(namesOf(config({ extensions: [{ type: 0x7fff, body }] }))).toEqual(["public.example"]);
  });

  test("with an extension twice", () => {
    const extension = { type: 1, body: new Uint8Array(0) };
    expect(namesOf(config({ extensions: [extension, extension] }), usable)).toEqual([
      "usable.example",
    ]);
  });

  const names = [
    "dns_names_have_no_underscores.example",
    ".example",
    "example.",
    "a..example",
    "-a.example",
    "a-.example",
    "*.example",
    "bücher.example",
    "127.0.0.1",
    "public.1",
    "0x7f.0x1",
    "public.0x",
    "2130706433",
    `${"a".repeat(64)}.example`,
  ];
  for (const publicName of names) {
    test(`with the public name ${publicName}`, () => {
      expect(namesOf(config({ publicName }), usable)).toEqual(["usable.example"]);
    });
  }
});

describe("refuses a list", () => {
  const whole = echList(config());
  const cases = {
    "that is empty": echList(),
    "that ends too early": whole.subarray(0, -1),
    "with bytes behind it": Uint8Array.of(...whole, 0),
    "of a configuration cut at its front": echList(config().subarray(1)),
    "of a key without bytes": echList(config({ publicKey: new Uint8Array(0) })),
    "without suites": echList(config({ suites: [] })),
    "without a public name": echList(config({ publicName: "" })),
  };
  for (const [name, bytes] of Object.entries(cases)) {
    test(name, () => {
      expect(() => decodeEchConfigList(new Uint8Array(bytes))).toThrowError(
        expect.objectContaining({ code: "handshake/decode-error" }),
      );
    });
  }
});

testTotal(
  "ECHConfigList",
  decodeEchConfigList,
  fc
    .array(
      fc.record({
        publicKey: anyBytes(1),
        id: fc.integer({ min: 0, max: 255 }),
        publicName: fc.constantFrom("public.example", "0x1", "a_b"),
      }),
      { minLength: 1, maxLength: 3 },
    )
    .map((list) =>
      echList(...list.map((fields) => encodeEchConfig(fields)), createEchKey().config),
    ),
);
