import fc from "fast-check";
import { expect, test } from "vitest";
import { anyBytes, changed, testCodec, unsigned } from "../../../test/properties.ts";
import { type CipherSuite, cipherSuites } from "../cipher-suite.ts";
import { namedGroups } from "../named-group.ts";
import { signatureSchemes } from "../signature-scheme.ts";
import { decodeSession, encodeSession } from "./encoding.ts";
import type { Session } from "./session.ts";

type SuiteOf<Version> = Extract<CipherSuite, { version: Version }>;
const suites13 = cipherSuites.filter(
  (suite): suite is SuiteOf<"TLSv1.3"> => suite.version === "TLSv1.3",
);
const suites12 = cipherSuites.filter(
  (suite): suite is SuiteOf<"TLSv1.2"> => suite.version === "TLSv1.2",
);

const time = fc.integer({ min: 0, max: 2 ** 52 });
const chain = fc.array(anyBytes(1), { maxLength: 3 });
const peer = fc.record(
  {
    certificateType: fc.constantFrom("X509", "RawPublicKey"),
    certificates: chain,
    trustedBy: fc.constantFrom(
      "root",
      "exact-certificate",
      "public-key",
      "caller",
      "pre-shared-key",
    ),
    verifiedPath: chain,
    trustAnchor: fc.record({ subject: anyBytes(1), subjectPublicKeyInfo: anyBytes(1) }),
    ocspResponse: anyBytes(1),
    signedCertificateTimestamps: fc.array(anyBytes(1), { minLength: 1, maxLength: 3 }),
    signatureScheme: fc.option(fc.constantFrom(...signatureSchemes), { nil: undefined }),
    pskIdentity: fc.option(anyBytes(1), { nil: undefined }),
    clientCertificate: fc.constantFrom("not-requested", "declined", "sent"),
    trustedUntil: time,
  },
  {
    requiredKeys: [
      "certificateType",
      "certificates",
      "trustedBy",
      "verifiedPath",
      "signatureScheme",
      "pskIdentity",
      "clientCertificate",
      "trustedUntil",
    ],
  },
);
const base = { peer, expires: time, secret: anyBytes(1, 48) };

const session: fc.Arbitrary<Session> = fc.oneof(
  fc.record({
    ...base,
    version: fc.constant("TLSv1.3" as const),
    suite: fc.constantFrom(...suites13),
    ticket: anyBytes(1),
    ageAdd: unsigned(4),
    receivedAt: time,
    maxEarlyData: unsigned(4),
    alpn: fc.option(fc.string({ minLength: 1, maxLength: 9, unit: "grapheme-ascii" }), {
      nil: undefined,
    }),
  }),
  fc.record({
    ...base,
    version: fc.constant("TLSv1.2" as const),
    suite: fc.constantFrom(...suites12),
    group: fc.constantFrom(...namedGroups),
    extendedMasterSecret: fc.boolean(),
    handle: fc.record({ kind: fc.constantFrom("id", "ticket"), bytes: anyBytes(1) }),
  }),
);

testCodec("session", {
  value: session,
  encode: (value) => new Uint8Array(encodeSession(value).bytes),
  decode: (bytes) => decodeSession({ bytes, expires: 0 }),
});

test("what a store gives is a session or none, and never an error", () => {
  const stored = session.map((value) => new Uint8Array(encodeSession(value).bytes));
  fc.assert(
    fc.property(fc.oneof(anyBytes(), changed(stored)), (bytes) => {
      const found = decodeSession({ bytes, expires: 0 });
      // What can be read is written the same: there is one encoding for each session.
      if (found !== undefined) expect(decodeSession(encodeSession(found))).toEqual(found);
    }),
    { numRuns: 500 },
  );
});
