import { describe, expect, it } from "vitest";
import { createAuthority } from "../../../test/authority.ts";
import { replaceAnchor, replaceCertificate } from "./built-in-roots.ts";

const filler = new Uint8Array(100).fill(0x30);

describe("replaceCertificate", () => {
  it("overwrites the longest certificate, and nothing else", async () => {
    const [root, short, long] = await Promise.all([
      createAuthority(),
      createAuthority({ commonName: "short" }),
      createAuthority({ keyType: "rsa-2048", commonName: "long" }),
    ]);
    const parts = [filler, short.certificate, long.certificate, short.certificate, filler];
    const module = bytesOf(parts);
    replaceCertificate(module, root.pem);
    const rest = new Uint8Array(long.certificate.length - root.certificate.length);
    const [first, second] = [parts.slice(0, 2), parts.slice(3)];
    expect(module).toEqual(bytesOf([...first, root.certificate, rest, ...second]));
  });

  it("refuses a module without one", async () => {
    const { pem } = await createAuthority();
    expect(() => replaceCertificate(bytesOf([filler]), pem)).toThrow("no certificate");
  });
});

describe("replaceAnchor", () => {
  /** A name without its header, then a key without its own: as `webpki-roots` has them. */
  const anchorOf = ({ keys, commonName }: Awaited<ReturnType<typeof createAuthority>>) => {
    const key = keys.publicKey.export({ type: "spki", format: "der" });
    return bytesOf([new TextEncoder().encode(commonName), key.subarray(2)]);
  };
  const keyType = "ecdsa-p384";

  it("overwrites the end of the other's name and its key", async () => {
    const other = await createAuthority({ keyType, commonName: "some built-in root" });
    const root = await createAuthority({ keyType, commonName: "root of the bench" });
    const module = bytesOf([filler, anchorOf(other), filler]);
    replaceAnchor(module, "built-in root", root.pem);
    expect(Buffer.from(module).indexOf(anchorOf(root))).toBe(filler.length + 1);
    expect(module.subarray(-filler.length)).toEqual(filler);
  });

  it("refuses a root that is not there, and one with a key of another type", async () => {
    const other = await createAuthority({ keyType: "ecdsa-p256", commonName: "built-in root" });
    const { pem } = await createAuthority({ keyType });
    const module = bytesOf([filler, anchorOf(other)]);
    expect(() => replaceAnchor(module, "another root", pem)).toThrow("does not hold");
    expect(() => replaceAnchor(module, "built-in root", pem)).toThrow("another type");
  });
});

function bytesOf(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
