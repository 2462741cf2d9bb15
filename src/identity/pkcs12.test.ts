/** PKCS#12 files as OpenSSL writes them. */

import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import {
  type Authority,
  createAuthority,
  type Issued,
  type KeyType,
} from "../../test/authority.ts";
import { make, openssl } from "../../test/command.ts";
import { failureOf } from "../../test/failure.ts";
import { pkcs12Of } from "../../test/pkcs12-writer.ts";
import { pbmac1File } from "../../test/rfc9579.ts";
import { platformCrypto } from "../crypto/platform.ts";
import { readSource } from "../tls/identity/source.ts";
import { importPkcs12 } from "./index.ts";

const password = "Grüße, 密码 🔑";
let root: Authority;
let intermediate: Authority;
let client: Issued;

beforeAll(async () => {
  root = await createAuthority();
  intermediate = await root.intermediate();
  client = await issue("ecdsa-p256");
});
afterEach(() => void vi.unstubAllGlobals());

function issue(keyType: KeyType): Promise<Issued> {
  return intermediate.issue({ names: [], commonName: "Alice", keyType });
}

/** A file with a key, its certificate, and others in any order. */
async function pkcs12(
  { privateKey, pem }: Pick<Issued, "privateKey" | "pem">,
  args: readonly string[] = [],
  { others = root.pem + intermediate.pem, pass = password } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const files = { "key.pem": privateKey, "own.pem": pem, "others.pem": others, pass };
  const input = ["-inkey", "key.pem", "-in", "own.pem", "-certfile", "others.pem"];
  const command = [
    "pkcs12",
    "-export",
    ...input,
    "-passout",
    "file:pass",
    "-out",
    "a.p12",
    ...args,
  ];
  return new Uint8Array(await make("a.p12", openssl(command, files)));
}

describe("a client certificate with its key", () => {
  test.each<KeyType>([
    "ecdsa-p256",
    "ecdsa-p384",
    "ecdsa-p521",
    "ed25519",
    "rsa-2048",
    "rsa-3072",
    "rsa-pss-2048",
  ])("of %s is imported, and the key can't be exported", async (keyType) => {
    const issued = await issue(keyType);
    const identity = await importPkcs12(await pkcs12(issued), { password });
    expect(identity.certificates).toEqual([issued.certificate, intermediate.certificate]);
    const { key } = identity;
    expect([key.type, key.extractable, key.usages]).toEqual(["private", false, ["sign"]]);
    await expect(crypto.subtle.exportKey("pkcs8", key)).rejects.toThrow();
    await readSource(identity, platformCrypto);
  });

  test.each([
    ["without intermediates", ["-keypbe", "AES-128-CBC"]],
    ["with SHA-512", ["-macalg", "sha512"]],
    ["with SHA-1", ["-macalg", "sha1"]],
    ["with SHA-384", ["-macalg", "sha384"]],
    ["by AES-192", ["-keypbe", "AES-192-CBC", "-certpbe", "AES-192-CBC"]],
    ["without a MAC", ["-nomac"]],
    ["with certificates that are not encrypted", ["-certpbe", "NONE"]],
    ["with a key that is not encrypted", ["-keypbe", "NONE"]],
    ["with 100000 rounds", ["-iter", "100000"]],
    ["with one round", ["-noiter", "-nomaciter"]],
    ["with names", ["-name", "Älice", "-caname", "x", "-CSP", "Microsoft"]],
  ])("%s", async (_, args) => {
    const { certificates } = await importPkcs12(await pkcs12(client, args), { password });
    expect(certificates).toEqual([client.certificate, intermediate.certificate]);
  });

  test("with the empty password", async () => {
    const file = await pkcs12(client, [], { pass: "\n" });
    for (const options of [{}, { password: "" }]) {
      const { certificates } = await importPkcs12(file, options);
      expect(certificates).toHaveLength(2);
    }
  });
});

describe("several keys in a file", () => {
  test("are told apart by their names", async () => {
    const other = await issue("ed25519");
    const file = pkcs12Of({ Älice: client, "alice 2": other });
    const chosen = async (friendlyName: string) =>
      (await importPkcs12(file, { password, friendlyName })).certificates[0];
    expect(await chosen("Älice")).toEqual(client.certificate);
    expect(await chosen("alice 2")).toEqual(other.certificate);
    for (const options of [{ password }, { password, friendlyName: "bob" }]) {
      expect(await failureOf(() => importPkcs12(file, options))).toMatchObject({
        code: "identity/bad-key",
        message: expect.stringContaining("2 private keys: Älice, alice 2."),
      });
    }
  });
});

describe("the names of keys", () => {
  test("are shown as text that can't do anything, and not at any length", async () => {
    const file = pkcs12Of({ "a\u001b[2J\n\u202eb": client, ["x".repeat(100_000)]: client });
    const { message } = await failureOf(() => importPkcs12(file));
    expect(message).toContain("2 private keys: a?[2J??b, xxx");
    expect(message.length).toBeLessThan(400);
  });

  test("are shown a few of, where there are many", async () => {
    const names = Array.from({ length: 100 }, (_, index) => `key ${index}`);
    const file = pkcs12Of(Object.fromEntries(names.map((name) => [name, client])));
    const { message } = await failureOf(() => importPkcs12(file));
    expect(message).toContain("100 private keys: key 0, key 1,");
    expect(message).toContain("key 7, …. Expected");
    const chosen = await importPkcs12(file, { friendlyName: "key 99" });
    expect(chosen.certificates[0]).toEqual(client.certificate);
  });
});

describe("a password that is not right", () => {
  test.each([
    ["is named so", []],
    ["is named so by the MAC alone", ["-certpbe", "NONE", "-keypbe", "NONE"]],
    ["is named so without a MAC", ["-nomac"]],
  ])("%s", async (_, args) => {
    const file = await pkcs12(client, args);
    const failure = await failureOf(() => importPkcs12(file, { password: "Grüße" }));
    expect(failure.code).toBe("identity/wrong-password");
    expect(failure.message + failure.cause).not.toContain("Grüße");
    // None at all is another thing to tell a user.
    expect(await failureOf(() => importPkcs12(file))).toMatchObject({
      code: "identity/encrypted-key",
    });
  });
});

describe("a file that is not whole", () => {
  test("is not taken for a wrong password, wherever it was changed", async () => {
    const file = await pkcs12(client);
    const found: Record<string, number> = {};
    for (let at = 0; at < file.length; at += 23) {
      const changed = file.with(at, (file[at] ?? 0) ^ (1 << (at % 8)));
      const { code, message, cause } = await failureOf(() => importPkcs12(changed, { password }));
      found[code] = (found[code] ?? 0) + 1;
      expect(`${message} ${cause}`).not.toContain(password);
    }
    // Changes to how a key is made of the password can't be told from another password.
    const known = ["identity/bad-file", "identity/unsupported-file", "identity/wrong-password"];
    expect(Object.keys(found).filter((code) => !known.includes(code))).toEqual([]);
    expect(found["identity/bad-file"]).toBeGreaterThan((9 * file.length) / 23 / 10);
  });

  test("is refused wherever it was cut off", async () => {
    const file = await pkcs12(client);
    for (let length = 0; length < file.length; length += 29) {
      expect(
        await failureOf(() => importPkcs12(file.slice(0, length), { password })),
      ).toMatchObject({ code: "identity/bad-file" });
    }
  });

  test.each([
    ["text", new TextEncoder().encode("-----BEGIN CERTIFICATE-----")],
    ["too much", new Uint8Array(1024 * 1024 + 1)],
  ])("is refused: %s", async (_, file) => {
    expect(await failureOf(() => importPkcs12(file))).toMatchObject({ code: "identity/bad-file" });
  });
});

describe("what is not taken says how it can be", () => {
  const conversion = /"openssl pkcs12 -legacy -in old.p12 .*"openssl pkcs12 -export /;

  test.each([
    ["RC2 with 40 bits", ["-legacy"]],
    ["Triple DES", ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES"]],
    ["Triple DES", ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "AES-256-CBC"]],
    ["Triple DES", ["-keypbe", "DES-EDE3-CBC", "-certpbe", "DES-EDE3-CBC"]],
    ["RC4 with 128 bits", ["-legacy", "-keypbe", "PBE-SHA1-RC4-128", "-certpbe", "NONE"]],
  ])("%s", async (name, args) => {
    const file = await pkcs12(client, args);
    expect(await failureOf(() => importPkcs12(file, { password }))).toMatchObject({
      code: "identity/unsupported-file",
      message: expect.stringMatching(new RegExp(`by ${name},.*${conversion.source}`)),
    });
  });

  test("and how to convert is right", async () => {
    const old = await pkcs12(client, ["-legacy"]);
    const toPem = ["pkcs12", "-legacy", "-in", "old.p12", "-nodes", "-out", "both.pem"];
    const toNew = ["pkcs12", "-export", "-in", "both.pem", "-out", "new.p12"];
    const file = await make(
      "new.p12",
      openssl([...toPem, "-passin", "file:pass"], { "old.p12": old, pass: password }),
      openssl([...toNew, "-passout", "file:pass"]),
    );
    const { certificates } = await importPkcs12(new Uint8Array(file), { password });
    expect(certificates).toEqual([client.certificate, intermediate.certificate]);
  });

  test("more rounds than anybody waits for", async () => {
    const file = pkcs12Of({ a: client }, { macRounds: 0x7fff_ffff });
    expect(await failureOf(() => importPkcs12(file, { password }))).toMatchObject({
      code: "identity/unsupported-file",
      message: expect.stringContaining("more than 2000000 rounds"),
    });
  });

  test("more rounds than that in many parts", async () => {
    const file = pkcs12Of({ a: client }, { sealedRounds: Array(200).fill(60_000) });
    expect(await failureOf(() => importPkcs12(file, { password }))).toMatchObject({
      code: "identity/unsupported-file",
      message: expect.stringContaining("12000000 rounds, more than 10000000,"),
    });
  });
});

describe("a file with PBMAC1 (RFC 9579 appendix A)", () => {
  const changedAt = (pattern: string, offset: number, value: number) => {
    const at = Buffer.from(pbmac1File).lastIndexOf(Buffer.from(pattern, "hex")) + offset;
    expect(at).toBeGreaterThan(2500);
    return pbmac1File.with(at, value);
  };

  test("is taken", async () => {
    const importing = () => importPkcs12(pbmac1File, { password: "1234" });
    const { certificates, key } = await importing();
    expect(certificates).toHaveLength(1);
    expect(key.algorithm).toMatchObject({ name: "RSA-PSS", modulusLength: 2048 });
  });

  test("has a MAC that is checked", async () => {
    const importing = () => importPkcs12(pbmac1File, { password: "12345" });
    expect(await failureOf(importing)).toMatchObject({ code: "identity/wrong-password" });
    // Its salt, its rounds (A.4), its own last byte: what it is to protect opens all the same.
    for (const changed of [
      changedAt("04086f473c38", 2, 0x6e),
      changedAt("0202080002012030", 3, 0x01),
      changedAt("7f8906dd", 3, 0xdc),
    ]) {
      const reading = () => importPkcs12(changed, { password: "1234" });
      expect(await failureOf(reading)).toMatchObject({
        code: "identity/bad-file",
        message: expect.stringContaining("changed"),
      });
    }
  });

  test("has a key that is long enough", async () => {
    for (const length of [0, 8, 19, 65]) {
      const changed = changedAt("0202080002012030", 6, length);
      const reading = () => importPkcs12(changed, { password: "1234" });
      expect(await failureOf(reading)).toMatchObject({ code: "identity/bad-file" });
    }
  });
});

describe("forms that other programs write", () => {
  test.each([
    ["BER in pieces", { inPieces: true }],
    ["bags in a bag", { nested: true }],
  ])("%s", async (_, shape) => {
    const { certificates } = await importPkcs12(pkcs12Of({ a: client }, shape));
    expect(certificates).toEqual([client.certificate]);
  });
});

describe("what can't be an identity", () => {
  test("a file without a key", async () => {
    const command = ["pkcs12", "-export", "-nokeys", "-in", "own.pem", "-out", "a.p12"];
    const files = { "own.pem": client.pem, pass: password };
    const file = await make("a.p12", openssl([...command, "-passout", "file:pass"], files));
    expect(await failureOf(() => importPkcs12(new Uint8Array(file), { password }))).toMatchObject({
      code: "identity/bad-key",
      message: expect.stringContaining("no private key"),
    });
  });

  test("a key without a certificate", async () => {
    const file = pkcs12Of({ a: { ...client, certificate: undefined } });
    expect(await failureOf(() => importPkcs12(file, { password }))).toMatchObject({
      code: "identity/bad-certificate",
    });
  });

  test("a key beside others' certificates", async () => {
    const stranger = await issue("ecdsa-p256");
    const file = pkcs12Of({ a: { ...client, certificate: stranger.certificate } });
    expect(await failureOf(() => importPkcs12(file, { password }))).toMatchObject({
      code: "identity/key-mismatch",
    });
  });

  test("a key of a kind that TLS does not know", async () => {
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"];
    const request = ["req", "-x509", ...curve, "-nodes", "-keyout", "key.pem", "-subj", "/CN=a"];
    const file = await make(
      "a.p12",
      openssl([...request, "-out", "own.pem"]),
      openssl(
        [
          "pkcs12",
          "-export",
          "-inkey",
          "key.pem",
          "-in",
          "own.pem",
          "-passout",
          "file:pass",
        ].concat(["-out", "a.p12"]),
        { pass: password },
      ),
    );
    expect(await failureOf(() => importPkcs12(new Uint8Array(file), { password }))).toMatchObject({
      code: "identity/bad-key",
    });
  });
});

describe("the options of importPkcs12()", () => {
  test("rsaAlgorithm chooses what an RSA key is bound to", async () => {
    const issued = await issue("rsa-2048");
    const file = await pkcs12(issued);
    const { key } = await importPkcs12(file, { password });
    expect(key.algorithm).toMatchObject({ name: "RSA-PSS", hash: { name: "SHA-256" } });
    const older = await importPkcs12(file, { password, rsaAlgorithm: "RSASSA-PKCS1-v1_5" });
    expect(older.key.algorithm).toMatchObject({ name: "RSASSA-PKCS1-v1_5" });
  });

  test("and the file may be a Blob, an ArrayBuffer or a view", async () => {
    const file = await pkcs12(client);
    const padded = new Uint8Array([0, ...file, 0]).subarray(1, -1);
    for (const form of [new Blob([file]), file.buffer, padded]) {
      expect((await importPkcs12(form, { password })).certificates).toHaveLength(2);
    }
  });

  test.each([[{ passphrase: "x" }], [{ password: 7 }], [{ rsaAlgorithm: "RSA" }]])(
    "are checked: %o",
    async (options) => {
      const importing = () => importPkcs12(new Uint8Array(), options as object);
      expect(await failureOf(importing)).toMatchObject({ code: "configuration/invalid-option" });
    },
  );

  test("are for a file", async () => {
    const importing = () => importPkcs12("a.p12" as unknown as Blob);
    expect(await failureOf(importing)).toMatchObject({ code: "configuration/invalid-option" });
  });
});

test("without WebCrypto, that is said", async () => {
  const file = await pkcs12(client);
  vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
  expect(await failureOf(() => importPkcs12(file, { password }))).toMatchObject({
    code: "configuration/unsupported-platform",
  });
});
