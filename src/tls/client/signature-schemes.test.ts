import { describe, expect, test } from "vitest";
import { decodeClientHello } from "../../../test/peer/client-hello.ts";
import { connectToPeer } from "../../../test/peer/connect.ts";
import { fault, testFaults, verdict } from "../../../test/peer/faults.ts";
import { createIdentities } from "../../../test/peer/identities.ts";
import { scheme } from "../../../test/peer/signing.ts";
import { extensionType } from "../messages/extension.ts";
import { Reader } from "../messages/reader.ts";
import type { SignatureSchemeName, TlsOptions } from "../options.ts";
import { usualSignatureSchemeNames } from "../server-options.ts";
import { signatureScheme } from "../signature-scheme.ts";

const identities = await createIdentities();

async function offered(options: TlsOptions): Promise<number[]> {
  const config = await identities.config(options);
  const { received } = await connectToPeer(config, { identity: await identities.of() }).outcome();
  const hello = decodeClientHello(received.messages[0]?.body ?? new Uint8Array());
  const body = hello.extensions.get(extensionType.signature_algorithms) ?? new Uint8Array();
  return Reader.parse(body, "signature_algorithms", (r) => r.list(2, 2, (entry) => entry.u16()));
}

describe("signature_algorithms (RFC 8446 §4.2.3)", () => {
  test("has every scheme but those of ML-DSA by default, ECDSA first and PKCS#1 last", async () => {
    expect(await offered({})).toEqual([
      0x0403, 0x0503, 0x0603, 0x0807, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401,
      0x0501, 0x0601,
    ]);
  });

  test("has those of the option, in its order", async () => {
    const signatureSchemes: SignatureSchemeName[] = ["rsa_pss_rsae_sha384", "ed25519"];
    expect(await offered({ signatureSchemes })).toEqual([0x0805, 0x0807]);
    expect(await offered({ signatureSchemes: ["mldsa65", "ecdsa_secp256r1_sha256"] })).toEqual([
      0x0905, 0x0403,
    ]);
  });
});

test.each(usualSignatureSchemeNames)("%s alone is taken where it fits", async (name) => {
  const { key, curve, tls13 } = signatureScheme(name);
  const keyType = {
    ec: curve?.replace("P-", "ecdsa-p") ?? "",
    ed25519: "ed25519",
    rsa: "rsa-2048",
    "rsa-pss": "rsa-pss-2048",
    "ml-dsa": "",
  }[key] as "ecdsa-p256";
  const identity = await identities.of(keyType);
  const signed = { identity, signatureScheme: signatureScheme(name).number };
  const groups = { groups: ["secp256r1", "secp384r1", "secp521r1"] as const };
  const config = await identities.config({ ...groups, signatureSchemes: [name] });
  for (const version of tls13 ? (["TLSv1.3", "TLSv1.2"] as const) : (["TLSv1.2"] as const)) {
    const { info, error } = await connectToPeer(config, { ...signed, version }).outcome();
    expect(error).toBeUndefined();
    expect(info?.signatureScheme).toBe(name);
  }
});

describe.each(["TLSv1.3", "TLSv1.2"] as const)("%s: what was not offered is refused", (version) => {
  const signatureSchemes: SignatureSchemeName[] = ["ecdsa_secp384r1_sha384", "rsa_pss_rsae_sha512"];
  const source = version === "TLSv1.3" ? "RFC 8446 §4.4.3" : "RFC 5246 §7.4.3";
  const isProtected = version === "TLSv1.3";
  testFaults({ identities, version, isProtected }, [
    fault(7, source, "ECDSA with SHA-256", {}, verdict.illegal, { options: { signatureSchemes } }),
    fault(
      7,
      source,
      "RSA-PSS with SHA-256",
      { signatureScheme: scheme.rsa_pss_rsae_sha256 },
      verdict.illegal,
      { options: { signatureSchemes }, keyType: "rsa-2048" },
    ),
  ]);
});

test("PKCS#1 offered alone does not sign in TLS 1.3 (RFC 8446 §4.4.3)", async () => {
  const config = await identities.config({ signatureSchemes: ["rsa_pkcs1_sha256"] });
  const identity = await identities.of("rsa-2048");
  const script = { identity, signatureScheme: scheme.rsa_pkcs1_sha256 };
  const { error } = await connectToPeer(config, script).outcome();
  expect(error).toMatchObject({ code: verdict.illegal.code, alertSent: verdict.illegal.alert });
});
