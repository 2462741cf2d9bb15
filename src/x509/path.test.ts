import { describe, expect, it } from "vitest";
import { createAuthority, type KeyType, purposes, selfSigned } from "../../test/authority.ts";
import { certificateOf, sequence, text } from "../../test/der-writer.ts";
import { failureOf } from "../../test/failure.ts";
import { codeOf, counting, verify } from "../../test/verify-path.ts";
import { TlsError } from "../errors.ts";
import { parseAnchor } from "./anchor.ts";
import { type CandidatePath, issuerOf, type PathCondition } from "./path.ts";

const name = "a.example";
const names = [name];
const day = 24 * 60 * 60 * 1000;

describe("a path is found", () => {
  it.each<[KeyType, boolean]>([
    ["ecdsa-p256", false],
    ["ecdsa-p384", false],
    ["ecdsa-p521", false],
    ["ed25519", false],
    ["rsa-2048", false],
    ["rsa-3072", true],
  ])("with %s throughout (PSS: %s)", async (keyType, pss) => {
    const options = { keyType, signature: { pss } };
    const root = await createAuthority(options);
    const intermediate = await root.intermediate(options);
    const leaf = await intermediate.issue({ names, ...options });
    const path = await verify({ leaf, roots: [root] });
    expect(path.certificates).toEqual(leaf.chain);
    expect(path.leaf.der).toEqual(leaf.certificate);
    expect(path.publicKey.kind).toBe(keyType.startsWith("rsa") ? "rsa" : path.publicKey.kind);
    expect(path.anchor).toEqual(parseAnchor(root.certificate));
  });

  it("with several kinds of key, RSA-PSS keys among them", async () => {
    const root = await createAuthority({ keyType: "rsa-2048" });
    const intermediate = await root.intermediate({ keyType: "ed25519" });
    const leaf = await intermediate.issue({ names, keyType: "rsa-pss-2048" });
    expect((await verify({ leaf, roots: [root] })).publicKey.kind).toBe("rsa-pss");
  });

  it("straight to the root", async () => {
    const root = await createAuthority();
    const leaf = await root.issue({ names });
    expect((await verify({ leaf, roots: [root] })).certificates).toHaveLength(1);
  });

  it("in any order, with the root, twice, and with what is not needed", async () => {
    const root = await createAuthority();
    const first = await root.intermediate({ commonName: "first" });
    const second = await first.intermediate({ commonName: "second" });
    const leaf = await second.issue({ names });
    const other = await createAuthority({ commonName: "other" });
    const path = await verify({
      chain: [
        leaf.certificate,
        other.certificate,
        root.certificate,
        first.certificate,
        Uint8Array.of(1, 2, 3),
        second.certificate,
        first.certificate,
        leaf.certificate,
      ],
      roots: [other, root],
    });
    expect(path.certificates).toEqual([leaf, second, first].map((issued) => issued.certificate));
  });

  it("through a cross-sign, where another way ends at a root that is not trusted", async () => {
    const [old, young] = await Promise.all([
      createAuthority({ commonName: "old root" }),
      createAuthority({ commonName: "young root" }),
    ]);
    const crossSigned = await old.intermediate({ commonName: "young root", keys: young.keys });
    const intermediate = await young.intermediate();
    const leaf = await intermediate.issue({ names });
    const chain = [...leaf.chain, young.certificate, crossSigned.certificate];
    expect((await verify({ chain, roots: [old] })).certificates).toHaveLength(3);
    expect((await verify({ chain, roots: [young] })).certificates).toHaveLength(2);
  });

  it("past an intermediate of the same name that is expired, or has another key", async () => {
    const root = await createAuthority();
    const good = await root.intermediate();
    const past = { notBefore: new Date(0), notAfter: new Date(day) };
    const expired = await root.intermediate({ keys: good.keys, ...past });
    const otherKey = await root.intermediate();
    const leaf = await good.issue({ names });
    const others = [expired, otherKey, good].map((issued) => issued.certificate);
    const path = await verify({ chain: [leaf.certificate, ...others], roots: [root] });
    expect(path.certificates).toEqual([leaf.certificate, good.certificate]);
  });

  it("past a root of the same name with another key", async () => {
    const [root, namesake] = await Promise.all([createAuthority(), createAuthority()]);
    const leaf = await root.issue({ names });
    const path = await verify({ leaf, roots: [namesake, root] });
    expect(path.anchor).toEqual(parseAnchor(root.certificate));
  });

  it("from a certificate that issued itself, where it is trusted", async () => {
    const leaf = await selfSigned({ names });
    expect((await verify({ leaf, roots: [leaf] })).certificates).toHaveLength(1);
  });

  it("for addresses", async () => {
    const root = await createAuthority();
    const leaf = await root.issue({ names: ["192.0.2.1", "2001:db8::1"] });
    await verify({ leaf, roots: [root], hostname: "192.0.2.1" });
    await verify({ leaf, roots: [root], hostname: "[2001:DB8:0::1]" });
    expect(await codeOf({ leaf, roots: [root], hostname: "192.0.2.2" })).toBe(
      "certificate/wrong-name",
    );
  });

  it("without key usage and purposes, which are then not limited", async () => {
    const root = await createAuthority({ keyUsage: "none" });
    const intermediate = await root.intermediate({ keyUsage: "none" });
    const leaf = await intermediate.issue({ names, keyUsage: "none", extendedKeyUsage: "none" });
    await verify({ leaf, roots: [root] });
  });

  it("where both purposes of a server and others are named", async () => {
    const extendedKeyUsage = [purposes.clientAuth, purposes.serverAuth];
    const root = await createAuthority();
    const intermediate = await root.intermediate({ extendedKeyUsage });
    const leaf = await intermediate.issue({ names, extendedKeyUsage });
    await verify({ leaf, roots: [root] });
  });
});

describe("a path is refused", () => {
  it("without certificates", async () => {
    expect(await codeOf({ chain: [], roots: [] })).toBe("certificate/missing");
  });

  it("where the server's certificate can't be read, and with it presented", async () => {
    const chain = [Uint8Array.of(0x30, 0x80)];
    const error = await failureOf(() => verify({ chain, roots: [] }));
    expect(error).toMatchObject({ code: "certificate/malformed", certificates: chain });
  });

  it("where the server's certificate is of version 1", async () => {
    const chain = [certificateOf({ version: new Uint8Array() })];
    expect(await codeOf({ chain, roots: [] })).toBe("certificate/malformed");
  });

  it("for another name, whatever the common name is", async () => {
    const root = await createAuthority();
    const leaf = await root.issue({ names: ["b.example"], commonName: name });
    const error = await failureOf(() => verify({ leaf, roots: [root] }));
    expect(error).toMatchObject({ code: "certificate/wrong-name", certificates: leaf.chain });
    expect(error.message).toContain("b.example");
    const nameless = await root.issue({ names: [], commonName: name });
    expect(await codeOf({ leaf: nameless, roots: [root] })).toBe("certificate/wrong-name");
  });

  it("to a root that is not trusted", async () => {
    const [root, other] = await Promise.all([
      createAuthority(),
      createAuthority({ commonName: "other" }),
    ]);
    const intermediate = await root.intermediate();
    const leaf = await intermediate.issue({ names });
    const unknown = { code: "certificate/unknown-issuer" };
    expect(await failureOf(() => verify({ leaf, roots: [other] }))).toMatchObject(unknown);
    const chain = [...leaf.chain, root.certificate];
    const error = await failureOf(() => verify({ chain, roots: [other] }));
    expect(error).toMatchObject(unknown);
    expect(error.message).toContain("webtls test root");
  });

  it("where an intermediate is missing, which is named", async () => {
    const root = await createAuthority();
    const intermediate = await root.intermediate({ commonName: "the missing one" });
    const leaf = await intermediate.issue({ names });
    const error = await failureOf(() => verify({ chain: [leaf.certificate], roots: [root] }));
    expect(error.code).toBe("certificate/unknown-issuer");
    expect(error.message).toContain("the missing one");
  });

  it("where the certificate issued itself", async () => {
    const root = await createAuthority();
    const leaf = await selfSigned({ names });
    expect(await codeOf({ leaf, roots: [root] })).toBe("certificate/self-signed");
    // As `openssl req -x509` makes it: an authority's at the same time.
    const authority = await createAuthority({
      keyUsage: "none",
      extraExtensions: [{ oid: "2.5.29.17", value: sequence(text(0x82, name)) }],
    });
    expect(await codeOf({ leaf: authority, roots: [root] })).toBe("certificate/self-signed");
    expect(await codeOf({ leaf: authority, roots: [authority] })).toBe("certificate/wrong-purpose");
  });

  it("where issuer and subject are one in name only", async () => {
    const root = await createAuthority({ commonName: name });
    const leaf = await root.issue({ names, commonName: name });
    expect(await codeOf({ leaf, roots: [] })).toBe("certificate/unknown-issuer");
  });

  it("where a signature is by another key of the same name", async () => {
    const [root, namesake] = await Promise.all([createAuthority(), createAuthority()]);
    const leaf = await root.issue({ names });
    expect(await codeOf({ leaf, roots: [namesake] })).toBe("certificate/bad-signature");
  });

  it("where one bit of the certificate is another", async () => {
    const root = await createAuthority();
    const leaf = await root.issue({ names: ["b.example"] });
    const forged = leaf.certificate.slice();
    const at = Buffer.from(forged).lastIndexOf("b.example");
    forged[at] = "a".charCodeAt(0);
    expect(await codeOf({ chain: [forged], roots: [root] })).toBe("certificate/bad-signature");
  });
});

describe("time", () => {
  const notBefore = new Date("2026-03-01T00:00:00Z");
  const notAfter = new Date("2026-04-01T00:00:00Z");
  const at = (date: Date, milliseconds: number) => new Date(date.getTime() + milliseconds);

  it("counts from the first second to the last (RFC 5280 §4.1.2.5)", async () => {
    const root = await createAuthority();
    const leaf = await root.issue({ names, notBefore, notAfter });
    await verify({ leaf, roots: [root], now: notBefore });
    await verify({ leaf, roots: [root], now: at(notAfter, 999) });
    const early = await failureOf(() => verify({ leaf, roots: [root], now: at(notBefore, -1) }));
    expect(early.code).toBe("certificate/not-yet-valid");
    expect(early.message).toContain("2026-03-01T00:00:00.000Z");
    expect(early.message).toContain("2026-02-28T23:59:59.999Z");
    const late = await failureOf(() => verify({ leaf, roots: [root], now: at(notAfter, 1000) }));
    expect(late.code).toBe("certificate/expired");
    expect(late.message).toContain("2026-04-01T00:00:00.000Z");
    expect(late.message).toContain("2026-04-01T00:00:01.000Z");
  });

  it("counts for intermediates and the roots of a caller, but not for anchors without a certificate", async () => {
    const root = await createAuthority({ notBefore: new Date(0), notAfter: new Date(day) });
    const { subject, subjectPublicKeyInfo } = parseAnchor(root.certificate);
    const anchor = { subject, subjectPublicKeyInfo };
    const intermediate = await root.intermediate({ notBefore, notAfter });
    const validity = { notBefore: new Date("2020-01-01"), notAfter: new Date("2030-01-01") };
    const leaf = await intermediate.issue({ names, ...validity });
    await verify({ leaf, roots: [anchor], now: notBefore });
    const early = { leaf, roots: [anchor], now: at(notBefore, -1) };
    expect(await codeOf(early)).toBe("certificate/not-yet-valid");
    expect(await codeOf({ leaf, roots: [anchor], now: at(notAfter, 1000) })).toBe(
      "certificate/expired",
    );
    const expired = await failureOf(() => verify({ leaf, roots: [root], now: notBefore }));
    expect(expired.code).toBe("certificate/expired");
    expect(expired.message).toContain('The root "CN=webtls test root" expired at 1970-01-02');
  });

  it("ends for roots that are distrusted from a date on", async () => {
    const root = await createAuthority();
    const leaf = await root.issue({ names, notBefore, notAfter });
    const anchor = parseAnchor(root.certificate);
    const now = notBefore;
    await verify({ leaf, roots: [{ ...anchor, distrustAfter: notBefore }], now });
    const distrusted = { ...anchor, distrustAfter: at(notBefore, -1000) };
    const error = await failureOf(() => verify({ leaf, roots: [distrusted], now }));
    expect(error.code).toBe("certificate/unknown-issuer");
    expect(error.message).toContain("2026-02-28T23:59:59.000Z");
  });
});

describe("intermediates at hand", () => {
  it("lead to a root where the server presents none, and are trusted no more for it", async () => {
    const root = await createAuthority();
    const upper = await root.intermediate({ commonName: "upper" });
    const lower = await upper.intermediate({ commonName: "lower" });
    const { certificate } = await lower.issue({ names });
    const chain = [certificate];
    expect(await codeOf({ chain, roots: [root] })).toBe("certificate/unknown-issuer");
    const path = await verify({ chain, roots: [root], intermediates: [lower, upper] });
    expect(path.certificates).toEqual([certificate, lower.certificate, upper.certificate]);
    const other = await createAuthority({ commonName: "another root" });
    expect(await codeOf({ chain, roots: [other], intermediates: [lower, upper, root] })).toBe(
      "certificate/unknown-issuer",
    );
  });

  it("complete what the server presents, and are not tried twice", async () => {
    const root = await createAuthority();
    const upper = await root.intermediate({ commonName: "upper" });
    const lower = await upper.intermediate({ commonName: "lower" });
    const leaf = await lower.issue({ names });
    const chain = [leaf.certificate, lower.certificate];
    const { certificates } = await verify({ chain, roots: [root], intermediates: [lower, upper] });
    expect(certificates).toEqual(leaf.chain);
    const effort = counting();
    const stranger = await createAuthority();
    const attempt = { chain, roots: [stranger], intermediates: [lower, lower], ...effort };
    expect(await codeOf(attempt)).toBe("certificate/unknown-issuer");
    expect(effort.signatures).toBe(1);
  });
});

describe("a condition", () => {
  const refusal = new TlsError("certificate/revoked", "It is revoked.");

  it("that a path does not meet has others tried", async () => {
    const old = await createAuthority({ commonName: "old root" });
    const young = await createAuthority({ commonName: "young root" });
    const crossSigned = await old.intermediate({ commonName: "young root", keys: young.keys });
    const leaf = await young.issue({ names });
    const chain = [...leaf.chain, crossSigned.certificate];
    const roots = [old, young];
    const tried: CandidatePath[] = [];
    const isNotStraight: PathCondition = (path) => {
      tried.push(path);
      if (path.certificates.length === 1) throw refusal;
    };
    const path = await verify({ chain, roots, conditions: [isNotStraight] });
    expect(path.certificates).toEqual([leaf.certificate, crossSigned.certificate]);
    expect(tried.map(({ certificates }) => certificates.length)).toEqual([1, 2]);
    expect(tried.map((candidate) => issuerOf(candidate, 0).subject)).toEqual([
      parseAnchor(young.certificate).subject,
      parseAnchor(young.certificate).subject,
    ]);
    expect(path.anchor).toEqual(parseAnchor(old.certificate));
  });

  it("that no path meets is what is said", async () => {
    const root = await createAuthority();
    const leaf = await root.issue({ names });
    const attempt = { leaf, roots: [root], conditions: [() => Promise.reject(refusal)] };
    expect(await codeOf(attempt)).toBe("certificate/revoked");
  });

  it("spends of the path's budget", async () => {
    const root = await createAuthority();
    const leaf = await root.issue({ names });
    const spends: PathCondition = (_, effort) => effort.spend("signatures", 100);
    expect(await codeOf({ leaf, roots: [root], conditions: [spends] })).toBe(
      "certificate/budget-exceeded",
    );
  });
});
