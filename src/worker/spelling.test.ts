import { describe, expect, test } from "vitest";
import { commonName } from "../../test/der-writer.ts";
import type { TlsErrorRecord } from "../errors.ts";
import { describeName } from "./naming.ts";
import { spelledOut, written } from "./spelling.ts";
import { hasReferences, mark, nameSaid, said } from "./wording.ts";

const sentences = [["It failed."], ["expected ", ", not ", "."], ["", " twice"]];

describe("references are written out", () => {
  test.each([
    ["nothing to write", "nothing to write"],
    [said(0), "It failed."],
    [`TlsError: ${said(0)} So there.`, "TlsError: It failed. So there."],
    [said(1, "one", 2), "expected one, not 2."],
    [said(1, undefined, null), "expected undefined, not null."],
    [said(2, said(1, said(0), "b")), "expected It failed., not b. twice"],
    [
      said(1, `a ${said(0)}`, `${said(0)}${said(0)}`),
      "expected a It failed., not It failed.It failed..",
    ],
    [`${describeName(commonName("a.example"))}, that is`, '"CN=a.example", that is'],
    [said(1, describeName(commonName("a")), "b"), 'expected "CN=a", not b.'],
    [describeName(new Uint8Array(0)), "(an unreadable name)"],
    // What nobody makes is no reason to fail.
    [said(9, "a"), ""],
    [said(nameSaid), ""],
    [mark.closing, ""],
    [mark.opening, ""],
    [`a${mark.separator}b`, "ab"],
  ])("%j", (text, expected) => {
    expect(written(text, sentences)).toBe(expected);
  });
});

test("wherever an error says something", () => {
  const plain: TlsErrorRecord = {
    code: "certificate/expired",
    message: "It has expired.",
    cause: "Error: beneath",
    paths: [{ certificates: [], failedAt: 0, code: "certificate/expired", message: "Expired." }],
  };
  expect(hasReferences(plain)).toBe(false);
  expect(hasReferences({ code: "aborted", message: "Aborted." })).toBe(false);
  expect(spelledOut(plain)).toEqual(plain);
  const [path] = plain.paths ?? [];
  for (const more of [
    { message: said(0) },
    { cause: `TlsError: ${said(0)}` },
    { paths: path === undefined ? [] : [{ ...path, message: said(0) }] },
  ]) {
    const referring = { ...plain, ...more };
    expect(hasReferences(referring)).toBe(true);
    expect(hasReferences(spelledOut(referring))).toBe(false);
  }
});
