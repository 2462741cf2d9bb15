import { describe, expect, test } from "vitest";
import type { TlsErrorCode, TriedPath } from "../src/index.ts";
import { refusedPicture, trustedPicture } from "./picture.ts";

const leaf = Uint8Array.of(1);
const middle = Uint8Array.of(2);
const cross = Uint8Array.of(3);
const stray = Uint8Array.of(4);
const name = Uint8Array.of(9);
const trustAnchor = { subject: name, subjectPublicKeyInfo: Uint8Array.of(8) };

describe("what was trusted", () => {
  test("leads from the server's certificate to the root; the rest was not needed", () => {
    const picture = trustedPicture({
      certificates: [leaf, cross, middle],
      verifiedPath: [leaf.slice(), middle.slice()],
      trustAnchor,
    });
    expect(picture).toEqual({
      isTrusted: true,
      path: [
        { role: "server", certificate: leaf, isPresented: true },
        { role: "intermediate", certificate: middle, isPresented: true },
        { role: "anchor", name, isPresented: false },
      ],
      unused: [cross],
      others: [],
    });
  });

  test("has certificates that the server left out marked", () => {
    const { path } = trustedPicture({
      certificates: [leaf],
      verifiedPath: [leaf, middle],
      trustAnchor,
    });
    expect(path.map(({ isPresented }) => isPresented)).toEqual([true, false, false]);
  });

  test("is the one certificate where no path was asked for", () => {
    const { path, unused } = trustedPicture({ certificates: [leaf, middle], verifiedPath: [] });
    expect(path).toEqual([{ role: "server", certificate: leaf, isPresented: true }]);
    expect(unused).toEqual([middle]);
  });
});

describe("what was refused", () => {
  const fault = { code: "certificate/expired", message: "Too old." } as const;
  const tried = (path: Partial<TriedPath>): TriedPath => ({
    certificates: [leaf],
    failedAt: 0,
    ...fault,
    ...path,
  });
  const refused = (paths?: readonly TriedPath[], code: TlsErrorCode = fault.code) =>
    refusedPicture({
      ...fault,
      code,
      certificates: [leaf, cross, middle, stray],
      ...(paths ? { paths } : {}),
    });

  test("has the fault where it is, the paths in their order, and what is in none of them", () => {
    const { path, others, unused } = refused([
      tried({ certificates: [leaf, middle], anchor: name, failedAt: 1 }),
      tried({ certificates: [leaf, cross], failedAt: 2, code: "certificate/unknown-issuer" }),
    ]);
    expect(path.map((place) => [place.role, place.fault?.code])).toEqual([
      ["server", undefined],
      ["intermediate", "certificate/expired"],
      ["anchor", undefined],
    ]);
    expect(others.map((places) => places.map((place) => [place.role, place.fault?.code]))).toEqual([
      [
        ["server", undefined],
        ["intermediate", undefined],
        ["missing", "certificate/unknown-issuer"],
      ],
    ]);
    expect(unused).toEqual([stray]);
  });

  test("is a fault of the root where that fails", () => {
    const { path } = refused([tried({ anchor: name, failedAt: 1 })]);
    expect(path.at(-1)).toEqual({ role: "anchor", name, isPresented: false, fault });
  });

  test("is a fault of the server's certificate where no path was tried", () => {
    expect(refused().path).toEqual([
      { role: "server", certificate: leaf, isPresented: true, fault },
    ]);
  });

  test("has no fault where something else went wrong", () => {
    const { path } = refused(undefined, "handshake/bad-finished");
    expect(path).toEqual([{ role: "server", certificate: leaf, isPresented: true }]);
  });
});
