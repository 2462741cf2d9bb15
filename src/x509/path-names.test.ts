/** Issuers and subjects whose names are the same by RFC 5280 §7.1, but not byte for byte. */

import { describe, expect, it } from "vitest";
import { type AuthorityOptions, createAuthority } from "../../test/authority.ts";
import { commonName, element, sequence } from "../../test/der-writer.ts";
import { codeOf, counting, verify } from "../../test/verify-path.ts";

const names = ["a.example"];

describe("a path is found", () => {
  it("to a root whose name is written otherwise", async () => {
    const root = await createAuthority({ commonName: "The Root" });
    const respelled = await createAuthority({ commonName: "the  ROOT", keys: root.keys });
    const leaf = await root.issue({ names });
    expect((await verify({ leaf, roots: [respelled] })).certificates).toHaveLength(1);
    expect(await codeOf({ leaf, roots: [await createAuthority({ commonName: "theRoot" })] })).toBe(
      "certificate/unknown-issuer",
    );
  });

  it("through an intermediate whose name is written otherwise", async () => {
    const root = await createAuthority();
    const middle = await root.intermediate({ commonName: "Middle" });
    const respelled = await root.intermediate({ commonName: "MIDDLE", keys: middle.keys });
    const leaf = await middle.issue({ names });
    const chain = [leaf.certificate, respelled.certificate];
    expect((await verify({ chain, roots: [root] })).certificates).toEqual(chain);
  });

  it("where those who have the very name lead nowhere", async () => {
    const root = await createAuthority({ commonName: "The Root" });
    const respelled = await createAuthority({ commonName: "The ROOT", keys: root.keys });
    const namesake = await createAuthority({ commonName: "The Root" });
    const leaf = await root.issue({ names });
    const path = await verify({ leaf, roots: [namesake, respelled] });
    expect(path.anchor.subjectPublicKeyInfo).toEqual(
      (await verify({ leaf, roots: [root] })).anchor.subjectPublicKeyInfo,
    );
  });

  it("through a self-issued certificate, which no path length counts", async () => {
    const root = await createAuthority();
    const middle = await root.intermediate({ commonName: "Middle", pathLength: 0 });
    const rolledOver = await middle.intermediate({ commonName: "MIDDLE", pathLength: 0 });
    const leaf = await rolledOver.issue({ names });
    expect((await verify({ leaf, roots: [root] })).certificates).toHaveLength(3);
    const other = await middle.intermediate({ commonName: "Meddle", pathLength: 0 });
    expect(await codeOf({ leaf: await other.issue({ names }), roots: [root] })).toBe(
      "certificate/path-too-long",
    );
  });
});

describe("a self-issued certificate", () => {
  // What is below may only be called so.
  const named = (name: string) => element(0xa4, commonName(name));
  const constrained = (name: string): AuthorityOptions => ({
    extraExtensions: [{ oid: "2.5.29.30", value: sequence(element(0xa0, sequence(named(name)))) }],
  });

  it("is free of name constraints, however its name is written", async () => {
    const root = await createAuthority();
    const middle = await root.intermediate({ commonName: "Middle", ...constrained("a.example") });
    const rolledOver = await middle.intermediate({ commonName: "MIDDLE" });
    const leaf = await rolledOver.issue({ names });
    expect((await verify({ leaf, roots: [root] })).certificates).toHaveLength(3);
    const other = await middle.intermediate({ commonName: "Meddle" });
    expect(await codeOf({ leaf: await other.issue({ names }), roots: [root] })).toBe(
      "certificate/name-constraint",
    );
  });

  it("is not, where it is the server's (RFC 5280 §6.1.3 (b))", async () => {
    const root = await createAuthority();
    const middle = await root.intermediate({ commonName: "Middle", ...constrained("a.example") });
    const leaf = await middle.issue({ names, commonName: "middle" });
    expect(await codeOf({ leaf, roots: [root] })).toBe("certificate/name-constraint");
  });
});

describe("no path is found", () => {
  it("to a root with the same name and another key", async () => {
    const root = await createAuthority({ commonName: "The Root" });
    const other = await createAuthority({ commonName: "the root" });
    const leaf = await root.issue({ names });
    expect(await codeOf({ leaf, roots: [other] })).toBe("certificate/bad-signature");
  });

  it("through the same authority twice, under names written in two ways", async () => {
    const one = await createAuthority({ commonName: "One" });
    const two = await one.intermediate({ commonName: "Two" });
    const again = await two.intermediate({ commonName: "ONE", keys: one.keys });
    const leaf = await two.issue({ names });
    const counted = counting();
    const chain = [...leaf.chain, again.certificate, one.certificate];
    const roots = [await createAuthority({ commonName: "Another" })];
    expect(await codeOf({ chain, roots, crypto: counted.crypto })).toBe(
      "certificate/unknown-issuer",
    );
    // The leaf's, and the two that "Two" has; no further round.
    expect(counted.signatures).toBe(3);
  });
});
