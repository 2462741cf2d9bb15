/** External PSKs (RFC 8446 §4.2.11), their importer (RFC 9258) and their options. */

import { describe, expect, test } from "vitest";
import { connectToPeer } from "../../../test/peer/connect.ts";
import { createIdentities } from "../../../test/peer/identities.ts";
import { toHex } from "../../crypto/bytes.ts";
import { handshakeType } from "../messages/registry.ts";
import type { CipherSuiteName, TlsOptions } from "../options.ts";
import type { ExternalPsk } from "../psk-options.ts";
import { checkRareOptions } from "../rare-options.ts";
import { externalPsks } from "./external-psk.ts";

const identities = await createIdentities();
const encode = (text: string) => new TextEncoder().encode(text);
const key = new Uint8Array(32).fill(0xab);
const plain: ExternalPsk = { identity: encode("who"), key };
const imported: ExternalPsk = { ...plain, importer: { context: encode("here") } };

async function offeredBy(psk: ExternalPsk, cipherSuites?: readonly CipherSuiteName[]) {
  const options = { psk: [psk], ...(cipherSuites === undefined ? {} : { cipherSuites }) };
  return externalPsks(await identities.config(options));
}

describe("the keys offered", () => {
  test("as it is, a key is for one hash, SHA-256 unless said otherwise", async () => {
    const [only, ...others] = await offeredBy(plain);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ hash: "SHA-256", label: "ext binder", identity: plain.identity });
    expect(only?.secret).toEqual(key);
    expect(only?.obfuscatedAge()).toBe(0);
    const [sha384] = await offeredBy({ ...plain, hash: "SHA-384" });
    expect(sha384?.hash).toBe("SHA-384");
  });

  test("and is not offered without a suite of that hash", async () => {
    expect(await offeredBy(plain, ["TLS_AES_256_GCM_SHA384"])).toEqual([]);
  });

  test("imported, it is another one for each hash (RFC 9258 §5.1)", async () => {
    const offered = await offeredBy(imported);
    expect(offered.map(({ hash, label }) => [hash, label])).toEqual([
      ["SHA-256", "imp binder"],
      ["SHA-384", "imp binder"],
    ]);
    // ImportedIdentity: "who", "here", target_protocol, target_kdf.
    expect(offered.map(({ identity }) => toHex(identity))).toEqual([
      "000377686f00046865726503040001",
      "000377686f00046865726503040002",
    ]);
    expect(offered.map(({ secret }) => secret.length)).toEqual([32, 48]);
    expect(offered.map(({ externalIdentity }) => externalIdentity)).toEqual([
      plain.identity,
      plain.identity,
    ]);
    expect(await offeredBy(imported, ["TLS_AES_128_GCM_SHA256"])).toHaveLength(1);
  });

  test("imported, it depends on the context and on the hash it is for", async () => {
    const secrets = await Promise.all(
      [imported, { ...imported, importer: {} }, { ...imported, hash: "SHA-384" as const }].map(
        async (psk) => toHex((await offeredBy(psk))[0]?.secret ?? new Uint8Array(0)),
      ),
    );
    expect(new Set(secrets).size).toBe(3);
  });
});

describe("a connection by an external PSK", () => {
  test.each([
    ["as it is", plain, 0],
    ["imported, for the other hash", imported, 1],
  ])("%s", async (_, psk, index) => {
    const config = await identities.config({ psk: [psk], pskOnly: true });
    const chosen = (await externalPsks(config))[index];
    if (chosen === undefined) throw new Error("no such key was offered");
    const suite = index === 1 ? "TLS_AES_256_GCM_SHA384" : "TLS_AES_128_GCM_SHA256";
    const outcome = await connectToPeer(config, {
      identity: await identities.of(),
      suite,
      psk: { secret: chosen.secret, index },
    }).outcome();
    expect(outcome.error).toBeUndefined();
    expect(outcome.info).toMatchObject({ handshake: "full", certificates: [] });
    expect(outcome.info?.pskIdentity).toEqual(plain.identity);
  });

  test("with pskOnly, a server that shows a certificate is refused", async () => {
    const config = await identities.config({ psk: [plain], pskOnly: true });
    const script = { identity: await identities.of() };
    const { error, received } = await connectToPeer(config, script).outcome();
    expect(error).toMatchObject({
      code: "handshake/missing-extension",
      alertSent: "missing_extension",
    });
    expect(received.alerts.map(({ name }) => name)).toEqual(["missing_extension"]);
  });
});

test("with pskOnly, a HelloRetryRequest that no key goes with is the end", async () => {
  const config = await identities.config({ psk: [plain], pskOnly: true });
  const { error, received } = await connectToPeer(config, {
    identity: await identities.of(),
    suite: "TLS_AES_256_GCM_SHA384",
    retry: { cookie: encode("cookie") },
  }).outcome();
  expect(error).toMatchObject({
    code: "handshake/no-common-suite",
    alertSent: "handshake_failure",
  });
  // It can't offer neither keys nor certificates (RFC 8446 §9.2).
  const hellos = received.messages.filter(({ type }) => type === handshakeType.client_hello);
  expect(hellos).toHaveLength(1);
});

test("with pskOnly, a server of TLS 1.2 is refused", async () => {
  const config = await identities.config({ psk: [plain], pskOnly: true });
  const script = { identity: await identities.of(), version: "TLSv1.2" } as const;
  const { error } = await connectToPeer(config, script).outcome();
  expect(error).toMatchObject({
    code: "handshake/no-common-version",
    alertSent: "protocol_version",
  });
});

describe("the options", () => {
  const bad: [string, TlsOptions][] = [
    ["a key that is too short", { psk: [{ ...plain, key: new Uint8Array(15) }] }],
    ["an identity of nothing", { psk: [{ ...plain, identity: new Uint8Array(0) }] }],
    ["an identity that is too long", { psk: [{ ...plain, identity: new Uint8Array(65536) }] }],
    [
      "an identity and a context that are too long together",
      { psk: [{ ...plain, identity: new Uint8Array(65535), importer: {} }] },
    ],
    ["no key beside pskOnly", { pskOnly: true }],
    ["pskOnly without TLS 1.3", { psk: [plain], pskOnly: true, maxVersion: "TLSv1.2" }],
    [
      "pskOnly with no key for a suite that is allowed",
      { psk: [plain], pskOnly: true, cipherSuites: ["TLS_AES_256_GCM_SHA384"] },
    ],
    ["early data that is text", { earlyData: JSON.parse('{ "data": "GET /" }') }],
    ["early data with another wish", JSON.parse('{ "earlyData": { "otherwise": "retry" } }')],
    [
      "early data of one of several protocols, without a word which",
      { alpn: ["h2", "http/1.1"], earlyData: { data: encode("GET /") } },
    ],
    [
      "early data of a protocol that is not offered",
      { alpn: ["h2"], earlyData: { data: encode("GET /"), alpn: "http/1.1" } },
    ],
    ["early data of a protocol, where none is", { earlyData: { data: encode("a"), alpn: "h2" } }],
    ["a key that is no object", JSON.parse('{ "psk": ["secret"] }')],
    ["another hash", JSON.parse('{ "psk": [{ "hash": "SHA-1" }] }')],
  ];
  test.each(bad)("%s is refused", (_, options) => {
    expect(() => checkRareOptions(options)).toThrow(
      expect.objectContaining({ code: "configuration/invalid-option" }),
    );
  });

  test("what is right passes", () => {
    checkRareOptions({
      psk: [plain, imported, { ...imported, hash: "SHA-384" }],
      pskOnly: true,
      earlyData: { data: encode("GET /"), otherwise: "send" },
    });
    checkRareOptions({ alpn: ["h2"], earlyData: { data: encode("GET /") } });
    checkRareOptions({ alpn: ["h2", "h3"], earlyData: { data: encode("GET /"), alpn: "h3" } });
    const cipherSuites = ["TLS_AES_256_GCM_SHA384"] as const;
    checkRareOptions({ psk: [imported], pskOnly: true, cipherSuites });
    checkRareOptions({ psk: [plain, { ...plain, hash: "SHA-384" }], pskOnly: true, cipherSuites });
  });
});
