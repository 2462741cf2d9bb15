import { describe, expect, it } from "vitest";
import { selfSigned } from "../../test/authority.ts";
import { failureOf } from "../../test/failure.ts";
import { certificatesFromPem } from "./pem.ts";

const block = (base64: string, label = "CERTIFICATE") =>
  `-----BEGIN ${label}-----\n${base64}\n-----END ${label}-----\n`;

describe("certificates in PEM", () => {
  it("are read in their order, whatever stands around them", async () => {
    const [a, b] = await Promise.all(
      ["a.example", "b.example"].map((name) => selfSigned({ names: [name] })),
    );
    const pem = `Subject: CN=a\r\n${a?.pem.replaceAll("\n", "\r\n")}# the other\n${b?.pem}the end`;
    expect(certificatesFromPem(pem)).toEqual([a?.certificate, b?.certificate]);
  });

  it("may have lines of any length, and white space", () => {
    expect(certificatesFromPem(block("AQ ID\n\tBA\n=="))).toEqual([Uint8Array.of(1, 2, 3, 4)]);
  });

  it.each([
    ["nothing", ""],
    ["no block", "certificate"],
    ["a private key", block("AQID", "PRIVATE KEY")],
    ["a private key after a certificate", block("AQID") + block("AQID", "PRIVATE KEY")],
    ["no END line", "-----BEGIN CERTIFICATE-----\nAQID\n"],
    ["another END line", "-----BEGIN CERTIFICATE-----\nAQID\n-----END X509 CRL-----\n"],
    ["a BEGIN line within", "-----BEGIN CERTIFICATE-----\nAQID\n-----BEGIN CERTIFICATE-----\n"],
    ["a broken BEGIN line", "-----BEGIN CERTIFICATE\nAQID\n-----END CERTIFICATE-----\n"],
    ["no content", block("")],
    ["other characters", block("AQ*D")],
    ["the alphabet for URLs", block("-_-_")],
    ["too little padding", block("AQIDBA")],
    ["too much padding", block("A===")],
    ["padding in the middle", block("AQ==AQID")],
  ])("are refused: %s", async (_, pem) => {
    expect(await failureOf(() => certificatesFromPem(pem))).toMatchObject({
      code: "certificate/malformed",
    });
  });
});
