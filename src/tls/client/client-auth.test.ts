/**
 * The client's answer to a CertificateRequest, with a scripted server that checks it by OpenSSL.
 */

import { describe, expect, test } from "vitest";
import { purposes } from "../../../test/authority.ts";
import { commonName } from "../../../test/der-writer.ts";
import { connectToPeer, type Outcome } from "../../../test/peer/connect.ts";
import { createIdentities } from "../../../test/peer/identities.ts";
import { extension, withExtension } from "../../../test/peer/messages.ts";
import type { Script } from "../../../test/peer/script.ts";
import { scheme } from "../../../test/peer/signing.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { nobleCrypto } from "../../crypto/noble.ts";
import { platformCrypto } from "../../crypto/platform.ts";
import type { CryptoProvider } from "../../crypto/provider.ts";
import { TlsError } from "../../errors.ts";
import { parseCertificate } from "../../x509/certificate.ts";
import type {
  CertificateIdentity,
  Identities,
  IdentityRequest,
  IdentitySelector,
  RawPublicKeyIdentity,
} from "../identity/identity.ts";
import { readIdentity } from "../identity/read.ts";
import { handshakeType } from "../messages/registry.ts";
import type { TlsOptions } from "../options.ts";

const identities = await createIdentities();
const server = await identities.of();
const issue = (keyType: "ecdsa-p256" | "ecdsa-p384" | "ed25519" | "rsa-2048") =>
  identities.root.issue({ names: [], keyType, extendedKeyUsage: [purposes.clientAuth] });
const issued = {
  p256: await issue("ecdsa-p256"),
  p384: await issue("ecdsa-p384"),
  ed25519: await issue("ed25519"),
  rsa: await issue("rsa-2048"),
};

const certificateOf = (name: keyof typeof issued): CertificateIdentity => ({
  certificates: issued[name].chain,
  key: issued[name].privateKey,
});
const rawKeyOf = (name: keyof typeof issued): RawPublicKeyIdentity => ({
  publicKey: issued[name].keys.publicKey.export({ type: "spki", format: "pem" }).toString(),
  key: issued[name].privateKey,
});

interface Run extends TlsOptions {
  readonly crypto?: CryptoProvider;
}

describe.each(["TLSv1.3", "TLSv1.2"] as const)("%s", (version) => {
  /** How the server asks: for signatures by these schemes, by these authorities. */
  const asking = (
    schemes: readonly number[],
    authorities: readonly Bytes[] = [],
    keyTypes: readonly number[] = [1, 64],
  ): Partial<Script> => ({
    requestCertificate: true,
    certificateRequest12: () => ({ keyTypes, schemes, authorities }),
    certificateRequest: (list) => {
      const algorithms = extension("signature_algorithms", (w) =>
        w.vector(2, () => {
          for (const number of schemes) w.u16(number);
        }),
      );
      const names = extension("certificate_authorities", (w) =>
        w.vector(2, () => {
          for (const name of authorities) w.vector(2, () => w.bytes(name));
        }),
      );
      const asked = withExtension(list, algorithms);
      return authorities.length === 0 ? asked : withExtension(asked, names);
    },
  });

  async function run(
    option: Identities | IdentitySelector | undefined,
    script: Partial<Script>,
    { crypto = platformCrypto, ...options }: Run = {},
  ): Promise<Outcome> {
    const identity = option && (await readIdentity(option, crypto));
    const config = await identities.config(options, { crypto, identity });
    return connectToPeer(config, { version, identity: server, ...script }).outcome();
  }

  const typesOf = ({ received }: Outcome) =>
    received.messages.map(({ type }) => type).filter((type) => type !== handshakeType.client_hello);
  const schemeOf = ({ received }: Outcome) => {
    const body = received.messages.find(
      ({ type }) => type === handshakeType.certificate_verify,
    )?.body;
    return ((body?.[0] ?? 0) << 8) | (body?.[1] ?? 0);
  };
  const exchange = version === "TLSv1.2" ? [handshakeType.client_key_exchange] : [];

  test.each([
    ["p256", scheme.ecdsa_secp256r1_sha256],
    ["p384", scheme.ecdsa_secp384r1_sha384],
    ["ed25519", scheme.ed25519],
    ["rsa", scheme.rsa_pss_rsae_sha256],
  ] as const)("sends Certificate and CertificateVerify: %s", async (name, number) => {
    const outcome = await run(certificateOf(name), asking([0x0a0a, number, 0x2a2a]));
    expect(outcome.error).toBeUndefined();
    expect(outcome.info?.clientCertificate).toBe("sent");
    expect(schemeOf(outcome)).toBe(number);
    expect(typesOf(outcome)).toEqual([
      handshakeType.certificate,
      ...exchange,
      handshakeType.certificate_verify,
      handshakeType.finished,
    ]);
  });

  test("signs in JavaScript where there is no WebCrypto", async () => {
    const script = asking([scheme.ecdsa_secp256r1_sha256]);
    const { error, info } = await run(certificateOf("p256"), script, { crypto: nobleCrypto });
    expect(error).toBeUndefined();
    expect(info?.clientCertificate).toBe("sent");
  });

  test("signs without the extended master secret, and after a HelloRetryRequest", async () => {
    const { error } = await run(certificateOf("p256"), {
      ...asking([scheme.ecdsa_secp256r1_sha256]),
      ...(version === "TLSv1.2"
        ? { extendedMasterSecret: false }
        : { retry: { group: "secp384r1" } }),
    });
    expect(error).toBeUndefined();
  });

  test("declines without an identity, and where a function gives none", async () => {
    for (const option of [undefined, () => undefined]) {
      const outcome = await run(option, asking([scheme.ed25519]));
      expect(outcome.error).toBeUndefined();
      expect(outcome.info?.clientCertificate).toBe("declined");
      expect(typesOf(outcome)).toEqual([
        handshakeType.certificate,
        ...exchange,
        handshakeType.finished,
      ]);
    }
  });

  test("is not asked, and keeps its identity to itself", async () => {
    let asked = 0;
    const outcome = await run(() => {
      asked++;
      return certificateOf("p256");
    }, {});
    expect(outcome.info?.clientCertificate).toBe("not-requested");
    expect(asked).toBe(0);
    expect(typesOf(outcome)).toEqual([...exchange, handshakeType.finished]);
  });

  test("tells a function what the server said", async () => {
    const requests: IdentityRequest[] = [];
    const name = commonName("Some CA");
    const script = asking([scheme.ed25519, 0x2a2a], [name, Uint8Array.of(0x30, 0)], [64, 2, 99]);
    await run(
      (request) => {
        requests.push(request);
        return undefined;
      },
      {
        ...script,
        certificateRequest: (list) => [
          ...(script.certificateRequest?.(list) ?? []),
          extension("signature_algorithms_cert", (w) => w.vector(2, () => w.u16(0x0201))),
          // What nobody knows is ignored, and oid_filters are not heeded (RFC 8446 §4.2.5).
          extension("oid_filters", (w) => w.vector(2, () => {})),
          extension(0x4a4a),
        ],
      },
    );
    expect(requests).toEqual([
      {
        version,
        servername: "server.example",
        certificateType: "X509",
        authorities: [
          { der: name, text: "CN=Some CA" },
          { der: Uint8Array.of(0x30, 0), text: "(an empty name)" },
        ],
        signatureSchemes: ["ed25519", "0x2a2a"],
        ...(version === "TLSv1.3"
          ? { certificateSignatureSchemes: ["0x0201"] }
          : { keyTypes: ["ecdsa_sign", "dss_sign", "0x63"] }),
      },
    ]);
  });

  test("is not asked before the server has proved who it is", async () => {
    let asked = 0;
    const outcome = await run(
      () => {
        asked++;
        return undefined;
      },
      {
        ...asking([scheme.ed25519]),
        signature: ({ scheme: number, signature }) => ({
          scheme: number,
          signature: signature.map((byte, index) => (index === 20 ? byte ^ 1 : byte)),
        }),
      },
    );
    expect(outcome.error?.code).toBe("handshake/bad-signature");
    expect(asked).toBe(0);
  });

  test("takes its own order of schemes, of those that the server takes", async () => {
    const identity = {
      ...certificateOf("rsa"),
      signatureSchemes: ["rsa_pss_rsae_sha512", "rsa_pss_rsae_sha384"] as const,
    };
    expect(schemeOf(await run(identity, asking([0x0804, 0x0805, 0x0806])))).toBe(0x0806);
    expect(schemeOf(await run(identity, asking([0x0804, 0x0805])))).toBe(0x0805);
  });

  const unusable = { code: "identity/not-usable", alertSent: "handshake_failure" };

  test("without a scheme in common, fails and says why", async () => {
    const { error, received } = await run(certificateOf("ed25519"), asking([0x0403, 0x0804]));
    expect(error).toMatchObject(unusable);
    expect(error?.message).toContain("ecdsa_secp256r1_sha256, rsa_pss_rsae_sha256");
    expect(error?.message).toContain("ed25519");
    expect(received.alerts).toMatchObject([{ name: "handshake_failure" }]);
  });

  test("PKCS#1 is for TLS 1.2, and a curve is bound to its scheme in TLS 1.3", async () => {
    const pkcs1 = await run(certificateOf("rsa"), asking([scheme.rsa_pkcs1_sha256]));
    const otherHash = await run(certificateOf("p384"), asking([scheme.ecdsa_secp256r1_sha256]));
    for (const { error, info } of [pkcs1, otherHash]) {
      if (version === "TLSv1.2") expect(info?.clientCertificate).toBe("sent");
      else expect(error).toMatchObject(unusable);
    }
  });

  test.runIf(version === "TLSv1.2")("heeds the kinds of key that are asked for", async () => {
    const schemes = [scheme.ecdsa_secp256r1_sha256, scheme.rsa_pkcs1_sha256, scheme.ed25519];
    const rsaOnly = asking(schemes, [], [1]);
    const ecdsaOnly = asking(schemes, [], [64]);
    expect((await run(certificateOf("rsa"), rsaOnly)).error).toBeUndefined();
    expect((await run(certificateOf("ed25519"), rsaOnly)).error).toMatchObject(unusable);
    // EdDSA counts as ECDSA (RFC 8422 §5.5).
    expect((await run(certificateOf("ed25519"), ecdsaOnly)).error).toBeUndefined();
    expect((await run(certificateOf("rsa"), ecdsaOnly)).error).toMatchObject(unusable);
  });

  test("of several, takes the first that fits", async () => {
    const several = [certificateOf("ed25519"), certificateOf("p256"), certificateOf("rsa")];
    expect(schemeOf(await run(several, asking([0x0804, 0x0403])))).toBe(0x0403);
  });

  test("an identity for its authorities alone, where the server names them", async () => {
    const strict = { ...certificateOf("p256"), onlyForItsAuthorities: true };
    const schemes = [scheme.ecdsa_secp256r1_sha256];
    // Names are compared byte for byte.
    const { issuer } = parseCertificate(issued.p256.certificate);
    const other = commonName("Other CA");
    const infoWith = async (authorities: Bytes[], option: Identities) =>
      (await run(option, asking(schemes, authorities))).info?.clientCertificate;
    expect(await infoWith([], strict)).toBe("sent");
    expect((await run(strict, asking(schemes, [other]))).error).toMatchObject(unusable);
    expect(await infoWith([other], [strict, certificateOf("p256")])).toBe("sent");
    expect(await infoWith([other, issuer], strict)).toBe("sent");
  });

  test("ends the handshake where the function fails", async () => {
    const failing = await run(() => Promise.reject(new Error("x")), asking([scheme.ed25519]));
    expect(failing.error).toMatchObject({
      code: "identity/selection-failed",
      alertSent: "internal_error",
    });
    const cancelled = new TlsError("aborted", "The user has cancelled.");
    const { error, received } = await run(
      () => Promise.reject(cancelled),
      asking([scheme.ed25519]),
    );
    expect(error).toMatchObject({ code: "aborted", alertSent: "user_canceled" });
    expect(received.alerts.map(({ name }) => name)).toEqual(["user_canceled", "close_notify"]);
  });

  describe("raw public keys (RFC 7250)", () => {
    const script = {
      ...asking([scheme.ecdsa_secp256r1_sha256]),
      clientCertificateType: "RawPublicKey",
    } as const;

    test("are sent where the server chooses them", async () => {
      const options = [rawKeyOf("p256"), [certificateOf("p256"), rawKeyOf("p256")]];
      for (const option of options) {
        const outcome = await run(option, script);
        expect(outcome.error).toBeUndefined();
        expect(outcome.info?.clientCertificate).toBe("sent");
      }
    });

    test("a certificate is sent where the server chooses that, or does not choose", async () => {
      const both = [rawKeyOf("p256"), certificateOf("p256")];
      const { clientCertificateType: _, ...silent } = script;
      for (const choice of [silent, { ...script, clientCertificateType: "X509" as const }]) {
        const outcome = await run(both, choice);
        expect(outcome.error).toBeUndefined();
        expect(outcome.info?.clientCertificate).toBe("sent");
      }
    });

    test("alone, they are no answer to a server that wants certificates", async () => {
      const { clientCertificateType: _, ...silent } = script;
      const { error } = await run(rawKeyOf("p256"), silent);
      expect(error).toMatchObject(unusable);
      const { requestCertificate: __, ...notAsking } = silent;
      expect((await run(rawKeyOf("p256"), notAsking)).error).toBeUndefined();
    });

    test("a type that was not offered is refused", async () => {
      const wrong = { ...script, clientCertificateType: "X509" } as const;
      expect((await run(rawKeyOf("p256"), wrong)).error).toMatchObject({
        code: "handshake/illegal-parameter",
        alertSent: "illegal_parameter",
      });
      expect((await run(certificateOf("p256"), script)).error).toMatchObject({
        code: "handshake/unsupported-extension",
      });
    });

    test("what is offered can be said, for a function that chooses", async () => {
      const types: string[] = [];
      const choose = ({ certificateType }: IdentityRequest) => {
        types.push(certificateType);
        return certificateType === "RawPublicKey" ? rawKeyOf("p256") : undefined;
      };
      const offered = { clientCertificateTypes: ["RawPublicKey", "X509"] } as const;
      expect((await run(choose, script, offered)).info?.clientCertificate).toBe("sent");
      expect((await run(undefined, script, offered)).info?.clientCertificate).toBe("declined");
      const x509 = { ...script, clientCertificateType: "X509" } as const;
      expect((await run(choose, x509, offered)).info?.clientCertificate).toBe("declined");
      expect(types).toEqual(["RawPublicKey", "X509"]);
    });
  });
});

test("a CertificateRequest behind the handshake was never offered (RFC 8446 §4.6.2)", async () => {
  const identity = await readIdentity(certificateOf("p256"), platformCrypto);
  const config = await identities.config({}, { identity });
  const { error } = await connectToPeer(config, {
    identity: server,
    after: async (peer) => {
      await peer.handshake(
        handshakeType.certificate_request,
        Uint8Array.of(1, 7, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3),
      );
    },
  }).outcome();
  expect(error).toMatchObject({
    code: "handshake/unexpected-message",
    alertSent: "unexpected_message",
  });
});
