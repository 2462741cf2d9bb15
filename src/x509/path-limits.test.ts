import { describe, expect, it } from "vitest";
import {
  type Authority,
  createAuthority,
  generateKeys,
  type KeyType,
  purposes,
} from "../../test/authority.ts";
import { boolean, element, integer, nothing, sequence, text } from "../../test/der-writer.ts";
import { failureOf } from "../../test/failure.ts";
import { codeOf, counting, verify } from "../../test/verify-path.ts";
import type { Bytes } from "../crypto/bytes.ts";
import { pathLimits } from "./path.ts";

const name = "a.example";
const names = [name];
const day = 24 * 60 * 60 * 1000;

const everyone = "everyone";

/** Authorities of one name, of which each has issued a certificate to each. */
async function crossSigned(count: number, keyType?: KeyType) {
  const first = await createAuthority({ commonName: everyone, keys: await generateKeys(keyType) });
  const others = await Promise.all(
    Array.from({ length: count - 1 }, async () =>
      createAuthority({ commonName: everyone, keys: await generateKeys(keyType) }),
    ),
  );
  const all = [first, ...others];
  const crossed = await Promise.all(
    all.flatMap((issuer) =>
      all.map(({ keys }) => issuer.intermediate({ commonName: everyone, keys })),
    ),
  );
  return { first, crossed };
}

describe("limits of an authority", () => {
  async function codeWith(
    options: Parameters<Authority["intermediate"]>[0],
    leafOptions: object = {},
  ): Promise<string> {
    const root = await createAuthority();
    const intermediate = await root.intermediate(options);
    const leaf = await intermediate.issue({ names, ...leafOptions });
    return codeOf({ leaf, roots: [root] });
  }

  it("it must be one (RFC 5280 §4.2.1.9)", async () => {
    expect(await codeWith({ ca: false })).toBe("certificate/not-a-ca");
    const value = sequence(boolean(false), integer(3));
    expect(await codeWith({ extraExtensions: [{ oid: "2.5.29.19", value }] })).toBe(
      "certificate/not-a-ca",
    );
  });

  it("a server's certificate issues nothing", async () => {
    const root = await createAuthority();
    const server = await root.issue({ names: ["b.example"] });
    const rogue = await createAuthority({ commonName: "b.example", keys: server.keys });
    const leaf = await rogue.issue({ names });
    const chain = [leaf.certificate, server.certificate];
    expect(await codeOf({ chain, roots: [root] })).toBe("certificate/not-a-ca");
  });

  it("its key must be for certificates (RFC 5280 §4.2.1.3)", async () => {
    expect(await codeWith({ keyUsage: ["digitalSignature", "cRLSign"] })).toBe(
      "certificate/wrong-key-usage",
    );
  });

  it("its purposes must include servers", async () => {
    expect(await codeWith({ extendedKeyUsage: [purposes.clientAuth] })).toBe(
      "certificate/wrong-purpose",
    );
    expect(await codeWith({ extendedKeyUsage: [purposes.any] })).toBe("certificate/wrong-purpose");
  });

  it("critical extensions must be known", async () => {
    const extraExtensions = [{ oid: "1.2.3.4", critical: true, value: nothing() }];
    expect(await codeWith({ extraExtensions })).toBe("certificate/unknown-critical-extension");
  });

  it("its key must be strong, and its algorithms known", async () => {
    expect(await codeWith({ keyType: "rsa-1024" })).toBe("certificate/weak-key");
    const sha1 = { signature: { hash: "SHA-1" } };
    expect(await codeWith({ keyType: "rsa-2048" }, sha1)).toBe("certificate/unsupported-algorithm");
  });

  it("path length counts the intermediates below (RFC 5280 §4.2.1.9)", async () => {
    const root = await createAuthority();
    const first = await root.intermediate({ commonName: "first", pathLength: 1 });
    const second = await first.intermediate({ commonName: "second" });
    const third = await second.intermediate({ commonName: "third" });
    const [short, long] = await Promise.all([second.issue({ names }), third.issue({ names })]);
    await verify({ leaf: short, roots: [root] });
    expect(await codeOf({ leaf: long, roots: [root] })).toBe("certificate/path-too-long");
  });

  it("path length does not count those that are self-issued", async () => {
    const root = await createAuthority();
    const first = await root.intermediate({ commonName: "same", pathLength: 0 });
    const second = await first.intermediate({ commonName: "same" });
    const leaf = await second.issue({ names });
    expect((await verify({ leaf, roots: [root] })).certificates).toHaveLength(3);
  });

  it("name constraints hold for all below, from intermediates and from roots", async () => {
    const value = sequence(element(0xa0, sequence(text(0x82, "b.example"))));
    const extraExtensions = [{ oid: "2.5.29.30", critical: true, value }];
    expect(await codeWith({ extraExtensions })).toBe("certificate/name-constraint");
    const root = await createAuthority({ extraExtensions });
    const intermediate = await root.intermediate();
    const wrong = await intermediate.issue({ names });
    const right = await intermediate.issue({ names: ["x.b.example"] });
    expect(await codeOf({ leaf: wrong, roots: [root] })).toBe("certificate/name-constraint");
    await verify({ leaf: right, roots: [root], hostname: "x.b.example" });
  });

  it("name constraints pass over intermediates that are self-issued, but not over the leaf", async () => {
    const value = sequence(element(0xa0, sequence(text(0x82, name))));
    const constrained = { oid: "2.5.29.30", critical: true, value };
    const other = { oid: "2.5.29.17", value: sequence(text(0x82, "b.example")) };
    const commonName = "same";
    const root = await createAuthority({ commonName, extraExtensions: [constrained] });
    const selfIssued = await root.intermediate({ commonName, extraExtensions: [other] });
    await verify({ leaf: await selfIssued.issue({ names }), roots: [root] });
    const leaf = await selfIssued.issue({ names: ["b.example"], commonName });
    expect(await codeOf({ leaf, roots: [root] })).toBe("certificate/name-constraint");
    const intermediate = await root.intermediate({ extraExtensions: [other] });
    expect(await codeOf({ leaf: await intermediate.issue({ names }), roots: [root] })).toBe(
      "certificate/name-constraint",
    );
  });
});

describe("limits of the server's certificate", () => {
  async function codeWith(options: object): Promise<string> {
    const root = await createAuthority();
    return codeOf({ leaf: await root.issue({ names, ...options }), roots: [root] });
  }

  it("its key must be for signatures", async () => {
    expect(await codeWith({ keyUsage: ["keyEncipherment"] })).toBe("certificate/wrong-key-usage");
  });

  it("its key must not be for certificates, which only an authority's is", async () => {
    const keyUsage = ["digitalSignature", "keyCertSign"] as const;
    expect(await codeWith({ keyUsage })).toBe("certificate/wrong-key-usage");
    const value = sequence();
    expect(await codeWith({ keyUsage, extraExtensions: [{ oid: "2.5.29.19", value }] })).toBe(
      "certificate/wrong-key-usage",
    );
  });

  it("its names must be critical where it has no subject (RFC 5280 §4.2.1.6)", async () => {
    const value = sequence(text(0x82, name));
    const named = (critical: boolean) => ({
      commonName: "",
      extraExtensions: [{ oid: "2.5.29.17", critical, value }],
    });
    expect(await codeWith(named(false))).toBe("certificate/malformed");
    const root = await createAuthority();
    await verify({ leaf: await root.issue({ names, ...named(true) }), roots: [root] });
  });

  it("it must be for servers", async () => {
    expect(await codeWith({ extendedKeyUsage: [purposes.clientAuth] })).toBe(
      "certificate/wrong-purpose",
    );
  });

  it("critical extensions must be known", async () => {
    const extraExtensions = [{ oid: "1.2.3.4", critical: true, value: nothing() }];
    expect(await codeWith({ extraExtensions })).toBe("certificate/unknown-critical-extension");
  });

  it("it holds no name constraints", async () => {
    const value = sequence(element(0xa0, sequence(text(0x82, name))));
    expect(await codeWith({ extraExtensions: [{ oid: "2.5.29.30", value }] })).toBe(
      "certificate/name-constraint",
    );
  });

  it("it is not an authority's", async () => {
    const value = sequence(boolean(true));
    expect(await codeWith({ extraExtensions: [{ oid: "2.5.29.19", value }] })).toBe(
      "certificate/wrong-purpose",
    );
  });

  it("its key must be strong", async () => {
    expect(await codeWith({ keyType: "rsa-1024" })).toBe("certificate/weak-key");
  });
});

describe("of several failures, the most telling is reported", () => {
  it("an expired certificate before an unknown issuer", async () => {
    const root = await createAuthority();
    const leaf = await root.issue({ names, notBefore: new Date(0), notAfter: new Date(day) });
    expect(await codeOf({ leaf, roots: [] })).toBe("certificate/expired");
  });

  it("an expired intermediate before a namesake's signature", async () => {
    const root = await createAuthority();
    const past = { notBefore: new Date(0), notAfter: new Date(day) };
    const expired = await root.intermediate(past);
    const namesake = await root.intermediate();
    const leaf = await expired.issue({ names });
    const chain = [leaf.certificate, namesake.certificate, expired.certificate];
    expect(await codeOf({ chain, roots: [root] })).toBe("certificate/expired");
  });

  it("an intermediate that can't be read before an unknown issuer", async () => {
    const root = await createAuthority();
    const intermediate = await root.intermediate();
    const leaf = await intermediate.issue({ names });
    const broken = intermediate.certificate.subarray(0, -1);
    const chain = [leaf.certificate, broken];
    expect(await codeOf({ chain, roots: [root] })).toBe("certificate/malformed");
  });
});

describe("budgets", () => {
  it(`there are at most ${pathLimits.intermediates} intermediates`, async () => {
    const root = await createAuthority();
    let last = root;
    for (let depth = 0; depth < pathLimits.intermediates; depth += 1) {
      last = await last.intermediate({ commonName: `depth ${depth}` });
    }
    await verify({ leaf: await last.issue({ names }), roots: [root] });
    last = await last.intermediate({ commonName: "one too many" });
    const leaf = await last.issue({ names });
    expect(await codeOf({ leaf, roots: [root] })).toBe("certificate/budget-exceeded");
  });

  it("circles are not followed", async () => {
    const [a, b] = await Promise.all([
      createAuthority({ commonName: "a" }),
      createAuthority({ commonName: "b" }),
    ]);
    const aByB = await b.intermediate({ commonName: "a", keys: a.keys });
    const bByA = await a.intermediate({ commonName: "b", keys: b.keys });
    const leaf = await a.issue({ names });
    const counted = counting();
    const chain = [leaf, aByB, bByA, a, b].map((issued) => issued.certificate);
    expect(await codeOf({ chain, roots: [], crypto: counted.crypto })).toBe(
      "certificate/unknown-issuer",
    );
    expect(counted.signatures).toBeLessThan(10);
  });

  it(`at most ${pathLimits.signatures} signatures are verified`, async () => {
    const { first, crossed } = await crossSigned(10);
    const leaf = await first.issue({ names });
    const chain = [leaf, ...crossed].map((issued) => issued.certificate);
    const counted = counting();
    expect(await codeOf({ chain, roots: [], crypto: counted.crypto })).toBe(
      "certificate/budget-exceeded",
    );
    expect(counted.signatures).toBe(pathLimits.signatures);
  });

  it("a signature on a larger curve counts for more", async () => {
    const { first, crossed } = await crossSigned(6, "ecdsa-p521");
    const leaf = await first.issue({ names });
    const chain = [leaf, ...crossed].map((issued) => issued.certificate);
    const counted = counting();
    expect(await codeOf({ chain, roots: [], crypto: counted.crypto })).toBe(
      "certificate/budget-exceeded",
    );
    expect(counted.signatures).toBe(pathLimits.signatures / 4);
  });

  it("candidates that need no signature are counted too", async () => {
    // At each step up, a hundred that are expired, before those that lead on and on.
    const { first, crossed } = await crossSigned(4);
    const past = { commonName: everyone, notBefore: new Date(0), notAfter: new Date(day) };
    const expired = await Promise.all(Array.from({ length: 100 }, () => first.intermediate(past)));
    const leaf = await first.issue({ names });
    const chain = [leaf, ...expired, ...crossed].map((issued) => issued.certificate);
    const counted = counting();
    const failure = await failureOf(() => verify({ chain, roots: [], crypto: counted.crypto }));
    expect(failure.code).toBe("certificate/budget-exceeded");
    expect(failure.message).toContain("tries of an issuer");
  });

  it("the same certificate again is not tried again", async () => {
    const root = await createAuthority();
    const imposter = await createAuthority();
    const leaf = await root.issue({ names });
    const chain = [leaf.certificate, ...new Array<Bytes>(100).fill(imposter.certificate)];
    const counted = counting();
    await codeOf({ chain, roots: [], crypto: counted.crypto });
    expect(counted.signatures).toBeLessThan(3);
  });

  it(`at most ${pathLimits.presented} certificates are looked at`, async () => {
    const root = await createAuthority();
    const leaf = await root.issue({ names });
    const junk = (count: number) => Array.from({ length: count }, () => Uint8Array.of(0x30));
    const chain = (count: number) => [leaf.certificate, ...junk(count)];
    await verify({ chain: chain(pathLimits.presented - 1), roots: [root] });
    expect(await codeOf({ chain: chain(pathLimits.presented), roots: [root] })).toBe(
      "certificate/budget-exceeded",
    );
  });

  it("name constraints are compared a bounded number of times", async () => {
    const many = (length: number, of: string) =>
      Array.from({ length }, (_, index) => `${index}.${of}`);
    const subtrees = many(1100, "b.example").map((other) => sequence(text(0x82, other)));
    const value = sequence(element(0xa1, ...subtrees));
    const root = await createAuthority({ extraExtensions: [{ oid: "2.5.29.30", value }] });
    const leaf = await root.issue({ names: [name, ...many(1000, "a.example")] });
    expect(await codeOf({ leaf, roots: [root] })).toBe("certificate/budget-exceeded");
  });
});
