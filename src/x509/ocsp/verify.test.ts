import { describe, expect, test } from "vitest";
import { createAuthority, type KeyType } from "../../../test/authority.ts";
import {
  bitString,
  element,
  extension,
  integer,
  nothing,
  octets,
  oid,
  sequence,
} from "../../../test/der-writer.ts";
import { failureOf } from "../../../test/failure.ts";
import {
  type AnswerPieces,
  certStatus,
  failureResponse,
  keyBits,
  noCheck,
  ocspResponse,
  ocspSigning,
  type ResponsePieces,
  withFlippedByte,
} from "../../../test/ocsp.ts";
import { type Bytes, concat } from "../../crypto/bytes.ts";
import { nobleCrypto } from "../../crypto/noble.ts";
import { platformCrypto } from "../../crypto/platform.ts";
import { TlsError } from "../../errors.ts";
import { parseCertificate } from "../certificate.ts";
import { verifyOcspResponse } from "./verify.ts";

const minute = 60 * 1000;
const day = 24 * 60 * minute;
const now = new Date();
const later = (milliseconds: number) => new Date(now.getTime() + milliseconds);

const root = await createAuthority({ commonName: "the issuer" });
const leaf = await root.issue({ names: ["a.example"] });
const responderOptions = {
  names: [],
  commonName: "responder",
  extendedKeyUsage: [ocspSigning],
  extraExtensions: [noCheck],
} as const;
const responder = await root.issue(responderOptions);
const other = await createAuthority({ commonName: "another issuer" });
const namesake = await createAuthority({ commonName: "the issuer" });

const spent: number[] = [];
const effort = {
  spend: (what: string, count = 1) => void (what === "signatures" && spent.push(count)),
};

/** What a response comes to, about `leaf` unless another is given. */
async function verdictOn(
  response: Bytes,
  { issuer = root, about = leaf, crypto = platformCrypto } = {},
) {
  const { status } = await verifyOcspResponse(
    response,
    parseCertificate(about.certificate),
    parseCertificate(issuer.certificate),
    { crypto, now, effort },
  );
  return status;
}

const of = (pieces: ResponsePieces = {}) => ocspResponse(root, leaf, pieces);
const saying = (...answers: AnswerPieces[]) => of({ answers });

describe("a good certificate", () => {
  test.each<[string, ResponsePieces]>([
    ["by the issuer, named by its key", { responder: "key" }],
    ["by the issuer, named by its name", { responder: "name" }],
    ["by the issuer, with its certificate", { certificates: [root.certificate] }],
    ["by a delegated responder", { signer: responder }],
    ["by a delegated responder, named by its name", { signer: responder, responder: "name" }],
    [
      "by a delegated responder among certificates of others",
      { signer: responder, certificates: [root, leaf, responder].map((c) => c.certificate) },
    ],
    ["under SHA-256", { answers: [{ hash: "sha256" }] }],
    ["under SHA-384", { answers: [{ hash: "sha384" }] }],
    ["under SHA-512", { answers: [{ hash: "sha512" }] }],
    ["under two hashes", { answers: [{ hash: "sha256" }, { hash: "sha1" }] }],
    [
      "among others",
      {
        answers: [
          { serial: integer(1), status: certStatus.revoked() },
          { issuerKey: keyBits(other.keys), status: certStatus.revoked() },
          { issuerName: parseCertificate(other.certificate).subject, status: certStatus.unknown },
          { hash: "sha224", status: certStatus.revoked() },
          {},
        ],
      },
    ],
    [
      "with extensions that need not be known",
      {
        // id-pkix-ocsp-nonce (RFC 9654 §2.1).
        extensions: [extension("1.3.6.1.5.5.7.48.1.2", false, octets(Uint8Array.of(1, 2)))],
        answers: [{ extensions: [extension("1.2.3", false, nothing())] }],
      },
    ],
    [
      "with critical timestamps",
      {
        answers: [{ extensions: [extension("1.3.6.1.4.1.11129.2.4.5", true, nothing())] }],
      },
    ],
  ])("is so %s", async (_, pieces) => {
    expect(await verdictOn(of(pieces))).toBe("good");
  });

  test.each<KeyType>(["ecdsa-p384", "ed25519", "rsa-2048"])(
    "is so by a key of type %s",
    async (keyType) => {
      const issuer = await createAuthority({ keyType });
      const about = await issuer.issue({ names: ["a.example"] });
      expect(await verdictOn(ocspResponse(issuer, about), { issuer, about })).toBe("good");
      const signer = await issuer.issue({ ...responderOptions, keyType });
      const delegated = ocspResponse(issuer, about, { signer });
      expect(await verdictOn(delegated, { issuer, about })).toBe("good");
    },
  );

  test("is so by JavaScript's cryptography too", async () => {
    expect(await verdictOn(of(), { crypto: nobleCrypto })).toBe("good");
  });

  test("is so where a responder has the issuer's name, but its own key", async () => {
    const signer = await root.issue({ ...responderOptions, commonName: "the issuer" });
    expect(await verdictOn(of({ signer, responder: "name" }))).toBe("good");
  });

  test("is so with a critical ocsp-nocheck, or with none", async () => {
    for (const extraExtensions of [[{ ...noCheck, critical: true }], []]) {
      const signer = await root.issue({ ...responderOptions, extraExtensions });
      expect(await verdictOn(of({ signer }))).toBe("good");
    }
  });

  test("costs each signature that is verified", async () => {
    spent.length = 0;
    await verdictOn(of());
    expect(spent).toEqual([1]);
    spent.length = 0;
    await verdictOn(of({ signer: responder }));
    expect(spent).toEqual([1, 1]);
  });

  test("ends where no more may be spent", async () => {
    const failure = new TlsError("certificate/budget-exceeded", "No more.");
    const spend = () => {
      throw failure;
    };
    const [subject, issuer] = [leaf, root].map((c) => parseCertificate(c.certificate));
    if (subject === undefined || issuer === undefined) throw new Error("two were given");
    const check = { crypto: platformCrypto, now, effort: { spend } };
    await expect(verifyOcspResponse(of(), subject, issuer, check)).rejects.toBe(failure);
  });
});

test("a response about hundreds of certificates costs no more than one about one", async () => {
  let digests = 0;
  const crypto = {
    ...platformCrypto,
    digest: (...args: Parameters<typeof platformCrypto.digest>) => {
      digests += 1;
      return platformCrypto.digest(...args);
    },
  };
  const others = Array.from({ length: 400 }, () => ({ issuerKey: nothing() }));
  expect(await verdictOn(saying(...others, {}), { crypto })).toBe("good");
  // The issuer's name and key for the certificate, and its key for the responder.
  expect(digests).toBe(3);
});

test.each([
  [1, "malformedRequest"],
  [3, "tryLater"],
  [6, "unauthorized"],
])("a response without an answer (%i) says why: %s", async (status, verdict) => {
  expect(await verdictOn(failureResponse(status))).toBe(verdict);
});

describe("time", () => {
  test.each<[string, ResponsePieces]>([
    ["since now", { answers: [{ thisUpdate: now }] }],
    ["since four minutes ahead", { answers: [{ thisUpdate: later(4 * minute) }] }],
    ["until four minutes ago", { answers: [{ nextUpdate: later(-4 * minute) }] }],
    ["made four minutes ahead", { producedAt: later(4 * minute) }],
    ["made long ago, but to hold for long", { producedAt: later(-300 * day) }],
    [
      "of six days ago, without an end",
      { answers: [{ thisUpdate: later(-6 * day), nextUpdate: "none" }] },
    ],
  ])("a response %s is taken", async (_, pieces) => {
    expect(await verdictOn(of(pieces))).toBe("good");
  });

  test.each<[string, ResponsePieces, RegExp]>([
    [
      "since six minutes ahead",
      { answers: [{ thisUpdate: later(6 * minute) }] },
      /it holds from .* which lies in the future.* clock is slow/,
    ],
    ["made six minutes ahead", { producedAt: later(6 * minute) }, /it was made .* in the future/],
    [
      "until six minutes ago",
      { answers: [{ nextUpdate: later(-6 * minute) }] },
      /it has expired: it held until .* the clock says .* unless it is fast/,
    ],
    [
      "of eight days ago, without an end",
      { answers: [{ thisUpdate: later(-8 * day), nextUpdate: "none" }] },
      /does not say how long it holds, and is older than seven days/,
    ],
    [
      "for this certificate twice, one of them too old",
      { answers: [{}, { hash: "sha256", nextUpdate: later(-day) }] },
      /has expired/,
    ],
  ])("a response %s is refused", async (_, pieces, message) => {
    const error = await failureOf(() => verdictOn(of(pieces)));
    expect(error.code).toBe("certificate/bad-status-response");
    expect(error.message).toMatch(message);
  });
});

describe("a revoked certificate", () => {
  const since = new Date("2026-02-28T12:00:00Z");

  test("is told with the time and the reason", async () => {
    const error = await failureOf(() =>
      verdictOn(saying({ status: certStatus.revoked(since, 1) })),
    );
    expect(error.code).toBe("certificate/revoked");
    expect(error.message).toContain("2026-02-28T12:00:00.000Z (keyCompromise)");
  });

  test.each<[string, ResponsePieces]>([
    ["without a reason", { answers: [{ status: certStatus.revoked(since) }] }],
    [
      "by a delegated responder",
      { answers: [{ status: certStatus.revoked() }], signer: responder },
    ],
    ["beside good, said twice", { answers: [{}, { status: certStatus.revoked() }] }],
    ["on hold", { answers: [{ status: certStatus.revoked(since, 6) }] }],
    [
      "beside good under another hash",
      { answers: [{}, { hash: "sha256", status: certStatus.revoked() }] },
    ],
    [
      "by an old response",
      { answers: [{ status: certStatus.revoked(since), nextUpdate: later(-day) }] },
    ],
  ])("is so %s", async (_, pieces) => {
    expect(await failureOf(() => verdictOn(of(pieces)))).toMatchObject({
      code: "certificate/revoked",
    });
  });

  test("is not so on the word of anybody else", async () => {
    const forged = of({ answers: [{ status: certStatus.revoked() }], signer: other });
    expect(await failureOf(() => verdictOn(forged))).toMatchObject({
      code: "certificate/bad-status-response",
    });
  });
});

describe("a response is refused that", () => {
  const ed25519 = sequence(oid("1.3.101.112"));
  const valid = of();
  test.each<[string, Bytes, RegExp]>([
    ["is no DER", new Uint8Array([1, 2, 3]), /can't read an OCSP response/],
    ["goes on after its end", concat(of(), nothing()), /bytes after its end/],
    ["is about another serial number", saying({ serial: integer(1) }), /another certificate/],
    ["is about another issuer's name", saying({ issuerName: nothing() }), /another certificate/],
    ["is about another issuer's key", saying({ issuerKey: nothing() }), /another certificate/],
    ["names it by an unknown hash", saying({ hash: "sha224" }), /another certificate/],
    ["says it twice", saying({}, {}), /says twice/],
    ["does not know the certificate", saying({ status: certStatus.unknown }), /does not know/],
    [
      "has an unknown critical extension",
      of({ extensions: [extension("1.2.3", true, nothing())] }),
      /critical extensions that webtls does not know \(1\.2\.3\)/,
    ],
    [
      "has an unknown critical extension in its answer",
      saying({ extensions: [extension("1.2.3", true, nothing())] }),
      /critical extensions .* \(1\.2\.3\)/,
    ],
    ["was changed after it was signed", withFlippedByte(valid, valid.length - 100), /./],
    [
      "has another signature",
      of({ signature: bitString(Uint8Array.of(1)) }),
      /not signed by "CN=the/,
    ],
    ["has another algorithm than its signature", of({ algorithm: ed25519 }), /not signed by/],
    [
      "is signed with SHA-1",
      of({ algorithm: sequence(oid("1.2.840.10045.4.1")), hash: "sha1" }),
      /ECDSA with SHA-1/,
    ],
    ["is signed by another authority", of({ signer: other }), /not appointed by "CN=the issuer"/],
    [
      "is signed by another authority of that name",
      of({ signer: namesake, responder: "name", certificates: [] }),
      /not signed by "CN=the issuer"/,
    ],
    [
      "is signed by another authority of that name, with its certificate",
      of({ signer: namesake, responder: "name", certificates: [namesake.certificate] }),
      /not appointed by/,
    ],
    [
      "brings no certificate of its responder",
      of({ signer: responder, certificates: [] }),
      /not signed by/,
    ],
    [
      "names another responder",
      of({ signer: responder, responder: element(0xa2, octets(new Uint8Array(20))) }),
      /not signed by/,
    ],
    ["is signed by the server itself", of({ signer: leaf }), /lacks OCSPSigning/],
    [
      "brings a certificate that is none",
      of({ signer: responder, certificates: [sequence()] }),
      /can't read a certificate/,
    ],
  ])("%s", async (_, response, message) => {
    const error = await failureOf(() => verdictOn(response));
    expect(error.code).toBe("certificate/bad-status-response");
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^The OCSP response that the server stapled/);
    expect(error.message).toMatch(/The server has to get a new one from its issuer's responder\.$/);
  });

  test("any change of a byte spoils", async () => {
    const response = of({ signer: responder });
    for (let at = 0; at < response.length; at++) {
      const verdict = await verdictOn(withFlippedByte(response, at)).catch((error: unknown) => {
        expect(error).toHaveProperty("code", "certificate/bad-status-response");
        return "refused";
      });
      expect([at, verdict]).toEqual([at, "refused"]);
    }
  });
});
