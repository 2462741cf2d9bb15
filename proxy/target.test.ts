import { describe, expect, test } from "vitest";
import { createAllowList, formatTarget, parseTarget } from "./target.ts";

describe("parseTarget", () => {
  test.each([
    ["imap.example.org:993", "imap.example.org", 993],
    ["IMAP.Example.ORG.:993", "imap.example.org", 993],
    ["under_score.example:1", "under_score.example", 1],
    ["localhost:65535", "localhost", 65535],
    ["127.0.0.1:443", "127.0.0.1", 443],
    ["[::1]:443", "::1", 443],
    ["[2001:DB8:0:0::1]:443", "2001:db8::1", 443],
  ])("reads %s", (address, hostname, port) => {
    expect(parseTarget(address)).toEqual({ hostname, port });
  });

  test.each([
    "",
    "example.org",
    "example.org:",
    ":443",
    "example.org:0",
    "example.org:65536",
    "example.org:4 43",
    "example.org:+443",
    "example.org:443:443",
    "::1:443",
    "[::1]",
    "[127.0.0.1]:443",
    "[fe80::1%eth0]:443",
    "user@example.org:443",
    "example.org/path:443",
    "exa mple.org:443",
    "-example.org:443",
    "example..org:443",
    "*.example.org:443",
    `${"a".repeat(64)}.org:443`,
    `${"a.".repeat(127)}org:443`,
    // What a resolver reads as an IPv4 address, and an allow list would read as a name.
    "127.1:443",
    "2130706433:443",
    "0x7f000001:443",
    "0177.0.0.0x1:443",
  ])("refuses %j", (address) => {
    expect(parseTarget(address)).toBeUndefined();
  });

  test("brackets IPv6 when writing", () => {
    expect(formatTarget({ hostname: "::1", port: 443 })).toBe("[::1]:443");
    expect(formatTarget({ hostname: "example.org", port: 443 })).toBe("example.org:443");
  });
});

describe("createAllowList", () => {
  function allows(patterns: string[], address: string): boolean {
    const target = parseTarget(address);
    if (target === undefined) throw new Error(`not an address: ${address}`);
    return createAllowList(patterns)(target);
  }

  test("allows nothing by default", () => {
    expect(allows([], "example.org:443")).toBe(false);
  });

  test.each([
    ["example.org:443", "example.org:443"],
    ["Example.org:443", "EXAMPLE.ORG:443"],
    ["example.org:*", "example.org:993"],
    ["*.example.org:443", "a.example.org:443"],
    ["*.example.org:443", "a.b.example.org:443"],
    ["[2001:db8::1]:443", "[2001:db8:0::1]:443"],
  ])("%s allows %s", (pattern, address) => {
    expect(allows([pattern], address)).toBe(true);
  });

  test.each([
    ["example.org:443", "example.org:444"],
    ["example.org:443", "a.example.org:443"],
    ["*.example.org:443", "example.org:443"],
    ["*.example.org:443", "badexample.org:443"],
    ["*.example.org:443", "a.example.org.evil.example:443"],
    ["localhost:443", "127.0.0.1:443"],
    ["[::1]:443", "127.0.0.1:443"],
  ])("%s does not allow %s", (pattern, address) => {
    expect(allows([pattern], address)).toBe(false);
  });

  test("one of several is enough", () => {
    expect(allows(["a.example:1", "b.example:2"], "b.example:2")).toBe(true);
  });

  test.each(["*:443", "*", "example.org", "a*.example.org:443", "a.*.org:443", "*.127.0.0.1:443"])(
    "refuses the pattern %s and names it",
    (pattern) => {
      expect(() => createAllowList([pattern])).toThrow(pattern);
    },
  );
});
