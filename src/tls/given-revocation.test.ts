import { describe, expect, it } from "vitest";
import { createAuthority } from "../../test/authority.ts";
import { crlOf, crlPem } from "../../test/crls.ts";
import { failureOf } from "../../test/failure.ts";
import type { RevocationOptions } from "./revocation-options.ts";
import { readTrust } from "./trust.ts";

const root = await createAuthority();
const crl = crlOf(root);
const pem = crlPem(crl);
const read = async (revocation: RevocationOptions) =>
  (await readTrust({ roots: root.pem, revocation })).revocation;

describe("the option revocation", () => {
  it("takes CRLs in PEM and DER, alone and in lists, for whole chains by default", async () => {
    for (const crls of [crl, pem, [crl], [pem, crl], pem + pem]) {
      const revocation = await read({ crls });
      expect(revocation).toMatchObject({ depth: "chain", allowsUnknownStatus: false });
      for (const { der } of revocation?.crls ?? []) expect(der).toEqual(crl);
    }
    expect((await read({ crls: pem + pem }))?.crls).toHaveLength(2);
    const lax = await read({ crls: crl, depth: "leaf", dangerousAllowUnknownStatus: true });
    expect(lax).toMatchObject({ depth: "leaf", allowsUnknownStatus: true });
  });

  it("is not there where it was not given", async () => {
    expect(await readTrust({ roots: root.pem })).not.toHaveProperty("revocation");
  });

  it.each<[string, unknown]>([
    ["revocation", null],
    ["revocation", "crls"],
    ["revocation.crls", {}],
    ["revocation.crls", { crls: [] }],
    ["revocation.crls", { crls: root.pem }],
    ["revocation.crls", { crls: [pem, 1] }],
    ["revocation.crls", { crls: [crl.buffer] }],
    ["revocation.depth", { crls: pem, depth: "all" }],
    ["revocation.dangerousAllowUnknownStatus", { crls: pem, dangerousAllowUnknownStatus: 1 }],
    ["allowUnknown", { crls: pem, allowUnknown: true }],
  ])("is refused by the name of what is wrong: %s", async (name, option) => {
    const error = await failureOf(() => read(option as RevocationOptions));
    expect(error.code).toBe("configuration/invalid-option");
    expect(error.message).toContain(`"${name}"`);
  });

  it("names the CRL that is none", async () => {
    const error = await failureOf(() => read({ crls: [crl, Uint8Array.of(0x30, 0)] }));
    expect(error.code).toBe("certificate/bad-crl");
    expect(error.message).toContain("revocation.crls[1]");
  });
});
