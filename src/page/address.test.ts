import { describe, expect, test } from "vitest";
import { failureOf } from "../../test/failure.ts";
import { parseAddress } from "../worker/address.ts";
import { addressText, type SocketAddress } from "./address.ts";

const read = (address: SocketAddress) => parseAddress(addressText(address));

describe("addresses", () => {
  test.each<[SocketAddress, string, number]>([
    ["imap.example.org:993", "imap.example.org", 993],
    ["192.0.2.1:1", "192.0.2.1", 1],
    ["[2001:db8::1]:65535", "2001:db8::1", 65_535],
    [{ hostname: "example.org", port: 443 }, "example.org", 443],
    [{ hostname: "2001:db8::1", port: 443 }, "2001:db8::1", 443],
    [{ hostname: "[::1]", port: 443 }, "::1", 443],
    ["bücher.example:443", "xn--bcher-kva.example", 443],
    ["Example.ORG.:443", "Example.ORG.", 443],
  ])("%j", (address, hostname, port) => {
    expect(read(address)).toEqual({ hostname, port });
  });

  test.each<[unknown]>([
    ["example.org"],
    ["example.org:"],
    ["example.org:0"],
    ["example.org:65536"],
    ["example.org:443x"],
    ["2001:db8::1:443"],
    ["[example.org]:443"],
    ["[::1"],
    ["[::1\n]:443"],
    ["[u:p@[::1]:443"],
    [":443"],
    ["exa mple.org:443"],
    ["user@example.org:443"],
    ["example.org/path:443"],
    ["bücher/.example:443"],
    [{ hostname: "", port: 443 }],
    [{ hostname: "example.org", port: "443" }],
    [{ hostname: "example.org", port: 44.3 }],
    [{ port: 443 }],
    [{ hostname: "ü:80", port: 443 }],
    [{ hostname: "example.org:80", port: 443 }],
    [null],
    [undefined],
    [443],
    [{ hostname: "example.org\0", port: 443 }],
  ])("not %j", async (address) => {
    const error = await failureOf(() => read(address as SocketAddress));
    expect(error.code).toBe("configuration/invalid-option");
    expect(error.message).toContain('"address"');
  });
});
