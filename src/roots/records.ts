/**
 * The compact form of trust anchors: records of subject, public key, name constraints and
 * distrust-after date. The first three are each preceded by their length in two bytes; the date is
 * in seconds since 1970 in four, zero for none.
 *
 * @module
 */

import { type Bytes, concat } from "../crypto/bytes.ts";
import type { TrustAnchor } from "../x509/anchor.ts";

/** Trust anchors as records; `scripts/update-roots.mjs` writes them. */
export function encodeAnchors(anchors: readonly TrustAnchor[]): Bytes {
  return concat(
    ...anchors.flatMap(({ subject, subjectPublicKeyInfo, nameConstraints, distrustAfter }) => [
      ...[subject, subjectPublicKeyInfo, nameConstraints ?? new Uint8Array()].flatMap((field) => [
        Uint8Array.of(field.length >> 8, field.length & 0xff),
        field,
      ]),
      seconds(distrustAfter),
    ]),
  );
}

/** The anchors that records hold, by reference into them. */
export function decodeAnchors(records: Bytes): TrustAnchor[] {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  const anchors: TrustAnchor[] = [];
  let offset = 0;
  const field = (): Bytes => {
    const start = offset + 2;
    offset = start + view.getUint16(offset);
    return records.subarray(start, offset);
  };
  while (offset < records.length) {
    const subject = field();
    const subjectPublicKeyInfo = field();
    const nameConstraints = field();
    const date = view.getUint32(offset);
    offset += 4;
    anchors.push({
      subject,
      subjectPublicKeyInfo,
      ...(nameConstraints.length === 0 ? {} : { nameConstraints }),
      ...(date === 0 ? {} : { distrustAfter: new Date(date * 1000) }),
    });
  }
  return anchors;
}

function seconds(date: Date | undefined): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, date === undefined ? 0 : date.getTime() / 1000);
  return bytes;
}
