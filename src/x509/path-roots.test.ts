/** Roots that a caller gives: what their certificates say is held to, where a path ends at them. */

import { describe, expect, it } from "vitest";
import {
  type AuthorityOptions,
  createAuthority,
  purposes,
  selfSigned,
} from "../../test/authority.ts";
import { certificateOf, element, nothing, sequence, text } from "../../test/der-writer.ts";
import { failureOf } from "../../test/failure.ts";
import { codeOf, verify } from "../../test/verify-path.ts";
import { parseAnchor, parseAnchors } from "./anchor.ts";

const names = ["a.example"];
const day = 24 * 60 * 60 * 1000;
const past = { notBefore: new Date(0), notAfter: new Date(day) };

/** The code of a path that ends at such a root. */
async function codeWith(options: AuthorityOptions): Promise<string> {
  const root = await createAuthority(options);
  const leaf = await root.issue({ names });
  return codeOf({ leaf, roots: parseAnchors([root.certificate, await harmless()]) });
}

/** Another root, so that the list has one that can be used. */
async function harmless() {
  return (await createAuthority({ commonName: "another root" })).certificate;
}

describe("a root's certificate", () => {
  it.each<[string, AuthorityOptions, string]>([
    ["has to be valid", past, "certificate/expired"],
    [
      "has to be valid already",
      { notBefore: new Date(Date.now() + day), notAfter: new Date(Date.now() + 2 * day) },
      "certificate/not-yet-valid",
    ],
    [
      "has no critical extension that is not known",
      { extraExtensions: [{ oid: "1.2.3.4", critical: true, value: nothing() }] },
      "certificate/unknown-critical-extension",
    ],
    ["is an authority's", { ca: false }, "certificate/not-a-ca"],
    [
      "says that it is an authority's",
      { extraExtensions: [{ oid: "2.5.29.19", value: sequence() }] },
      "certificate/not-a-ca",
    ],
    ["may sign certificates", { keyUsage: ["cRLSign"] }, "certificate/wrong-key-usage"],
    [
      "may be for servers",
      { extendedKeyUsage: [purposes.clientAuth] },
      "certificate/wrong-purpose",
    ],
    ["has a strong key", { keyType: "rsa-1024" }, "certificate/weak-key"],
    [
      "has constraints that can be read",
      { extraExtensions: [{ oid: "2.5.29.30", value: sequence() }] },
      "certificate/malformed",
    ],
  ])("%s", async (_, options, code) => {
    expect(await codeWith(options)).toBe(code);
  });

  it("bounds how long a path is", async () => {
    const root = await createAuthority({ pathLength: 0 });
    const intermediate = await root.intermediate();
    const roots = [root];
    await verify({ leaf: await root.issue({ names }), roots });
    expect(await codeOf({ leaf: await intermediate.issue({ names }), roots })).toBe(
      "certificate/path-too-long",
    );
  });

  it("needs neither key identifiers nor a key usage, and may name a server's purpose", async () => {
    const root = await createAuthority({
      keyUsage: "none",
      extendedKeyUsage: [purposes.serverAuth],
    });
    await verify({ leaf: await root.issue({ names }), roots: [root] });
  });

  it("may be of version 1, which has no way to say that it is an authority's", () => {
    expect(parseAnchor(certificateOf({ version: new Uint8Array() })).root?.version).toBe(1);
  });

  it("says nothing where a path ends at another", async () => {
    const good = await createAuthority();
    const expired = await createAuthority({ ...past, keys: good.keys });
    const unknown = await createAuthority({
      extraExtensions: [{ oid: "1.2.3.4", critical: true, value: nothing() }],
    });
    const leaf = await good.issue({ names });
    const roots = parseAnchors([expired, unknown, good].map(({ certificate }) => certificate));
    expect((await verify({ leaf, roots })).anchor.root?.der).toEqual(good.certificate);
  });

  it("is not asked whether it is an authority's where the server presents it itself", async () => {
    const leaf = await selfSigned({ names });
    await verify({ leaf, roots: [leaf] });
    expect(await codeOf({ leaf: await selfSigned({ names, ...past }), roots: [leaf] })).toBe(
      "certificate/expired",
    );
  });

  it("that issued another one is asked", async () => {
    const server = await selfSigned({ names, commonName: "server" });
    const rogue = await createAuthority({ commonName: "server", keys: server.keys });
    const error = await failureOf(async () =>
      verify({ leaf: await rogue.issue({ names }), roots: [server] }),
    );
    expect(error.code).toBe("certificate/not-a-ca");
    expect(error.message).toContain('The root "CN=server"');
  });
});

describe("an anchor without a certificate", () => {
  it("is a name, a key and constraints", async () => {
    const value = sequence(element(0xa0, sequence(text(0x82, "b.example"))));
    const extraExtensions = [{ oid: "2.5.29.30", value }];
    const root = await createAuthority({ ...past, ca: false, pathLength: 0, extraExtensions });
    const { root: _, ...anchor } = parseAnchor(root.certificate);
    const roots = [anchor];
    await verify({
      leaf: await root.issue({ names: ["b.example"] }),
      roots,
      hostname: "b.example",
    });
    expect(await codeOf({ leaf: await root.issue({ names }), roots })).toBe(
      "certificate/name-constraint",
    );
  });
});
