import { describe, expect, it } from "vitest";
import { type Authority, createAuthority, type Issued } from "../../../test/authority.ts";
import {
  type CrlPieces,
  crlNumber,
  crlOf,
  issuingDistributionPoint,
  pointNames,
  reasonCode,
  revokedEntry,
} from "../../../test/crls.ts";
import { commonName, element, sequence, text } from "../../../test/der-writer.ts";
import { failureOf } from "../../../test/failure.ts";
import { type Attempt, counting, verify } from "../../../test/verify-path.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { platformCrypto } from "../../crypto/platform.ts";
import type { TlsError } from "../../errors.ts";
import { parseCertificate } from "../certificate.ts";
import { type CrlPolicy, notRevokedByCrls } from "./condition.ts";
import { parseCrl } from "./crl.ts";

const names = ["a.example"];
const root = await createAuthority({ commonName: "the root" });
const middle = await root.intermediate({ commonName: "the middle" });
const leaf = await middle.issue({ names });
const serial = (of: Issued) => parseCertificate(of.certificate).serialNumber;

interface Check extends Partial<Omit<CrlPolicy, "crls">>, Omit<Attempt, "roots"> {
  readonly roots?: Attempt["roots"];
}

/** Verifies the leaf's path with these CRLs. */
function check(crls: readonly Bytes[], options: Check = {}) {
  const { depth = "chain", allowsUnknownStatus = false, now = new Date(), ...attempt } = options;
  const { crypto = platformCrypto } = attempt;
  const policy = { crls: crls.map((der) => parseCrl(der)), depth, allowsUnknownStatus };
  const conditions = [notRevokedByCrls(policy, { now, crypto })];
  return verify({ leaf, roots: [root], now, conditions, ...attempt });
}

const failure = (crls: readonly Bytes[], options?: Check): Promise<TlsError> =>
  failureOf(() => check(crls, options));

const ofRoot = crlOf(root);
const ofMiddle = crlOf(middle);

describe("the CRLs of a path", () => {
  it("let pass what is on none of them", async () => {
    const others = [await middle.issue({ names }), await middle.issue({ names })];
    const path = await check([ofRoot, crlOf(middle, { revoked: others })]);
    expect(path.certificates).toHaveLength(2);
  });

  it("refuse the server's certificate, and say since when and why", async () => {
    const date = new Date("2026-01-02T03:04:05Z");
    const revoked = [revokedEntry(serial(leaf), date, reasonCode(1))];
    const error = await failure([ofRoot, crlOf(middle, { revoked })]);
    expect(error.code).toBe("certificate/revoked");
    expect(error.message).toMatch(/^The server's certificate was revoked at 2026-01-02T03:04:05/);
    expect(error.message).toContain("keyCompromise");
    expect(error.message).toContain("the middle");
    expect(error.certificates).toEqual(leaf.chain);
    expect(error.paths).toMatchObject([{ failedAt: 0 }]);
  });

  it("refuse an intermediate", async () => {
    const error = await failure([ofMiddle, crlOf(root, { revoked: [middle] })]);
    expect(error.code).toBe("certificate/revoked");
    expect(error.message).toContain('The intermediate certificate "CN=the middle" was revoked');
  });

  it("say first what is revoked, though less is known of what comes before", async () => {
    const { code, paths } = await failure([crlOf(root, { revoked: [middle] })]);
    expect(code).toBe("certificate/revoked");
    expect(paths).toMatchObject([{ code, certificates: leaf.chain, failedAt: 1 }]);
  });

  it("are of use where their issuer writes its name in another way", async () => {
    const issuer = commonName("THE  MIDDLE");
    const error = await failure([ofRoot, crlOf(middle, { issuer, revoked: [leaf] })]);
    expect(error.code).toBe("certificate/revoked");
  });

  it.each(["rsa-2048", "ed25519"] as const)("are signed with a key of type %s", async (keyType) => {
    const other = await createAuthority({ keyType });
    const [good, bad] = await Promise.all([other.issue({ names }), other.issue({ names })]);
    const crls = [crlOf(other, { revoked: [bad] })];
    await check(crls, { leaf: good, roots: [other] });
    const { code } = await failure(crls, { leaf: bad, roots: [other] });
    expect(code).toBe("certificate/revoked");
  });

  it("may let another path be taken", async () => {
    const old = await createAuthority({ commonName: "the old root" });
    const crossSign = await old.intermediate({ commonName: "the root", keys: root.keys });
    const chain = [...leaf.chain, crossSign.certificate];
    const crls = [ofRoot, ofMiddle, crlOf(old, { revoked: [crossSign] })];
    const path = await check(crls, { chain, roots: [old, root] });
    expect(path.certificates).toEqual(leaf.chain);
    expect((await failure(crls, { chain, roots: [old] })).code).toBe("certificate/revoked");
  });
});

describe("what is not known", () => {
  it("is refused", async () => {
    const error = await failure([ofRoot]);
    expect(error.code).toBe("certificate/unknown-revocation-status");
    expect(error.message).toContain("The server's certificate");
    expect(error.message).toContain("the middle");
    const other = await failure([ofMiddle]);
    expect(other.code).toBe("certificate/unknown-revocation-status");
    expect(other.message).toContain('The intermediate certificate "CN=the middle"');
  });

  it("passes where that is allowed, but nothing that is known to be revoked", async () => {
    await check([], { allowsUnknownStatus: true });
    const { code } = await failure([crlOf(root, { revoked: [middle] })], {
      allowsUnknownStatus: true,
    });
    expect(code).toBe("certificate/revoked");
  });

  it("does not matter above the leaf where only that is looked for", async () => {
    await check([ofMiddle], { depth: "leaf" });
    await check([ofMiddle, crlOf(root, { revoked: [middle] })], { depth: "leaf" });
    const { code } = await failure([crlOf(middle, { revoked: [leaf] })], { depth: "leaf" });
    expect(code).toBe("certificate/revoked");
  });

  it("is not told by a CRL of another issuer with the same number", async () => {
    const other = await createAuthority({ commonName: "another" });
    await check([ofRoot, ofMiddle, crlOf(other, { revoked: [revokedEntry(serial(leaf))] })]);
  });
});

describe("a CRL that does not count", () => {
  const thisUpdate = new Date("2026-05-01T00:00:00Z");
  const nextUpdate = new Date("2026-06-01T12:00:00Z");
  const between = { notBefore: new Date("2026-01-01"), notAfter: new Date("2027-01-01") };

  it("is out of date, or yet to come", async () => {
    const authority = await createAuthority(between);
    const server = await authority.issue({ names, ...between });
    const at = (moment: string) => ({
      leaf: server,
      roots: [authority],
      now: new Date(moment),
    });
    const crls = [crlOf(authority, { thisUpdate, nextUpdate })];
    await check(crls, at("2026-06-01T12:00:00.999Z"));
    await check(crls, at("2026-05-01T00:00:00.000Z"));
    const late = await failure(crls, at("2026-06-01T12:00:01.000Z"));
    expect(late.code).toBe("certificate/crl-expired");
    expect(late.message).toContain("2026-06-01T12:00:00.000Z");
    expect(late.message).toContain("2026-06-01T12:00:01.000Z");
    const early = await failure(crls, at("2026-04-30T23:59:59.999Z"));
    expect(early.code).toBe("certificate/bad-crl");
    expect(early.message).toMatch(/clock/);
    // Out of date is not unknown: nobody asked to let that pass.
    const allowed = await failure(crls, { ...at("2026-07-01"), allowsUnknownStatus: true });
    expect(allowed.code).toBe("certificate/crl-expired");
    // Another one that is current is enough, whatever their order.
    const current = crlOf(authority, { thisUpdate: nextUpdate, nextUpdate: between.notAfter });
    await check([...crls, current], at("2026-07-01"));
    await check([current, ...crls], at("2026-07-01"));
  });

  it("does not have its issuer's signature", async () => {
    const another = await createAuthority({ commonName: "the middle" });
    const forged = crlOf(another, { issuer: parseCertificate(middle.certificate).subject });
    const error = await failure([ofRoot, forged]);
    expect(error.code).toBe("certificate/bad-crl");
    expect(error.message).toContain("not signed by the issuer");
    await check([ofRoot, forged, ofMiddle]);
    // What a forged one says is not believed.
    await check([ofRoot, crlOf(another, { revoked: [leaf] }), ofMiddle]);
  });

  it("was altered", async () => {
    const der = crlOf(middle, { revoked: [revokedEntry(Uint8Array.of(1, 2, 3, 4, 5))] });
    const at = Buffer.from(der).indexOf(Uint8Array.of(1, 2, 3, 4, 5));
    der[at] = 2;
    expect((await failure([ofRoot, der])).code).toBe("certificate/bad-crl");
  });

  it("is of an issuer that may not sign CRLs", async () => {
    const silent = await root.intermediate({ keyUsage: ["keyCertSign"] });
    const error = await failure([ofRoot, crlOf(silent)], { leaf: await silent.issue({ names }) });
    expect(error.code).toBe("certificate/bad-crl");
    expect(error.message).toContain("cRLSign");
    const silentRoot = await createAuthority({ keyUsage: ["keyCertSign"] });
    const below = { leaf: await silentRoot.issue({ names }), roots: [silentRoot] };
    expect((await failure([crlOf(silentRoot)], below)).code).toBe("certificate/bad-crl");
    // RFC 5280 §6.3.3 (f): only a key usage that is there can say so.
    const free = await createAuthority({ keyUsage: "none" });
    await check([crlOf(free)], { leaf: await free.issue({ names }), roots: [free] });
  });

  it("does not hide that a certificate is revoked", async () => {
    const expired = crlOf(middle, { thisUpdate, nextUpdate: new Date(Date.now() - 10_000) });
    const { code } = await failure([expired, crlOf(middle, { revoked: [leaf] }), ofRoot]);
    expect(code).toBe("certificate/revoked");
    const two = await failure([expired, crlOf(root, { revoked: [middle] })]);
    expect(two.code).toBe("certificate/revoked");
  });
});

describe("what a CRL is about", () => {
  const flag = (number: number) => element(0x80 | number, Uint8Array.of(0xff));
  const about = (...members: Uint8Array[]): CrlPieces => ({
    extensions: [crlNumber(), issuingDistributionPoint(...members)],
  });
  const uri = (path: string) => text(0x86, `http://a.example/${path}.crl`);
  const named = (...points: Uint8Array[]) => [{ oid: "2.5.29.31", value: sequence(...points) }];
  const point = (...members: Uint8Array[]) => sequence(...members);

  it("are users' certificates, or authorities'", async () => {
    const [users, authorities] = [flag(1), flag(2)];
    await check([crlOf(root, about(authorities)), crlOf(middle, about(users))]);
    const codes = [
      await failure([crlOf(root, about(users)), crlOf(middle, about(users))]),
      await failure([crlOf(root, about(authorities)), crlOf(middle, about(authorities))]),
    ].map(({ code }) => code);
    expect(codes).toEqual([
      "certificate/unknown-revocation-status",
      "certificate/unknown-revocation-status",
    ]);
  });

  const one = pointNames(uri("1"));
  const reasons = element(0x81, Uint8Array.of(1, 0x40));
  const crlIssuer = element(0xa2, element(0xa4, commonName("the middle")));
  const directory = (name: string) => pointNames(element(0xa4, commonName(name)));

  it.each<[string, Uint8Array[] | undefined, Uint8Array, boolean]>([
    ["the same point", [point(one)], one, true],
    ["one of several names", [point(pointNames(uri("2"), uri("1")))], one, true],
    ["one of several points", [point(pointNames(uri("2"))), point(one)], one, true],
    ["another point", [point(pointNames(uri("2")))], one, false],
    ["a point for some reasons", [point(one, reasons)], one, false],
    ["a point of another issuer", [point(one, crlIssuer)], one, false],
    ["a point without a name", [point(crlIssuer)], one, false],
    ["a name of another form", [point(pointNames(text(0x82, "a.example")))], one, false],
    ["the same directory name", [point(directory("X"))], directory("x"), true],
    ["another directory name", [point(directory("X"))], directory("y"), false],
    ["no point", undefined, one, false],
    ["no point, where the issuer's name is meant", undefined, directory("the middle"), true],
  ])("are certificates with %s", async (_, points, ofCrl, isAbout) => {
    const server = await middle.issue({
      names,
      extraExtensions: points === undefined ? [] : named(...points),
    });
    const pieces = about(ofCrl);
    const attempt = () => check([ofRoot, crlOf(middle, pieces)], { leaf: server });
    if (isAbout) {
      await attempt();
      const revoked = crlOf(middle, { ...pieces, revoked: [server] });
      expect((await failure([ofRoot, revoked], { leaf: server })).code).toBe("certificate/revoked");
    } else {
      expect((await failureOf(attempt)).code).toBe("certificate/unknown-revocation-status");
    }
    // One about everything does for all of them.
    await check([ofRoot, ofMiddle], { leaf: server });
  });

  it("can't be said where the certificate's points can't be read", async () => {
    const server = await middle.issue({ names, extraExtensions: named(commonName("x")) });
    const { code } = await failure([ofRoot, crlOf(middle, about(one))], { leaf: server });
    expect(code).toBe("certificate/malformed");
  });
});

describe("an authority that has changed its key", () => {
  it("signs CRLs with the new one for what the old one has issued", async () => {
    const now = await root.intermediate({ commonName: "it" });
    const before = await now.intermediate({ commonName: "it" });
    const server = await before.issue({ names });
    const crls = (signer: Authority) => [ofRoot, crlOf(signer)];
    await check(crls(now), { leaf: server });
    expect((await failure(crls(before), { leaf: server })).code).toBe("certificate/bad-crl");
    await check([...crls(before), crlOf(now)], { leaf: server });
  });
});

describe("signatures of CRLs", () => {
  it("are verified once for many connections", async () => {
    const counted = counting();
    const { crypto } = counted;
    const policy = {
      crls: [parseCrl(ofRoot), parseCrl(ofMiddle)],
      depth: "chain",
      allowsUnknownStatus: false,
    } as const;
    const attempt = {
      leaf,
      roots: [root],
      conditions: [notRevokedByCrls(policy, { now: new Date(), crypto })],
    };
    await verify(attempt);
    await verify(attempt);
    expect(counted.signatures).toBe(2);
  });

  it("are of the path's budget", async () => {
    const another = await createAuthority({ commonName: "the middle" });
    const crls = Array.from({ length: 100 }, () => crlOf(another));
    expect((await failure([ofRoot, ...crls])).code).toBe("certificate/budget-exceeded");
  });
});
