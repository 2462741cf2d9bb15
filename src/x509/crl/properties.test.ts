import fc from "fast-check";
import { describe } from "vitest";
import { createAuthority } from "../../../test/authority.ts";
import { crlOf, reasonCode, revokedEntry } from "../../../test/crls.ts";
import { testCodec } from "../../../test/properties.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import type { RevocationReason } from "../revocation-reason.ts";
import { parseCrl } from "./crl.ts";
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
