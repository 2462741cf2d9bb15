import { describe, expect, it } from "vitest";
import { createAuthority } from "../../test/authority.ts";
import {
  certificateOf,
  element,
  extension,
  nothing,
  sequence,
  text,
} from "../../test/der-writer.ts";
import { failureOf } from "../../test/failure.ts";
import { parseAnchor, parseAnchors } from "./anchor.ts";
import { parseCertificate } from "./certificate.ts";

const constraints = sequence(element(0xa0, sequence(text(0x82, "a.example"))));

describe("a trust anchor", () => {
  it("is the name and the key of a root, with what its certificate says", async () => {
    const { certificate } = await createAuthority();
    const root = parseCertificate(certificate);
    const { subject, subjectPublicKeyInfo, keyUsage } = root;
    expect(keyUsage).toMatchObject({ cRLSign: true });
    expect(parseAnchor(certificate)).toEqual({ subject, subjectPublicKeyInfo, keyUsage, root });
    const unlimited = await createAuthority({ keyUsage: "none" });
    expect(parseAnchor(unlimited.certificate)).not.toHaveProperty("keyUsage");
  });

  it("keeps name constraints", () => {
    const extensions = [extension("2.5.29.30", true, constraints)];
    expect(parseAnchor(certificateOf({ extensions }))).toMatchObject({
      nameConstraints: constraints,
    });
  });

  it("may be of version 1, and expired", async () => {
    expect(parseAnchor(certificateOf({ version: new Uint8Array() }))).toHaveProperty("subject");
    const notAfter = new Date("2020-01-01T00:00:00Z");
    const expired = await createAuthority({ notBefore: new Date("2019-01-01"), notAfter });
    expect(parseAnchor(expired.certificate)).toHaveProperty("subject");
  });

  it("is refused where it could never be used", async () => {
    const weak = await createAuthority({ keyType: "rsa-1024" });
    const code = async (der: Uint8Array<ArrayBuffer>) =>
      (await failureOf(() => parseAnchor(der))).code;
    expect(await code(weak.certificate)).toBe("certificate/weak-key");
    expect(await code(new Uint8Array([1, 2, 3]))).toBe("certificate/malformed");
    expect(await code(certificateOf({ extensions: [extension("1.2.3", true, nothing())] }))).toBe(
      "certificate/unknown-critical-extension",
    );
    expect(
      await code(certificateOf({ extensions: [extension("2.5.29.30", true, sequence())] })),
    ).toBe("certificate/malformed");
  });

  it("that is not usable is left out of a bundle, but not of one where none is", async () => {
    const good = await createAuthority();
    const weak = await createAuthority({ keyType: "rsa-1024" });
    const broken = new Uint8Array([1, 2, 3]);
    const anchors = parseAnchors([broken, weak.certificate, good.certificate]);
    // A path that wants to end at the weak one is told why it can't.
    expect(anchors.map(({ root }) => root?.der)).toEqual([weak.certificate, good.certificate]);
    const none = await failureOf(() => parseAnchors([weak.certificate, broken]));
    expect(none.code).toBe("certificate/weak-key");
    expect(none.message).toContain("None of the roots that were given can be used");
    expect(parseAnchors([])).toEqual([]);
  });
});
