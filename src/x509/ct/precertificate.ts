/**
 * Timestamps embedded in a certificate, and what the logs have signed for them: the certificate's
 * content as it was before they were embedded (RFC 6962 §3.2 and §3.3).
 *
 * @module
 */

import { type Bytes, concat } from "../../crypto/bytes.ts";
import { constructed, type DerReader, readDer, tag } from "../der.ts";
import { timestampListOid, timestampsOfExtension } from "./timestamp-extension.ts";

/** What embedded timestamps are made of. */
export interface EmbeddedTimestamps {
  /** Each a SerializedSCT. */
  readonly timestamps: readonly Bytes[];
  /** DER of the TBSCertificate without the extension that holds them; all else byte for byte. */
  readonly tbsCertificate: Bytes;
}

const what = "a certificate with embedded timestamps";

/**
 * Reads what is embedded in a certificate.
 *
 * @param signed DER of its TBSCertificate, read before.
 * @returns no timestamps where nothing is embedded.
 * @throws TlsError `certificate/malformed` for a list that can't be read.
 */
export function embeddedTimestamps(signed: Bytes): EmbeddedTimestamps {
  const nothing = { timestamps: [], tbsCertificate: signed };
  const fields = readDer(signed, what, (outer) => elementsOf(outer, tag.sequence));
  const last = fields.at(-1);
  if (last === undefined || last[0] !== constructed(3)) return nothing;
  const extensions = readDer(last, what, (field) =>
    field.inside(constructed(3), (inner) => elementsOf(inner, tag.sequence)),
  );
  const holder = extensions.find(isTimestampList);
  if (holder === undefined) return nothing;
  const others = extensions.filter((extension) => extension !== holder);
  const before = fields.slice(0, -1);
  return {
    timestamps: timestampsOfExtension(readDer(holder, what, valueOfExtension)),
    tbsCertificate: sequenceOf(
      others.length === 0 ? before : [...before, element(constructed(3), sequenceOf(others))],
    ),
  };
}

function elementsOf(reader: DerReader, expected: number): Bytes[] {
  return reader.list((item) => item.any(), expected);
}

function isTimestampList(extension: Bytes): boolean {
  return readDer(extension, what, (reader) =>
    reader.inside(tag.sequence, (fields) => {
      const oid = fields.oid();
      while (fields.next !== undefined) fields.any();
      return oid === timestampListOid.certificate;
    }),
  );
}

function valueOfExtension(extension: DerReader): Bytes {
  return extension.inside(tag.sequence, (fields) => {
    fields.oid();
    if (fields.next === tag.boolean) fields.boolean();
    return fields.content(tag.octetString);
  });
}

function sequenceOf(elements: readonly Bytes[]): Bytes {
  return element(tag.sequence, concat(...elements));
}

/** An element of at most 65535 bytes, as what is read here is no longer (X.690 §10.1). */
function element(identifier: number, content: Bytes): Bytes {
  const { length } = content;
  const short = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : undefined;
  const header = [identifier, ...(short ?? [0x82, length >> 8, length & 0xff])];
  return concat(Uint8Array.from(header), content);
}
