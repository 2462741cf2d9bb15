import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createAuthority } from "../../../test/authority.ts";
import { certificateOf, element, extension, octets, sequence } from "../../../test/der-writer.ts";
import { anyBytes, testTotal } from "../../../test/properties.ts";
import {
  issueWithTimestamps,
  oids,
  timestampExtension,
  withoutExtension,
} from "../../../test/transparency-log.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { parseCertificate } from "../certificate.ts";
import { readDer, tag } from "../der.ts";
import { embeddedTimestamps } from "./precertificate.ts";
import { timestampsOfExtension } from "./timestamp-extension.ts";

const timestamps = [Uint8Array.of(1, 2, 3), Uint8Array.of(4)];
const holder = extension(oids.timestamps, false, timestampExtension(timestamps));

/** The TBSCertificate of a certificate with these extensions. */
function contentOf(extensions: readonly Uint8Array[] | undefined): Bytes {
  const der = certificateOf({
    // Fields that nothing looks at are kept too.
    uniqueIds: element(0x81, Uint8Array.of(0, 7)),
    ...(extensions === undefined ? {} : { extensions }),
  });
  return readDer(der, "a test", (reader) =>
    reader.inside(tag.sequence, (certificate) => {
      const signed = certificate.whole(tag.sequence);
      while (certificate.next !== undefined) certificate.any();
      return signed;
    }),
  );
}

const anExtension = fc
  .tuple(
    fc.constantFrom("2.5.29.17", "1.2.3.4", "1.3.6.1.4.1.11129.2.4.4"),
    fc.boolean(),
    // Four of the longest fit in what is read as a certificate.
    fc.oneof(anyBytes(), anyBytes(100, 300), anyBytes(15_000, 15_000)),
  )
  .map((fields) => extension(...fields));

describe("what was logged of a certificate", () => {
  test("is its content without the timestamps, all else byte for byte", () => {
    const some = fc.array(anExtension, { maxLength: 2 });
    fc.assert(
      fc.property(some, some, (before, after) => {
        const embedded = embeddedTimestamps(contentOf([...before, holder, ...after]));
        const others = [...before, ...after];
        expect(embedded.timestamps).toEqual(timestamps);
        expect(embedded.tbsCertificate).toEqual(
          // RFC 5280 §4.1.2.9: there is no empty list of extensions.
          contentOf(others.length === 0 ? undefined : others),
        );
      }),
    );
  });

  test("has lengths of each form, each as short as can be", () => {
    for (let length = 0; length < 300; length += 1) {
      const other = extension("1.2.3", false, new Uint8Array(length));
      const { tbsCertificate } = embeddedTimestamps(contentOf([other, holder]));
      expect(tbsCertificate, `${length}`).toEqual(contentOf([other]));
    }
  });

  test("is the precertificate without its poison, as pkijs writes it", async () => {
    const root = await createAuthority();
    const logged: Uint8Array[] = [];
    const { certificate } = await issueWithTimestamps(root, { names: ["a.example"] }, (entry) => {
      if ("tbsCertificate" in entry) logged.push(entry.tbsCertificate);
      return timestamps;
    });
    const { tbsCertificate } = embeddedTimestamps(parseCertificate(certificate).signed);
    expect([tbsCertificate]).toEqual(logged);
    expect(tbsCertificate).toEqual(withoutExtension(certificate, oids.timestamps));
  });

  test("is the content itself where no timestamps are embedded", () => {
    for (const extensions of [undefined, [extension("1.2.3", true, octets())]]) {
      const signed = contentOf(extensions);
      expect(embeddedTimestamps(signed)).toEqual({ timestamps: [], tbsCertificate: signed });
    }
  });

  testTotal("the content", embeddedTimestamps, fc.constant(contentOf([holder])));
});

describe("the extension's value", () => {
  test("is a list in an OCTET STRING", () => {
    expect(timestampsOfExtension(timestampExtension(timestamps))).toEqual(timestamps);
  });

  test.each([
    ["is something else", sequence()],
    ["holds no list", octets(Uint8Array.of(1))],
    ["goes on", new Uint8Array([...timestampExtension(timestamps), 0])],
  ])("that %s is refused", (_, value) => {
    const malformed = expect.objectContaining({ code: "certificate/malformed" });
    expect(() => timestampsOfExtension(value)).toThrow(malformed);
    const content = contentOf([extension(oids.timestamps, false, value)]);
    expect(() => embeddedTimestamps(content)).toThrow(malformed);
  });
});
