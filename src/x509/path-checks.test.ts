/** What is asked of certificates whose keys the authority of the tests does not make. */

import { describe, expect, it } from "vitest";
import {
  bitString,
  certificateOf,
  element,
  extension,
  oid,
  sequence,
} from "../../test/der-writer.ts";
import { codeThrown } from "../../test/failure.ts";
import { parseCertificate } from "./certificate.ts";
import { checkLeaf } from "./path-checks.ts";

const now = new Date("2026-11-01T00:00:00Z");
const mlDsa44 = sequence(sequence(oid("2.16.840.1.101.3.4.3.17")), bitString(new Uint8Array(1312)));

describe("a certificate of an ML-DSA key (RFC 9881 §5)", () => {
  const code = (usage: readonly number[], publicKey?: Uint8Array) => {
    const extensions = [extension("2.5.29.15", true, element(0x03, Uint8Array.of(0, ...usage)))];
    const pieces = publicKey === undefined ? { extensions } : { extensions, publicKey };
    const leaf = parseCertificate(certificateOf(pieces));
    return codeThrown(() => checkLeaf(leaf, now));
  };

  it("may say that it signs", () => {
    expect(code([0x80], mlDsa44)).toBeUndefined();
    expect(code([0xc0], mlDsa44)).toBeUndefined();
  });

  it.each([
    ["keyEncipherment", [0xa0]],
    ["dataEncipherment", [0x90]],
    ["keyAgreement", [0x88]],
    ["encipherOnly", [0x81]],
    ["decipherOnly", [0x80, 0x80]],
  ])("may not say %s, as others may", (_, usage) => {
    expect(code(usage, mlDsa44)).toBe("certificate/wrong-key-usage");
    expect(code(usage)).toBeUndefined();
  });
});
