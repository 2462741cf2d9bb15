import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { createAuthority, type Issued } from "../../../test/authority.ts";
import {
  crlNumber,
  crlOf,
  crlPem,
  issuingDistributionPoint,
  pointNames,
} from "../../../test/crls.ts";
import { element, sequence, text } from "../../../test/der-writer.ts";
import { failureOf } from "../../../test/failure.ts";
import { verify } from "../../../test/verify-path.ts";
import { platformCrypto } from "../../crypto/platform.ts";
import { parseCertificate } from "../certificate.ts";
import { notRevokedByCrls } from "./condition.ts";
import { readCrls } from "./read.ts";

const names = ["a.example"];
const root = await createAuthority({ commonName: "the root" });
const one = crlOf(root, { extensions: [crlNumber(1)] });
const two = crlOf(root, { extensions: [crlNumber(2)] });

describe("CRLs as they are given", () => {
  const ders = (...sources: (string | Uint8Array)[]) => readCrls(sources).map(({ der }) => der);

  it("are in DER, or in PEM with several to a text", () => {
    expect(ders(one)).toEqual([one]);
    expect(ders(crlPem(one))).toEqual([one]);
    expect(ders(two, `text\n${crlPem(one)}text\n${crlPem(two)}`, one)).toEqual([
      two,
      one,
      two,
      one,
    ]);
  });

  it("are copied", () => {
    const given = one.slice();
    const [crl] = readCrls([given]);
    given.fill(0);
    expect(crl?.der).toEqual(one);
  });

  const bad = crlOf(root, { extensions: [crlNumber(1, true)] });
  const pem = (text: string) => text.replaceAll("X509 CRL", "CERTIFICATE");
  it.each<[string, readonly (string | Uint8Array)[], RegExp]>([
    ["DER", [one, bad], /revocation\.crls\[1\]: its cRLNumber is critical/],
    ["PEM", [one, crlPem(one) + crlPem(bad)], /CRL 2 of revocation\.crls\[1\]: its cRLNumber/],
    ["another block", [crlPem(one) + pem(crlPem(one))], /crls\[0\] has "CERTIFICATE" where/],
    ["no block", ["nothing"], /crls\[0\] has no "-----BEGIN X509 CRL-----"/],
    ["base64", [crlPem(one).replace("M", "!")], /CRL 1 with base64 that is not valid/],
    ["the end", [crlPem(one).slice(0, -10)], /block 1 without its END line/],
    ["no CRL at all", [Uint8Array.of(1, 2, 3)], /revocation\.crls\[0\]/],
  ])("are refused by name: %s", async (_, sources, message) => {
    const error = await failureOf(() => readCrls(sources));
    expect(error.code).toBe("certificate/bad-crl");
    expect(error.message).toMatch(message);
  });
});

describe("CRLs that OpenSSL makes", () => {
  it.each(["ecdsa-p256", "ecdsa-p384", "rsa-2048"] as const)("are of use (%s)", async (keyType) => {
    const authority = await createAuthority({ keyType });
    const issued = await Promise.all([1, 2, 3, 4].map(() => authority.issue({ names })));
    const [good, bad, held, other] = issued;
    if (good === undefined || bad === undefined || held === undefined || other === undefined) {
      throw new Error("four certificates were to be issued");
    }
    const pem = await opensslCrl(authority, [
      [bad, "keyCompromise"],
      [held, "certificateHold"],
      [other, undefined],
    ]);
    const outcome = (leaf: Issued) => check(authority, leaf, pem);
    expect((await outcome(good)).certificates).toHaveLength(1);
    const errors = await Promise.all(
      [bad, held, other].map((leaf) => failureOf(() => outcome(leaf))),
    );
    expect(errors.map(({ code }) => code)).toEqual(Array(3).fill("certificate/revoked"));
    expect(errors[0]?.message).toContain("keyCompromise");
    expect(errors[1]?.message).toContain("certificateHold");
    expect(errors[2]?.message).not.toContain("(");
  });

  it("say which certificates they are about", async () => {
    const authority = await createAuthority();
    const uri = (path: string) => text(0x86, `http://a.example/${path}.crl`);
    const at = (path: string) =>
      authority.issue({
        names,
        extraExtensions: [{ oid: "2.5.29.31", value: sequence(sequence(pointNames(uri(path)))) }],
      });
    const [good, bad, other] = await Promise.all([at("1"), at("1"), at("2")]);
    const point = `issuingDistributionPoint = critical, @point
[point]
fullname = URI:http://a.example/1.crl
onlyuser = TRUE`;
    const pem = await opensslCrl(authority, [[bad, "superseded"]], point);
    expect((await check(authority, good, pem)).certificates).toHaveLength(1);
    const errors = await Promise.all(
      [bad, other].map((leaf) => failureOf(() => check(authority, leaf, pem))),
    );
    expect(errors.map(({ code }) => code)).toEqual([
      "certificate/revoked",
      "certificate/unknown-revocation-status",
    ]);
  });
});

describe("CRLs of these tests", () => {
  it("mean the same to OpenSSL", async () => {
    const authority = await createAuthority();
    const [good, bad] = await Promise.all([1, 2].map(() => authority.issue({ names })));
    if (good === undefined || bad === undefined) throw new Error("two were to be issued");
    const point = issuingDistributionPoint(element(0x81, Uint8Array.of(0xff)));
    const extensions = [crlNumber(), point];
    const crl = crlPem(crlOf(authority, { extensions, revoked: [bad] }));
    expect(await opensslVerdict(authority, good, crl)).toBe("OK");
    expect(await opensslVerdict(authority, bad, crl)).toContain("certificate revoked");
    const late = crlPem(crlOf(authority, { nextUpdate: new Date(Date.now() - 60_000) }));
    expect(await opensslVerdict(authority, good, late)).toContain("CRL has expired");
    const altered = crlPem(crlOf(await createAuthority(), {}));
    expect(await opensslVerdict(authority, good, altered)).toContain("CRL signature failure");
  });
});

/** Verifies the leaf's path with these CRLs alone. */
function check(authority: Issued, leaf: Issued, pem: string) {
  const policy = { crls: readCrls([pem]), depth: "chain", allowsUnknownStatus: false } as const;
  const conditions = [notRevokedByCrls(policy, { now: new Date(), crypto: platformCrypto })];
  return verify({ leaf, roots: [authority], conditions });
}

const run = promisify(execFile);

/** Calls with a folder that is there as long as that takes. */
async function inFolder<T>(use: (path: (name: string) => string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "webtls-crl-"));
  try {
    return await use((name) => join(folder, name));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What `openssl verify` says of a certificate. */
function opensslVerdict(authority: Issued, leaf: Issued, crl: string): Promise<string> {
  return inFolder(async (path) => {
    await writeFile(path("root.pem"), authority.pem);
    await writeFile(path("leaf.pem"), leaf.pem);
    await writeFile(path("crl.pem"), crl);
    const files = ["-CAfile", path("root.pem"), "-CRLfile", path("crl.pem")];
    const args = ["verify", "-crl_check", "-extended_crl", ...files, path("leaf.pem")];
    try {
      await run("openssl", args);
      return "OK";
    } catch (error) {
      return (error as { stderr: string }).stderr;
    }
  });
}

/** `openssl ca -gencrl` over its own database of what is revoked. */
function opensslCrl(
  authority: Issued,
  revoked: readonly [Issued, string | undefined][],
  extensions = "authorityKeyIdentifier = keyid",
): Promise<string> {
  return inFolder(async (path) => {
    const rows = revoked.map(([{ certificate }, reason]) => {
      const serial = Buffer.from(parseCertificate(certificate).serialNumber).toString("hex");
      const when = `260102030405Z${reason === undefined ? "" : `,${reason}`}`;
      return `R\t360101000000Z\t${when}\t${serial.toUpperCase()}\tunknown\t/CN=x\n`;
    });
    await writeFile(path("index.txt"), rows.join(""));
    await writeFile(path("crlnumber"), "10\n");
    await writeFile(path("root.pem"), authority.pem);
    await writeFile(path("root.key"), authority.privateKey);
    await writeFile(
      path("openssl.cnf"),
      `[ca]
default_ca = authority
[authority]
database = ${path("index.txt")}
crlnumber = ${path("crlnumber")}
certificate = ${path("root.pem")}
private_key = ${path("root.key")}
default_md = sha256
default_crl_days = 1
crl_extensions = extensions
[extensions]
${extensions}
`,
    );
    const args = ["ca", "-gencrl", "-config", path("openssl.cnf"), "-out", path("crl.pem")];
    await run("openssl", args);
    return readFile(path("crl.pem"), "utf8");
  });
}
