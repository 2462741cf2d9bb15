import { describe, expect, test } from "vitest";
import { createAuthority, type Issued, purposes } from "../../../test/authority.ts";
import { element, nothing, sequence } from "../../../test/der-writer.ts";
import { failureOf } from "../../../test/failure.ts";
import { ocspResponse, ocspSigning, type ResponsePieces } from "../../../test/ocsp.ts";
import { platformCrypto } from "../../crypto/platform.ts";
import { TlsError } from "../../errors.ts";
import { parseCertificate } from "../certificate.ts";
import { checkSigner } from "./responder.ts";
import { parseOcspResponse } from "./response.ts";

const day = 24 * 60 * 60 * 1000;
const now = new Date();
const later = (milliseconds: number) => new Date(now.getTime() + milliseconds);

const root = await createAuthority({ commonName: "the issuer" });
const leaf = await root.issue({ names: ["a.example"] });
const options = { names: [], commonName: "responder", extendedKeyUsage: [ocspSigning] } as const;
const renewed = await root.issue(options);
const past = { notBefore: later(-9 * day), notAfter: later(-day) };
const expired = await root.issue({ ...options, ...past });
const { certificate: expiredOfSameKey } = await root.issue({
  ...options,
  ...past,
  keys: renewed.keys,
});
const aimless = await root.issue({ ...options, extendedKeyUsage: "none" });
const weak = await root.issue({ ...options, keyType: "rsa-1024" });
const bySha1 = await root.issue({ ...options, signature: { hash: "SHA-1" } });
const other = await createAuthority({ commonName: "another issuer" });
const namesake = await createAuthority({ commonName: "the issuer" });
const stranger = await other.issue(options);
/** Something that may stand where a certificate does, and is none. */
const unreadable = sequence(element(0xa0));

/** What is spent to find out that a response is signed by who may. */
async function check(pieces: ResponsePieces, limit = 100): Promise<number> {
  const response = parseOcspResponse(ocspResponse(root, leaf, pieces));
  if (response.status !== "successful") throw new Error("a response with an answer is wanted");
  let signatures = 0;
  const spend = (what: string, count = 1) => {
    if (what === "signatures") signatures += count;
    if (signatures > limit) throw new TlsError("certificate/budget-exceeded", "No more.");
  };
  const issuer = parseCertificate(root.certificate);
  await checkSigner(response.basic, issuer, { crypto: platformCrypto, now, effort: { spend } });
  return signatures;
}

const by = (signer: Issued, ...certificates: Uint8Array[]): ResponsePieces => ({
  signer,
  responder: "name",
  certificates,
});

describe("a responder is found", () => {
  test.each<[string, Uint8Array]>([
    ["one that has expired", expired.certificate],
    ["one for something else", aimless.certificate],
    ["one with a weak key", weak.certificate],
    ["one signed with SHA-1", bySha1.certificate],
    ["one of another issuer", stranger.certificate],
    ["one that can't be read", unreadable],
  ])("behind %s", async (_, first) => {
    await check(by(renewed, first, renewed.certificate));
    await check(by(renewed, renewed.certificate, first));
  });

  test("behind its own older certificate, named by their key", async () => {
    const certificates = [expiredOfSameKey, renewed.certificate];
    expect(await check({ ...by(renewed, ...certificates), responder: "key" })).toBe(3);
  });
});

describe("a responder is refused", () => {
  test.each<[string, ResponsePieces, RegExp]>([
    [
      "for what is wrong with the first, where none fits",
      by(expired, aimless.certificate, expired.certificate),
      /lacks OCSPSigning/,
    ],
    [
      "that has expired, though one that has not signed is fit",
      by(expired, renewed.certificate, expired.certificate),
      /has a certificate for/,
    ],
    [
      "that is unfit, rather than for a certificate that can't be read",
      by(expired, unreadable, expired.certificate),
      /has a certificate for/,
    ],
    [
      "whose certificate may be the one that can't be read",
      by(renewed, unreadable),
      /can't read a certificate/,
    ],
    ["that has another key than the fit one", by(expired, renewed.certificate), /not signed by/],
  ])("%s", async (_, pieces, message) => {
    const error = await failureOf(() => check(pieces));
    expect(error.code).toBe("certificate/bad-status-response");
    expect(error.message).toMatch(message);
  });

  test("where the budget ends before the one that fits", async () => {
    const old = Array.from({ length: 4 }, () => expired.certificate);
    const pieces = by(renewed, ...old, renewed.certificate);
    expect(await check(pieces)).toBe(6);
    const error = await failureOf(() => check(pieces, 3));
    expect(error.code).toBe("certificate/budget-exceeded");
  });
});

describe("a responder is refused that", () => {
  test.each<[string, () => Promise<Issued>, RegExp]>([
    ["was appointed by another issuer", () => other.issue(options), /not appointed/],
    ["was appointed by a namesake", () => namesake.issue(options), /not appointed/],
    [
      "was appointed by an authority below",
      async () => (await root.intermediate()).issue(options),
      /not appointed/,
    ],
    [
      "is for servers",
      () => root.issue({ ...options, extendedKeyUsage: [purposes.serverAuth] }),
      /lacks OCSPSigning/,
    ],
    [
      "is for anything",
      () => root.issue({ ...options, extendedKeyUsage: [purposes.any] }),
      /lacks OCSPSigning/,
    ],
    [
      "says no purpose",
      () => root.issue({ ...options, extendedKeyUsage: "none" }),
      /lacks OCSPSigning/,
    ],
    [
      "may not sign",
      () => root.issue({ ...options, keyUsage: ["keyEncipherment"] }),
      /lacks digitalSignature/,
    ],
    ["has expired", async () => expired, /has a certificate for/],
    [
      "is not valid yet",
      () => root.issue({ ...options, notBefore: later(day) }),
      /has a certificate for/,
    ],
    [
      "is an authority",
      () =>
        root.intermediate({
          keyUsage: ["digitalSignature", "keyCertSign"],
          extendedKeyUsage: [ocspSigning],
        }),
      /is itself an authority/,
    ],
    [
      "has an unknown critical extension",
      () =>
        root.issue({
          ...options,
          extraExtensions: [{ oid: "1.2.3", critical: true, value: nothing() }],
        }),
      /unknown critical extensions \(1\.2\.3\)/,
    ],
    ["has a weak key", async () => weak, /1024 bits/],
    ["has a certificate signed with SHA-1", async () => bySha1, /ECDSA with SHA-1/],
  ])("%s", async (_, make, message) => {
    const error = await failureOf(async () => check({ signer: await make() }));
    expect(error.code).toBe("certificate/bad-status-response");
    expect(error.message).toMatch(message);
  });
});
