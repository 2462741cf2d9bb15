/** What a failure tells of the paths that were tried, and of the clock. */

import { describe, expect, it } from "vitest";
import { createAuthority, selfSigned } from "../../test/authority.ts";
import { failureOf } from "../../test/failure.ts";
import { type Attempt, verify } from "../../test/verify-path.ts";
import { TlsError, type TriedPath } from "../errors.ts";
import { mozillaRootsDate } from "../roots/index.ts";
import { parseAnchor } from "./anchor.ts";
import { surelyPast } from "./clock.ts";
import type { PathCondition } from "./path.ts";

const names = ["a.example"];
const day = 24 * 60 * 60 * 1000;
const past = { notBefore: new Date(0), notAfter: new Date(day) };

async function pathsOf(attempt: Attempt): Promise<readonly TriedPath[]> {
  const error = await failureOf(() => verify(attempt));
  expect(error.certificates).toEqual(attempt.chain ?? attempt.leaf?.chain);
  const [first, ...others] = error.paths ?? [];
  expect(first).toMatchObject({ code: error.code, message: error.message });
  return first === undefined ? [] : [first, ...others];
}

describe("the paths that were tried", () => {
  it("end where an issuer is missing", async () => {
    const root = await createAuthority();
    const leaf = await (await root.intermediate()).issue({ names });
    const [path, ...others] = await pathsOf({ leaf, chain: [leaf.certificate], roots: [root] });
    expect(path).toMatchObject({ certificates: [leaf.certificate], failedAt: 1 });
    expect(path).toMatchObject({ code: "certificate/unknown-issuer" });
    expect(path).not.toHaveProperty("anchor");
    expect(others).toEqual([]);
  });

  it("end at the intermediate that fails", async () => {
    const root = await createAuthority();
    const expired = await root.intermediate(past);
    const leaf = await expired.issue({ names });
    const [path] = await pathsOf({ leaf, roots: [root] });
    expect(path).toMatchObject({ certificates: leaf.chain, failedAt: 1 });
    expect(path?.code).toBe("certificate/expired");
  });

  it("end at the root that fails", async () => {
    const root = await createAuthority(past);
    const leaf = await (await root.intermediate()).issue({ names });
    const [path] = await pathsOf({ leaf, roots: [root] });
    const { subject } = parseAnchor(root.certificate);
    expect(path).toMatchObject({ certificates: leaf.chain, anchor: subject, failedAt: 2 });
  });

  it("fail at the certificate whose signature is wrong", async () => {
    const root = await createAuthority();
    const namesake = await createAuthority();
    const leaf = await (await root.intermediate()).issue({ names });
    const [path] = await pathsOf({ leaf, roots: [namesake] });
    expect(path).toMatchObject({ failedAt: 1, code: "certificate/bad-signature" });
    expect(path?.anchor).toEqual(parseAnchor(namesake.certificate).subject);
  });

  it("hold copies: what the caller does with them does not reach what is trusted", async () => {
    const root = await createAuthority();
    const namesake = await createAuthority();
    const anchor = parseAnchor(root.certificate);
    const [path] = await pathsOf({ leaf: await namesake.issue({ names }), roots: [anchor] });
    expect(path?.anchor).toEqual(anchor.subject);
    expect(path?.anchor?.buffer).not.toBe(anchor.subject.buffer);
    const intermediate = await namesake.intermediate();
    const leaf = await intermediate.issue({ names });
    const chain = [leaf.certificate];
    const [further] = await pathsOf({ chain, intermediates: [intermediate], roots: [anchor] });
    expect(further?.certificates[1]).toEqual(intermediate.certificate);
    expect(further?.certificates[1]?.buffer).not.toBe(intermediate.certificate.buffer);
  });

  it("fail at the server's certificate, before an issuer is looked for and after", async () => {
    const root = await createAuthority();
    const leaf = await root.issue({ names, ...past });
    expect(await pathsOf({ leaf, roots: [root] })).toMatchObject([
      { certificates: [leaf.certificate], failedAt: 0, code: "certificate/expired" },
    ]);
    const other = await root.issue({ names: ["b.example"] });
    const { subject: anchor } = parseAnchor(root.certificate);
    expect(await pathsOf({ leaf: other, roots: [root] })).toMatchObject([
      { certificates: [other.certificate], failedAt: 0, code: "certificate/wrong-name", anchor },
    ]);
    const unreadable = { chain: [Uint8Array.of(1)], roots: [root] };
    expect(await pathsOf(unreadable)).toMatchObject([
      { failedAt: 0, code: "certificate/malformed" },
    ]);
  });

  it("fail where a condition looked last", async () => {
    const root = await createAuthority();
    const leaf = await (await root.intermediate()).issue({ names });
    const refusal = new TlsError("certificate/revoked", "It is revoked.");
    const condition: PathCondition = (_, effort) => {
      effort.lookAt(1);
      throw refusal;
    };
    const [path] = await pathsOf({ leaf, roots: [root], conditions: [() => {}, condition] });
    expect(path).toMatchObject({ failedAt: 1, code: "certificate/revoked" });
  });

  it("come with the most telling first, and are sixteen at most", async () => {
    const root = await createAuthority();
    const good = await root.intermediate({ commonName: "middle" });
    const leaf = await good.issue({ names });
    const namesakes = await Promise.all(
      Array.from({ length: 20 }, () => createAuthority({ commonName: "middle" })),
    );
    const expired = await root.intermediate({ commonName: "middle", keys: good.keys, ...past });
    const chain = [leaf, ...namesakes, expired].map(({ certificate }) => certificate);
    const paths = await pathsOf({ chain, roots: [root] });
    expect(paths).toHaveLength(16);
    expect(paths.map(({ code }) => code)).toEqual([
      "certificate/expired",
      ...new Array<string>(15).fill("certificate/bad-signature"),
    ]);
    expect(paths[0]?.certificates).toEqual([leaf.certificate, expired.certificate]);
  });

  it("begin with the one that ended the search", async () => {
    const root = await createAuthority();
    const leaf = await root.issue({ names });
    const spends: PathCondition = (_, effort) => effort.spend("signatures", 100);
    const [path] = await pathsOf({ leaf, roots: [root], conditions: [spends] });
    expect(path?.code).toBe("certificate/budget-exceeded");
  });

  it("are told of a certificate that issued itself, whatever else was presented", async () => {
    const leaf = await selfSigned({ names });
    const namesake = await selfSigned({ names });
    const chain = [leaf.certificate, Uint8Array.of(1, 2)];
    const roots = [await createAuthority()];
    expect((await pathsOf({ chain, roots })).map(({ code }) => code)).toEqual([
      "certificate/self-signed",
      "certificate/malformed",
    ]);
    const [path] = await pathsOf({ chain, roots: [namesake] });
    expect(path?.code).toBe("certificate/self-signed");
  });

  it("survive the way from the worker to the page", async () => {
    const root = await createAuthority(past);
    const leaf = await root.issue({ names });
    const error = await failureOf(() => verify({ leaf, roots: [root] }));
    const crossed = TlsError.fromRecord(structuredClone(error.toRecord()));
    expect(crossed.paths).toEqual(error.paths);
    expect(crossed.paths).toHaveLength(1);
  });
});

describe("a clock that is surely wrong", () => {
  it("is one before the day of the bundled roots", () => {
    expect(surelyPast).toEqual(new Date(`${mozillaRootsDate}T00:00:00Z`));
  });

  it("is named where nothing is valid yet", async () => {
    const root = await createAuthority();
    const leaf = await root.issue({ names, notBefore: surelyPast });
    const at = async (now: Date) =>
      (await failureOf(() => verify({ leaf, roots: [root], now }))).message;
    const message = await at(new Date(surelyPast.getTime() - 40 * day));
    expect(message).toContain("clock is surely wrong");
    expect(message).toContain("slow by 40 days at least");
    expect(await at(new Date(surelyPast.getTime() - 1))).toContain("slow by some hours at least");
    expect(await at(new Date(surelyPast.getTime() - day))).toContain("slow by a day at least");
  });

  it("is not where the clock may be right", async () => {
    const root = await createAuthority();
    const tomorrow = new Date(Date.now() + day);
    const leaf = await root.issue({ names, notBefore: tomorrow });
    const error = await failureOf(() => verify({ leaf, roots: [root] }));
    expect(error.code).toBe("certificate/not-yet-valid");
    expect(error.message).not.toContain("surely");
    const expired = await root.issue({ names, ...past });
    const now = new Date(surelyPast.getTime() - day);
    const other = await failureOf(() => verify({ leaf: expired, roots: [root], now }));
    expect(other.message).not.toContain("surely");
  });
});
