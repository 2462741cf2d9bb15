import { describe, expect, it } from "vitest";
import { createAuthority } from "../../test/authority.ts";
import { counting } from "../../test/verify-path.ts";
import { parseAnchor } from "./anchor.ts";
import { knownLimits, readCertificate } from "./known-certificates.ts";
import { serverNameFrom } from "./names.ts";
import { verifyPath } from "./path.ts";

const names = ["localhost"];

async function setUp() {
  const root = await createAuthority();
  const intermediate = await root.intermediate();
  const { chain } = await intermediate.issue({ names });
  const counted = counting();
  const options = {
    chain,
    anchors: [parseAnchor(root.certificate)],
    serverName: serverNameFrom("localhost"),
    crypto: counted.crypto,
    now: new Date(),
  };
  return { root, counted, options };
}

describe("a certificate that was met before", () => {
  it("is recalled, by a copy of its own", async () => {
    const { certificate } = await createAuthority();
    const shown = certificate.slice();
    const first = readCertificate(shown);
    shown.fill(0);
    expect(readCertificate(certificate)).toBe(first);
    expect(first.der).toEqual(certificate);
  });

  it("is forgotten when many others have come", async () => {
    const { certificate, issue } = await createAuthority();
    const first = readCertificate(certificate);
    for (let index = 0; index < knownLimits.certificates; index++) {
      readCertificate((await issue({ names })).certificate);
    }
    expect(readCertificate(certificate)).not.toBe(first);
  });
});

describe("a signature that was found good", () => {
  it("is not verified again, and all else is", async () => {
    const { counted, options } = await setUp();
    await verifyPath(options);
    expect(counted.signatures).toBe(2);
    await verifyPath(options);
    expect(counted.signatures).toBe(2);
    const later = new Date(Date.now() + 40 * 24 * 60 * 60 * 1000);
    await expect(verifyPath({ ...options, now: later })).rejects.toMatchObject({
      code: "certificate/expired",
    });
    await expect(
      verifyPath({ ...options, serverName: serverNameFrom("other.test") }),
    ).rejects.toMatchObject({ code: "certificate/wrong-name" });
    await expect(verifyPath({ ...options, anchors: [] })).rejects.toMatchObject({
      code: "certificate/unknown-issuer",
    });
  });

  it("says nothing of another key, or another certificate with one byte changed", async () => {
    const { root, options } = await setUp();
    await verifyPath(options);
    const { commonName } = root;
    const namesake = parseAnchor((await createAuthority({ commonName })).certificate);
    await expect(verifyPath({ ...options, anchors: [namesake] })).rejects.toMatchObject({
      code: "certificate/bad-signature",
    });
    const [leaf, ...above] = options.chain;
    const changed = leaf?.slice() ?? new Uint8Array();
    changed.set([(changed.at(-1) ?? 0) ^ 1], changed.length - 1);
    await expect(verifyPath({ ...options, chain: [changed, ...above] })).rejects.toMatchObject({
      code: "certificate/bad-signature",
    });
  });

  it("counts for the provider that has found so alone", async () => {
    const { options } = await setUp();
    await verifyPath(options);
    const counted = counting();
    await verifyPath({ ...options, crypto: counted.crypto });
    expect(counted.signatures).toBe(2);
  });
});
