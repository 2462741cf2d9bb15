import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createAuthority } from "../../../test/authority.ts";
import {
  bitString,
  boolean,
  commonName,
  element,
  extension,
  integer,
  nothing,
  octets,
  oid,
  sequence,
  utcTime,
} from "../../../test/der-writer.ts";
import { failureOf } from "../../../test/failure.ts";
import {
  basicResponse,
  certStatus,
  failureResponse,
  ocspResponse,
  type ResponsePieces,
  responseOf,
  singleResponse,
  time,
} from "../../../test/ocsp.ts";
import { anyBytes, testCodec } from "../../../test/properties.ts";
import { type Bytes, concat } from "../../crypto/bytes.ts";
import { parseCertificate } from "../certificate.ts";
import { parseOcspResponse, type SingleResponse } from "./response.ts";

const root = await createAuthority();
const leaf = await root.issue({ names: ["a.example"] });
const of = (pieces: ResponsePieces = {}) => ocspResponse(root, leaf, pieces);

function successful(der: Bytes) {
  const response = parseOcspResponse(der);
  if (response.status !== "successful") throw new Error(response.status);
  return response.basic;
}

describe("an OCSP response", () => {
  test("is read into its parts, by reference", () => {
    const since = new Date("2026-01-02T03:04:05Z");
    const thisUpdate = new Date("2026-02-03T04:05:06Z");
    const nextUpdate = new Date("2050-03-04T05:06:07Z");
    const producedAt = new Date("2026-02-03T04:05:07Z");
    const der = of({
      producedAt,
      responder: "name",
      certificates: [root.certificate],
      extensions: [extension("1.2.3", false, octets())],
      answers: [
        {
          status: certStatus.revoked(since, 1),
          thisUpdate,
          nextUpdate,
          hash: "sha256",
          extensions: [extension("1.2.4", true, nothing())],
        },
        { status: certStatus.unknown, nextUpdate: "none" },
        {},
      ],
    });
    const basic = successful(der);
    const { subject, serialNumber } = parseCertificate(leaf.certificate);
    expect(subject).not.toEqual(parseCertificate(root.certificate).subject);
    expect(basic).toMatchObject({
      producedAt,
      responder: { by: "name", name: parseCertificate(root.certificate).subject },
      certificates: [root.certificate],
      responses: [
        {
          certId: { hashAlgorithm: "2.16.840.1.101.3.4.2.1", serialNumber },
          status: { kind: "revoked", since, reason: "keyCompromise" },
          thisUpdate,
          nextUpdate,
        },
        { certId: { hashAlgorithm: "1.3.14.3.2.26" }, status: { kind: "unknown" } },
        { status: { kind: "good" } },
      ],
    });
    expect(basic.extensions).toEqual(new Map([["1.2.3", { critical: false, value: octets() }]]));
    expect(basic.responses[0]?.extensions.get("1.2.4")).toEqual({
      critical: true,
      value: nothing(),
    });
    expect(basic.responses[1]).not.toHaveProperty("nextUpdate");
    expect(basic.responses[2]?.extensions.size).toBe(0);
    expect(basic.signed.buffer).toBe(der.buffer);
  });

  test.each([
    [1, "malformedRequest"],
    [2, "internalError"],
    [3, "tryLater"],
    [5, "sigRequired"],
    [6, "unauthorized"],
  ])("may say with %i why it has no answer: %s", (number, status) => {
    expect(parseOcspResponse(failureResponse(number))).toEqual({ status });
  });

  test("may hold an empty list of certificates, and a hash without parameters", () => {
    expect(successful(of({ answers: [withoutParameters()] })).responses).toHaveLength(1);
    const basic = basicResponse(root, leaf, { after: element(0xa0, sequence()) });
    expect(successful(responseOf(basic)).certificates).toEqual([]);
  });
});

/** A SingleResponse whose hash algorithm has no parameters. */
function withoutParameters() {
  const id = sequence(sequence(oid("1.3.14.3.2.26")), octets(), octets(), integer(1));
  return sequence(id, certStatus.good, time(new Date()));
}

const id = sequence(sequence(oid("1.3.14.3.2.26"), nothing()), octets(), octets(), integer(1));
const now = time(new Date());
const answer = (...parts: Uint8Array[]) => of({ answers: [sequence(...parts)] });
const signed = sequence(element(0xa2, octets()), now, sequence(singleResponse(root, leaf, {})));
const algorithm = sequence(oid("1.2.840.10045.4.3.2"));
const status = element(0x0a, Uint8Array.of(0));
const bytes = sequence(oid("1.3.6.1.5.5.7.48.1.1"), octets(basicResponse(root, leaf, {})));

// What the cases below are made of, before anything is wrong with it.
test.each([
  ["by hand", sequence(status, element(0xa0, bytes))],
  ["with an answer by hand", answer(id, certStatus.good, now)],
  ["with data by hand", responseOf(sequence(signed, algorithm, bitString()))],
])("a response written %s is read", (_, der) => {
  expect(successful(der).responses).toHaveLength(1);
});

describe("an OCSP response is refused with", () => {
  test.each<[string, Bytes]>([
    ["nothing", new Uint8Array()],
    ["no status", sequence()],
    ["a status that is an INTEGER", sequence(integer(1))],
    ["status 4, which is not used", failureResponse(4)],
    ["status 7", failureResponse(7)],
    ["a status of two bytes", sequence(element(0x0a, Uint8Array.of(1, 1)))],
    ["a failure and an answer", sequence(element(0x0a, Uint8Array.of(3)), element(0xa0))],
    ["no answer where it says so", failureResponse(0)],
    ["an answer of another type", responseOf(basicResponse(root, leaf, {}), "1.2.3")],
    ["bytes after it", concat(of(), nothing())],
    ["bytes in it", sequence(status, element(0xa0, bytes), nothing())],
    ["bytes beside the answer", sequence(status, element(0xa0, bytes, nothing()))],
    ["bytes after the answer", responseOf(concat(basicResponse(root, leaf, {}), nothing()))],
    ["bytes after the certificates", of({ after: nothing() })],
    ["an end too soon", of().subarray(0, -1)],
    ["version 1 written out", of({ version: element(0xa0, integer(0)) })],
    ["version 2", of({ version: element(0xa0, integer(1)) })],
    ["a responder without a form", of({ responder: commonName("x") })],
    ["a responder's key under the tag of a name", of({ responder: element(0xa1, octets()) })],
    ["a responder named twice", of({ responder: element(0xa2, octets(), octets()) })],
    ["no answers in it", of({ answers: [] })],
    ["no extensions where they are announced", of({ extensions: [] })],
    [
      "an extension twice",
      of({
        extensions: [extension("1.2.3", false, octets()), extension("1.2.3", false, octets())],
      }),
    ],
    [
      "critical FALSE written out",
      of({ extensions: [sequence(oid("1.2.3"), boolean(false), octets())] }),
    ],
    [
      "an extension of an answer twice",
      of({
        answers: [
          { extensions: [extension("1.2", false, octets()), extension("1.2", false, octets())] },
        ],
      }),
    ],
    ["no status in its answer", answer(id, now)],
    ["a status of another tag", answer(id, element(0x83), now)],
    ["good with something in it", answer(id, element(0x80, Uint8Array.of(0)), now)],
    ["unknown with something in it", answer(id, element(0x82, Uint8Array.of(0)), now)],
    ["revoked without a time", answer(id, element(0xa1), now)],
    ["revoked for a reason that is none", answer(id, certStatus.revoked(new Date(), 7), now)],
    [
      "revoked for a reason of two bytes",
      answer(id, element(0xa1, now, element(0xa0, element(0x0a, Uint8Array.of(1, 0)))), now),
    ],
    ["revoked with more", answer(id, element(0xa1, now, nothing()), now)],
    ["a time in the other form", answer(id, certStatus.good, utcTime("260101000000Z"))],
    ["no time", answer(id, certStatus.good)],
    ["two times to come", answer(id, certStatus.good, now, element(0xa0, now, now))],
    ["a certificate's ID with more", answer(sequence(id, nothing()), certStatus.good, now)],
    ["no serial number", answer(sequence(algorithm, octets(), octets()), certStatus.good, now)],
    [
      "parameters of a hash",
      answer(
        sequence(sequence(oid("1.3.14.3.2.26"), octets()), octets(), octets(), integer(1)),
        certStatus.good,
        now,
      ),
    ],
    ["unused bits in its signature", of({ signature: element(0x03, Uint8Array.of(1, 2)) })],
    ["no signature", responseOf(sequence(signed, algorithm))],
    [
      "certificates that are none",
      responseOf(sequence(signed, algorithm, bitString(), element(0xa0, sequence(nothing())))),
    ],
    [
      "two lists of certificates",
      responseOf(sequence(signed, algorithm, bitString(), element(0xa0, sequence(), sequence()))),
    ],
  ])("%s", async (_, der) => {
    expect(await failureOf(() => parseOcspResponse(der))).toMatchObject({
      code: "certificate/malformed",
    });
  });
});

describe("an OCSP response written at random", () => {
  const moment = fc
    .integer({ min: Date.UTC(2000, 0) / 1000, max: Date.UTC(2100, 0) / 1000 })
    .map((seconds) => new Date(seconds * 1000));
  const reasons = ["keyCompromise", "superseded", "certificateHold"] as const;
  const numbers = { keyCompromise: 1, superseded: 4, certificateHold: 6 };
  const status = fc.oneof(
    fc.constantFrom({ kind: "good" } as const, { kind: "unknown" } as const),
    fc.record({ kind: fc.constant("revoked" as const), since: moment }),
    fc.record({
      kind: fc.constant("revoked" as const),
      since: moment,
      reason: fc.constantFrom(...reasons),
    }),
  );
  const single = fc.record({ status, thisUpdate: moment, nextUpdate: fc.option(moment) });
  type Status = typeof status extends fc.Arbitrary<infer T> ? T : never;
  const statusOf = (value: Status) => {
    if (value.kind !== "revoked") return certStatus[value.kind];
    const reason = "reason" in value ? numbers[value.reason] : undefined;
    return certStatus.revoked(value.since, reason);
  };
  const value = fc.record({
    producedAt: moment,
    keyHash: anyBytes(),
    signature: anyBytes(),
    certificates: fc.array(anyBytes(0, 300).map((content) => sequence(octets(content)))),
    responses: fc.array(single, { minLength: 1, maxLength: 5 }),
  });

  testCodec("OCSPResponse", {
    value,
    encode: ({ keyHash, signature, responses, ...others }) =>
      of({
        ...others,
        responder: element(0xa2, octets(keyHash)),
        signature: bitString(signature),
        answers: responses.map(({ status, thisUpdate, nextUpdate }) => ({
          status: statusOf(status),
          thisUpdate,
          nextUpdate: nextUpdate ?? "none",
        })),
      }),
    decode: (der) => {
      const { producedAt, responder, signature, certificates, responses } = successful(der);
      return { producedAt, responder, signature, certificates, responses: responses.map(plain) };
    },
    expected: ({ keyHash, ...others }) => ({ ...others, responder: { by: "key", keyHash } }),
  });
});

function plain({ status, thisUpdate, nextUpdate }: SingleResponse) {
  return { status, thisUpdate, nextUpdate: nextUpdate ?? null };
}
