import { describe, expect, it } from "vitest";
import {
  type Authority,
  createAuthority,
  type LeafOptions,
  type RawExtension,
} from "../../test/authority.ts";
import { oid, sequence, text } from "../../test/der-writer.ts";
import { failureOf } from "../../test/failure.ts";
import { type Attempt, verify } from "../../test/verify-path.ts";
import { parseCertificate } from "./certificate.ts";
import type { IssuerFinder, WantedIssuer } from "./issuer-lookup.ts";

const names = ["a.example"];
const root = await createAuthority();
const upper = await root.intermediate({ commonName: "upper" });
const lower = await upper.intermediate({ commonName: "lower" });
const leaf = await lower.issue({ names });
const chain = [leaf.certificate];

/** A finder that knows these by their names, and what it was asked. */
function finder(...known: readonly Authority[]) {
  const asked: WantedIssuer[] = [];
  const findIssuers: IssuerFinder = (wanted) => {
    asked.push(wanted);
    const name = Buffer.from(wanted.issuer);
    return known
      .map(({ certificate }) => certificate)
      .filter((der) => name.equals(parseCertificate(der).subject));
  };
  return { asked, findIssuers };
}

async function failure(attempt: Omit<Attempt, "roots">, roots = [root]) {
  return failureOf(() => verify({ roots, ...attempt }));
}

describe("issuers that are not at hand", () => {
  it("are asked for one after the other, up to a root", async () => {
    const { asked, findIssuers } = finder(lower, upper);
    const path = await verify({ chain, roots: [root], findIssuers });
    expect(path.certificates).toEqual(leaf.chain);
    expect(asked).toEqual([
      {
        certificate: leaf.certificate,
        issuer: parseCertificate(lower.certificate).subject,
        urls: [],
      },
      {
        certificate: lower.certificate,
        issuer: parseCertificate(upper.certificate).subject,
        urls: [],
      },
    ]);
  });

  it("may come with what can't be read", async () => {
    const findIssuers = () => [Uint8Array.of(1, 2), lower.certificate, upper.certificate];
    const path = await verify({ chain, roots: [root], findIssuers });
    expect(path.certificates).toEqual(leaf.chain);
  });

  it("may come all at once", async () => {
    let calls = 0;
    const findIssuers = async () => {
      calls += 1;
      return [upper.certificate, root.certificate, lower.certificate];
    };
    const path = await verify({ chain, roots: [root], findIssuers });
    expect(path.certificates).toEqual(leaf.chain);
    expect(calls).toBe(1);
  });

  it("are not asked for where a path is found, or the certificate itself is bad", async () => {
    const { asked, findIssuers } = finder(lower, upper);
    await verify({ leaf, roots: [root], findIssuers });
    await verify({ chain, roots: [root], intermediates: [upper, lower], findIssuers });
    const expired = await lower.issue({ names, notAfter: new Date(Date.now() - 1000) });
    expect((await failure({ leaf: expired, findIssuers })).code).toBe("certificate/expired");
    expect(asked).toEqual([]);
  });

  it("are trusted no more than what a server presents", async () => {
    const stranger = await createAuthority({ commonName: "a stranger" });
    const strange = await stranger.issue({ names });
    const { asked, findIssuers } = finder(stranger);
    const { code, paths } = await failure({ leaf: strange, findIssuers });
    expect(code).toBe("certificate/unknown-issuer");
    expect(asked).toHaveLength(1);
    expect(paths?.map(({ certificates }) => certificates)).toEqual([
      [strange.certificate, stranger.certificate],
    ]);
    const notAnAuthority = await root.intermediate({
      commonName: "lower",
      ca: false,
      keys: lower.keys,
    });
    const { code: otherCode } = await failure({ chain, ...finder(notAnAuthority) });
    expect(otherCode).toBe("certificate/not-a-ca");
  });

  it("replace one that is presented and has expired", async () => {
    const keys = lower.keys;
    const options = { commonName: "lower", keys, notAfter: new Date(Date.now() - 1000) };
    const expired = await upper.intermediate(options);
    const presented = [leaf.certificate, expired.certificate, upper.certificate];
    expect((await failure({ chain: presented })).code).toBe("certificate/expired");
    const { asked, findIssuers } = finder(lower);
    const path = await verify({ chain: presented, roots: [root], findIssuers });
    expect(path.certificates).toEqual(leaf.chain);
    expect(asked).toHaveLength(1);
  });

  it("lead around a root that is presented and not trusted", async () => {
    const young = await createAuthority({ commonName: "young root" });
    const cross = await root.intermediate({ commonName: "young root", keys: young.keys });
    const server = await young.issue({ names });
    const presented = [server.certificate, young.certificate];
    const { asked, findIssuers } = finder(cross);
    const path = await verify({ chain: presented, roots: [root], findIssuers });
    expect(path.certificates).toEqual([server.certificate, cross.certificate]);
    expect(asked.map(({ certificate }) => certificate)).toEqual([server.certificate]);
  });

  it("are asked for a few times only", async () => {
    // Each has another issuer that nobody knows, and so on.
    let above = await createAuthority({ commonName: "level 9" });
    const levels: Authority[] = [];
    for (let level = 8; level >= 0; level -= 1) {
      above = await above.intermediate({ commonName: `level ${level}` });
      levels.push(above);
    }
    const { asked, findIssuers } = finder(...levels);
    const { code } = await failure({
      chain: [(await above.issue({ names })).certificate],
      findIssuers,
    });
    expect(code).toBe("certificate/unknown-issuer");
    expect(asked).toHaveLength(4);
  });

  it("that are not found leave the error as it is", async () => {
    const { code, cause } = await failure({ chain, findIssuers: () => [] });
    expect(code).toBe("certificate/unknown-issuer");
    expect(cause).toBeUndefined();
  });

  it("that can't be had are the cause of the error", async () => {
    const reason = new Error("404 Not Found");
    let calls = 0;
    const findIssuers = () => {
      calls += 1;
      throw reason;
    };
    const error = await failure({ chain, findIssuers });
    expect(error).toMatchObject({ code: "certificate/unknown-issuer", cause: reason });
    expect(error.certificates).toEqual(chain);
    expect(calls).toBe(1);
  });

  it.each<[string, unknown, string]>([
    ["nothing", undefined, "configuration/invalid-option"],
    ["no list", lower.certificate, "configuration/invalid-option"],
    ["PEM", [lower.pem], "configuration/invalid-option"],
    ["more than 16", new Array(17).fill(lower.certificate), "configuration/invalid-option"],
    ["what is no certificate", [Uint8Array.of(1, 2)], "certificate/malformed"],
    ["what is too long", [new Uint8Array(70_000).fill(0x30)], "certificate/malformed"],
  ])("may be anything: %s", async (_, found, code) => {
    const findIssuers = (() => found) as unknown as IssuerFinder;
    const error = await failure({ chain, findIssuers });
    expect(error.code).toBe("certificate/unknown-issuer");
    expect(error.cause).toMatchObject({ code });
  });
});

describe("addresses of issuers (RFC 5280 §4.2.2.1)", () => {
  const caIssuers = "1.3.6.1.5.5.7.48.2";
  const ocsp = "1.3.6.1.5.5.7.48.1";
  const uri = (address: string) => text(0x86, address);
  const access = (method: string, location: Uint8Array) => sequence(oid(method), location);
  const information = (value: Uint8Array): Partial<LeafOptions> => {
    const extension: RawExtension = { oid: "1.3.6.1.5.5.7.1.1", value };
    return { extraExtensions: [extension] };
  };
  const urlsOf = async (value: Uint8Array) => {
    const server = await lower.issue({ names, ...information(value) });
    const { asked, findIssuers } = finder();
    await failure({ chain: [server.certificate], findIssuers });
    return asked[0]?.urls;
  };

  it("are those of the web", async () => {
    const value = sequence(
      access(ocsp, uri("http://ocsp.example/")),
      access(caIssuers, uri("http://ca.example/lower.cer")),
      access(caIssuers, uri("ldap://ca.example/cn=lower?cACertificate")),
      access(caIssuers, text(0x82, "ca.example")),
      access(caIssuers, uri("HTTPS://ca.example/lower.p7c")),
      access(caIssuers, uri("http://[")),
    );
    expect(await urlsOf(value)).toEqual([
      "http://ca.example/lower.cer",
      "HTTPS://ca.example/lower.p7c",
    ]);
  });

  it("that can't be read are none", async () => {
    expect(await urlsOf(sequence(oid(caIssuers)))).toEqual([]);
    expect(await urlsOf(Uint8Array.of(5, 0))).toEqual([]);
  });
});
