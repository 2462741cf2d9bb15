import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createAuthority } from "../../../test/authority.ts";
import {
  crlNumber,
  crlOf,
  issuingDistributionPoint,
  pointNames,
  reasonCode,
  revokedEntry,
} from "../../../test/crls.ts";
import { commonName, element, sequence, text } from "../../../test/der-writer.ts";
import { testCodec, testTotal } from "../../../test/properties.ts";
import { type Bytes, equalPublic } from "../../crypto/bytes.ts";
import { parseCertificate } from "../certificate.ts";
import type { RevocationReason } from "../revocation-reason.ts";
import { parseCrl } from "./crl.ts";
import { isAbout } from "./distribution-point.ts";
import type { Revocation } from "./revoked.ts";

const root = await createAuthority();

const reasons: readonly RevocationReason[] = [
  "unspecified",
  "keyCompromise",
  "cACompromise",
  "affiliationChanged",
];
const date = fc
  .date({ min: new Date("1950-01-01"), max: new Date("9999-12-31"), noInvalidDate: true })
  .map((any) => new Date(Math.floor(any.getTime() / 1000) * 1000));
const revocation: fc.Arbitrary<Revocation> = fc
  .tuple(date, fc.option(fc.constantFrom(...reasons), { nil: undefined }))
  .map(([date, reason]) => (reason === undefined ? { date } : { date, reason }));
/** Content of an INTEGER above zero. */
const serialNumber = fc
  .uint8Array({ minLength: 0, maxLength: 19 })
  .map((bytes) => Uint8Array.from([0x40, ...bytes]));

interface Listed {
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly list: readonly (readonly [serial: Bytes, Revocation])[];
}

const listed: fc.Arbitrary<Listed> = fc.record({
  thisUpdate: date,
  nextUpdate: date,
  list: fc.uniqueArray(fc.tuple(serialNumber, revocation), {
    selector: ([serial]) => serial.join(),
    maxLength: 8,
  }),
});

function encode({ thisUpdate, nextUpdate, list }: Listed): Bytes {
  const revoked = list.map(([serial, { date, reason }]) =>
    reason === undefined
      ? revokedEntry(serial, date)
      : revokedEntry(serial, date, reasonCode(reasons.indexOf(reason))),
  );
  return crlOf(root, { thisUpdate, nextUpdate, revoked });
}

/** GeneralNames of the forms that are compared in their own way. */
const pointName = fc
  .tuple(fc.constantFrom(0x81, 0x82, 0x86, 0x87, 0xa4), fc.constantFrom("a.example", "b", ""))
  .map(([form, name]) => (form === 0xa4 ? element(form, commonName(name)) : text(form, name)));
const points = fc
  .array(fc.array(pointName, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })
  .map((lists) => sequence(...lists.map((list) => sequence(pointNames(...list)))));

describe("what CRLs are about", () => {
  const certificate = parseCertificate(root.certificate);
  const about = (...members: Bytes[]) =>
    parseCrl(crlOf(root, { extensions: [crlNumber(), issuingDistributionPoint(...members)] }));
  const name = { form: "uri", text: "a.example" } as const;

  testTotal(
    "distribution points of a certificate",
    (der) => isAbout({ names: [name] }, { ...certificate, crlDistributionPoints: der }),
    points,
  );
  testTotal("issuing distribution point", (der) => about(der), points);

  test("is what shares a name with it", () => {
    const lists = fc.array(pointName, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(lists, lists, (ofCrl, ofCertificate) => {
        const crlDistributionPoints = sequence(sequence(pointNames(...ofCertificate)));
        const { scope } = about(pointNames(...ofCrl));
        const shares = ofCrl.some((a) => ofCertificate.some((b) => equalPublic(a, b)));
        expect(isAbout(scope, { ...certificate, crlDistributionPoints })).toBe(shares);
      }),
    );
  });
});

describe("CRLs", () => {
  // What is listed is looked up again, so the order and the rest don't show.
  const serials: Bytes[] = [];
  testCodec("CRL", {
    value: listed,
    encode: (value) => {
      serials.splice(0, serials.length, ...value.list.map(([serial]) => serial));
      return encode(value);
    },
    decode: (bytes) => {
      const { thisUpdate, nextUpdate, revoked } = parseCrl(bytes);
      return { thisUpdate, nextUpdate, found: serials.map((serial) => revoked.get(serial)) };
    },
    expected: ({ thisUpdate, nextUpdate, list }) => ({
      thisUpdate,
      nextUpdate,
      found: list.map(([, revocation]) => revocation),
    }),
  });
});
