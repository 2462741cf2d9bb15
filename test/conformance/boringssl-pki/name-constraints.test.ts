/** The names and constraints of BoringSSL's corpus. Constraints count as if they were critical. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Bytes, concat } from "../../../src/crypto/bytes.ts";
import { TlsError } from "../../../src/errors.ts";
import { parseCertificate } from "../../../src/x509/certificate.ts";
import { parseNameConstraints } from "../../../src/x509/constraints/parse.ts";
import { checkNameConstraints } from "../../../src/x509/constraints.ts";
import { serverNameFrom } from "../../../src/x509/names.ts";
import { certificateOf, element, extension, sequence, text } from "../../der-writer.ts";
import { skipWithoutVectors, vectorPath } from "../vectors.ts";
import { disagreements } from "./disagreements.ts";
import {
  type NameConstraintCase,
  nameConstraintCases,
  readableNames,
  unreadableConstraints,
  unreadableNames,
} from "./name-constraint-cases.ts";

const path = "boringssl-pki/name_constraints_unittest";
const folder = vectorPath(path);

/** DER of a file, which holds one block of PEM, whatever its label. */
function read(name: string): Bytes {
  const pem = readFileSync(`${folder}/${name}.pem`, "utf8");
  const [, base64 = ""] = /-----BEGIN [^-]+-----([^-]+)-----END/.exec(pem) ?? [];
  return new Uint8Array(Buffer.from(base64, "base64"));
}

function certificateFor(of: NameConstraintCase["of"], name: string): Bytes {
  const withNames = (names: Bytes) =>
    certificateOf({ subject: sequence(), extensions: [extension("2.5.29.17", true, names)] });
  switch (of) {
    case "dns":
      return withNames(sequence(text(0x82, name)));
    case "ip": {
      const address = serverNameFrom(name);
      if (address.kind !== "ip") throw new Error(`${name} is no address`);
      return withNames(sequence(element(0x87, address.bytes)));
    }
    case "subject":
      return certificateOf({ subject: read(name) });
    case "alternative names":
      return withNames(read(name));
  }
}

/** The code that a name is refused with; undefined where it is permitted. */
function refusal({ constraints, of }: NameConstraintCase, name: string): string | undefined {
  try {
    const certificate = parseCertificate(certificateFor(of, name));
    checkNameConstraints(parseNameConstraints(read(constraints)), certificate, "it", () => {});
    return undefined;
  } catch (error) {
    if (error instanceof TlsError) return error.code;
    throw error;
  }
}

describe("BoringSSL's name constraints", () => {
  if (folder === undefined) {
    skipWithoutVectors(path);
    return;
  }
  const rows = nameConstraintCases.flatMap((one) => [
    ...one.permitted.map((name) => ({ one, name, isPermitted: true })),
    ...one.refused.map((name) => ({ one, name, isPermitted: false })),
  ]);
  const idOf = ({ one, name }: (typeof rows)[number]) => `${one.constraints}: ${name}`;

  test("are all looked at", () => {
    const used = new Set([
      ...rows.flatMap(({ one, name }) => [one.constraints, name]),
      ...unreadableConstraints,
      ...unreadableNames,
      ...readableNames.keys(),
    ]);
    const files = readdirSync(folder).map((file) => file.replace(/\.pem$/, ""));
    expect(files.filter((file) => !used.has(file))).toEqual([]);
    const ids = new Set(rows.map((row) => `name constraints: ${idOf(row)}`));
    expect(rows).toHaveLength(ids.size);
    const listed = [...disagreements.keys()].filter((id) => id.startsWith("name constraints: "));
    expect(listed.filter((id) => !ids.has(id))).toEqual([]);
  });

  test.each(rows.map((row) => [idOf(row), row] as const))(
    "%s",
    (id, { one, name, isPermitted }) => {
      const isListed = disagreements.has(`name constraints: ${id}`);
      expect(refusal(one, name) === undefined).toBe(isListed ? !isPermitted : isPermitted);
    },
  );

  test.each(unreadableConstraints)("%s can't be read", (name) => {
    expect(() => parseNameConstraints(read(name))).toThrow(TlsError);
  });

  test("an empty extension can't be read", () => {
    expect(() => parseNameConstraints(new Uint8Array())).toThrow(TlsError);
  });

  test("what is no ASCII can't be read", () => {
    const der = read("dnsname");
    const at = Buffer.from(der).indexOf("permitted.example2.com");
    expect(at).toBeGreaterThan(0);
    const changed = concat(der.subarray(0, at), Uint8Array.of(0xff), der.subarray(at + 1));
    expect(() => parseNameConstraints(changed)).toThrow(TlsError);
  });

  test.each([...readableNames])("%s is read", (name, form) => {
    const { subjectAltName } = parseCertificate(certificateFor("alternative names", name));
    expect(subjectAltName?.map((one) => one.form)).toEqual([form]);
  });

  test.each(unreadableNames)("%s can't be read", (name) => {
    expect(() => parseCertificate(certificateFor("alternative names", name))).toThrow(TlsError);
  });
});
