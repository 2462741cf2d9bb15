import { describe, expect, it } from "vitest";
import { failureOf } from "../../test/failure.ts";
import type { GeneralName } from "./general-name.ts";
import { formatIp, matchesServerName, serverNameFrom, wrongName } from "./names.ts";

const dns = (...texts: string[]): GeneralName[] => texts.map((text) => ({ form: "dns", text }));
const ip = (...bytes: number[]): GeneralName => ({ form: "ip", bytes: Uint8Array.from(bytes) });
const loopback6 = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

describe("the server's name", () => {
  it.each([
    ["www.example.org", "www.example.org"],
    ["WWW.Example.ORG", "www.example.org"],
    ["www.example.org.", "www.example.org"],
    ["localhost", "localhost"],
    ["_sip.under_score.example", "_sip.under_score.example"],
    ["bücher.example", "xn--bcher-kva.example"],
    ["BÜCHER.example.", "xn--bcher-kva.example"],
    ["faß.example", "xn--fa-hia.example"],
    ["例え。テスト", "xn--r8jz45g.xn--zckzah"],
    ["XN--BCHER-KVA.example", "xn--bcher-kva.example"],
    ["1.2.3.4.example", "1.2.3.4.example"],
    ["3com.example", "3com.example"],
    [`${"a".repeat(63)}.example`, `${"a".repeat(63)}.example`],
  ])("%s is the DNS name %s", (hostname, name) => {
    expect(serverNameFrom(hostname)).toEqual({ kind: "dns", name });
  });

  it.each([
    ["192.0.2.1", [192, 0, 2, 1], "192.0.2.1"],
    ["0.0.0.255", [0, 0, 0, 255], "0.0.0.255"],
    ["::1", loopback6, "::1"],
    ["[::1]", loopback6, "::1"],
    ["0:0:0:0:0:0:0:1", loopback6, "::1"],
    ["::", new Array<number>(16).fill(0), "::"],
    ["1::", [0, 1, ...new Array<number>(14).fill(0)], "1::"],
    [
      "2001:DB8::a:0:0:1",
      [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0x0a, 0, 0, 0, 0, 0, 1],
      "2001:db8::a:0:0:1",
    ],
    ["1:2:3:4:5:6:7:8", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8], "1:2:3:4:5:6:7:8"],
    [
      "::ffff:192.0.2.1",
      [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1],
      "::ffff:c000:201",
    ],
  ])("%s is an address", (hostname, bytes, text) => {
    expect(serverNameFrom(hostname)).toEqual({ kind: "ip", bytes: Uint8Array.from(bytes), text });
  });

  it.each([
    "",
    ".",
    "..",
    "a..example",
    ".example",
    "example..",
    "a b.example",
    "*.example.org",
    "-a.example",
    "a-.example",
    `${"a".repeat(64)}.example`,
    new Array(64).fill("abc").join("."),
    "127.1",
    "0x7f.0.0.1",
    "2130706433",
    "192.0.2.01",
    "192.0.2.256",
    "192.0.2",
    "192.0.2.1.",
    "１９２.0.2.1",
    "１２７.１",
    "a.example:443",
    "user@a.example",
    "bücher.example/path",
    "bücher.example:443",
    "bücher@a.example",
    "https://a.example",
    "[::1",
    "::1]",
    "[::1]:443",
    "fe80::1%eth0",
    ":::1",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7",
    "12345::",
    "::g",
    "[192.0.2.1]",
    "a\u0000.example",
    "xn--a\u00ad.example\u200b/",
  ])("%j is refused", async (hostname) => {
    expect(await failureOf(() => serverNameFrom(hostname))).toMatchObject({
      code: "configuration/invalid-option",
    });
  });
});

describe("a certificate's names", () => {
  const matches = (hostname: string, names: readonly GeneralName[]) =>
    matchesServerName(names, serverNameFrom(hostname));

  it.each([
    ["www.example.org", dns("www.example.org")],
    ["www.example.org", dns("other.example", "WWW.EXAMPLE.ORG")],
    ["www.example.org.", dns("www.example.org")],
    ["bücher.example", dns("xn--bcher-kva.example")],
    ["www.example.org", dns("*.example.org")],
    ["www.example.org", dns("*.EXAMPLE.org")],
    ["_a.example.org", dns("*.example.org")],
    ["localhost", dns("localhost")],
    ["192.0.2.1", [ip(192, 0, 2, 1)]],
    ["::1", [ip(...loopback6)]],
  ])("%s is matched", (hostname, names) => {
    expect(matches(hostname, names)).toBe(true);
  });

  it.each<[string, readonly GeneralName[]]>([
    ["www.example.org", []],
    ["www.example.org", dns("example.org")],
    ["example.org", dns("www.example.org")],
    ["www.example.org", dns("www.example.org.")],
    ["www.example.org", dns(".example.org")],
    ["www.example.org", dns("example")],
    // RFC 9525 §6.3: a whole label, the leftmost, and just one.
    ["example.org", dns("*.example.org")],
    ["a.b.example.org", dns("*.example.org")],
    ["www.example.org", dns("w*.example.org")],
    ["www.example.org", dns("*w.example.org")],
    ["www.example.org", dns("www.*.org")],
    ["www.example.org", dns("*.*.org")],
    ["www.example.org", dns("*")],
    ["org", dns("*")],
    ["example.org", dns("*.org")],
    ["example.org", dns("*.")],
    ["www.example.org", dns("*.example.org.")],
    ["www.example.org", dns("www.example.org\u0000.evil.example")],
    // Addresses are no names, and names no addresses.
    ["192.0.2.1", dns("192.0.2.1")],
    ["192.0.2.1", dns("*.0.2.1")],
    ["192.0.2.1", [ip(192, 0, 2, 2)]],
    ["::1", [ip(0, 0, 0, 1)]],
    ["::1", dns("::1")],
    ["www.example.org", [{ form: "uri", text: "www.example.org" }]],
    ["www.example.org", [{ form: "email", text: "www.example.org" }]],
  ])("%s is not matched by %j", (hostname, names) => {
    expect(matches(hostname, names)).toBe(false);
  });

  it("are listed where they don't match, without control characters", () => {
    const names = [...dns("a.example", "evil\u001b[31m"), ip(192, 0, 2, 1), ip(...loopback6)];
    const error = wrongName(names, serverNameFrom("b.example"));
    expect(error.code).toBe("certificate/wrong-name");
    expect(error.message).toContain("b.example");
    expect(error.message).toContain("a.example, evil?[31m, 192.0.2.1, ::1");
  });

  it("are listed up to a bound", () => {
    const many = Array.from({ length: 1000 }, (_, index) => `${index}.example`);
    const { message } = wrongName(dns(...many, "x".repeat(10_000)), serverNameFrom("192.0.2.1"));
    expect(message.length).toBeLessThan(500);
  });

  it("are said to be missing where there are none", () => {
    expect(wrongName([], serverNameFrom("b.example")).message).toContain("lists no names");
  });
});

describe("an address as text", () => {
  it.each([
    [[192, 0, 2, 1], "192.0.2.1"],
    [loopback6, "::1"],
    [[0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], "2001:db8::1"],
  ])("%#", (bytes, text) => {
    expect(formatIp(Uint8Array.from(bytes))).toBe(text);
  });
});
