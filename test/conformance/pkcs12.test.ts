/** PKCS#12 files as other programs than OpenSSL write them: Java's keytool, and NSS, which Firefox has. */

import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { platformCrypto } from "../../src/crypto/platform.ts";
import { importPkcs12 } from "../../src/identity/index.ts";
import { readSource } from "../../src/tls/identity/source.ts";
import { type Command, make, openssl, run } from "../command.ts";
import { failureOf } from "../failure.ts";

const password = "correct horse 1";

async function isThere(program: string, args: readonly string[]): Promise<boolean> {
  return run({ program, args }).then(
    () => true,
    () => false,
  );
}

const hasKeytool = await isThere("keytool", ["-help"]);
const hasNss = (await isThere("certutil", ["-H"])) && (await isThere("pk12util", ["-H"]));

/** A key with a certificate by keytool, in a file that may have others. */
function genkeypair(alias: string, ...algorithm: string[]): Command {
  const store = ["-storetype", "PKCS12", "-keystore", "a.p12", "-storepass", password];
  const name = ["-alias", alias, "-dname", `CN=${alias}`, "-validity", "30"];
  return { program: "keytool", args: ["-genkeypair", ...name, ...store, ...algorithm] };
}

async function commonName(file: Buffer, friendlyName?: string): Promise<string> {
  const options = friendlyName === undefined ? { password } : { password, friendlyName };
  const identity = await importPkcs12(new Uint8Array(file), options);
  await readSource(identity, platformCrypto);
  return new X509Certificate(identity.certificates[0] ?? new Uint8Array()).subject;
}

describe.skipIf(!hasKeytool)("keytool", () => {
  test("several keys, told apart by their aliases", async () => {
    const file = await make(
      "a.p12",
      genkeypair("alice", "-keyalg", "EC", "-groupname", "secp384r1"),
      genkeypair("bob", "-keyalg", "RSA", "-keysize", "2048"),
      genkeypair("carol", "-keyalg", "Ed25519"),
    );
    for (const name of ["alice", "bob", "carol"]) {
      expect(await commonName(file, name)).toBe(`CN=${name}`);
    }
    const importing = () => importPkcs12(new Uint8Array(file), { password });
    const { code, message } = await failureOf(importing);
    expect(code).toBe("identity/bad-key");
    expect(message).toContain("3 private keys: alice, bob, carol.");
  });

  test("as it wrote them before Java 16", async () => {
    const old = "-J-Dkeystore.pkcs12.legacy";
    const file = await make("a.p12", genkeypair("alice", "-keyalg", "EC", old));
    const importing = () => importPkcs12(new Uint8Array(file), { password });
    expect(await failureOf(importing)).toMatchObject({ code: "identity/unsupported-file" });
  });
});

describe.skipIf(!hasNss)("NSS", () => {
  test("what pk12util exports", async () => {
    const self = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem"];
    const pair = ["pkcs12", "-export", "-inkey", "key.pem", "-in", "own.pem", "-name", "alice"];
    const file = await make(
      "out.p12",
      openssl([...self, "-subj", "/CN=alice", "-days", "30", "-out", "own.pem"]),
      openssl([...pair, "-passout", `pass:${password}`, "-out", "in.p12"]),
      { program: "certutil", args: ["-N", "-d", ".", "--empty-password"] },
      { program: "pk12util", args: ["-i", "in.p12", "-d", ".", "-W", password] },
      { program: "pk12util", args: ["-o", "out.p12", "-n", "alice", "-d", ".", "-W", password] },
    );
    expect(await commonName(file)).toBe("CN=alice");
    const importing = () => importPkcs12(new Uint8Array(file), { password: "another" });
    expect(await failureOf(importing)).toMatchObject({ code: "identity/wrong-password" });
  });
});
