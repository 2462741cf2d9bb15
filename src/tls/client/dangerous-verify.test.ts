import { describe, expect, test } from "vitest";
import { createAuthority, selfSigned } from "../../../test/authority.ts";
import { connectToPeer } from "../../../test/peer/connect.ts";
import { createIdentities, peerName } from "../../../test/peer/identities.ts";
import type { Script } from "../../../test/peer/script.ts";
import { TlsError } from "../../errors.ts";
import type { TlsOptions } from "../options.ts";
import type { DangerousVerify, ServerToVerify } from "../presented.ts";
import type { ProtocolStep } from "../trace.ts";

const identities = await createIdentities();
const unknown = await createAuthority({ commonName: "unknown" });
const untrusted = await unknown.issue({ names: ["other.example"] });

async function connect(
  script: Partial<Script>,
  dangerousVerify: DangerousVerify,
  options: TlsOptions = {},
) {
  const steps: ProtocolStep[] = [];
  const trace = (step: ProtocolStep) => void steps.push(step);
  const config = await identities.config(options, { dangerousVerify, trace });
  const outcome = await connectToPeer(config, { identity: untrusted, ...script }).outcome();
  return { ...outcome, steps };
}

describe.each(["TLSv1.3", "TLSv1.2"] as const)("%s: dangerousVerify", (version) => {
  test("sees what the server presents, and decides alone", async () => {
    const seen: ServerToVerify[] = [];
    const { info, error, steps } = await connect({ version }, (server) => void seen.push(server));
    expect(error).toBeUndefined();
    expect(seen).toEqual([
      { certificateType: "X509", certificates: untrusted.chain, servername: peerName },
    ]);
    expect(info?.certificates).toEqual(untrusted.chain);
    expect(info).toMatchObject({ trustedBy: "caller", verifiedPath: [] });
    const kinds = steps.map(({ kind }) => kind);
    expect(kinds).toContain("certificate-accepted-by-caller");
    expect(kinds).not.toContain("certificate-verified");
  });

  test("names an address as text", async () => {
    const names: string[] = [];
    await connect({ version }, ({ servername }) => void names.push(servername), {
      servername: "[2001:DB8::1]",
    });
    expect(names).toEqual(["2001:db8::1"]);
  });

  test.each([
    [
      "by throwing",
      () => {
        throw new Error("not this one");
      },
    ],
    ["by rejecting", () => Promise.reject(new Error("not this one"))],
  ])("refuses %s", async (_, verify) => {
    const { error, info, received } = await connect({ version }, verify);
    expect(info).toBeUndefined();
    expect(error).toMatchObject({
      code: "certificate/refused-by-caller",
      alertSent: "certificate_unknown",
      phase: "handshake",
    });
    expect(error?.message).toContain("not this one");
    expect(error?.cause).toEqual(new Error("not this one"));
    expect(error?.certificates).toEqual(untrusted.chain);
    expect(received.alerts.map(({ name }) => name)).toEqual(["certificate_unknown"]);
  });

  test("refuses with a code and alert of its choice", async () => {
    const { error } = await connect({ version }, async () => {
      throw new TlsError("certificate/bad-status-response", "It was revoked.");
    });
    expect(error).toMatchObject({
      code: "certificate/bad-status-response",
      alertSent: "bad_certificate_status_response",
    });
  });

  test("does not stand for the server's signature", async () => {
    const { error } = await connect(
      {
        version,
        signature: ({ scheme, signature }) => {
          // The last byte of s: the encoding stays right.
          signature.set([(signature.at(-1) ?? 0) ^ 1], signature.length - 1);
          return { scheme, signature };
        },
      },
      () => {},
    );
    expect(error).toMatchObject({ code: "handshake/bad-signature", alertSent: "decrypt_error" });
  });

  test("does not stand for the server's Finished", async () => {
    const verifyData = (data: Uint8Array) => data.map((byte) => byte ^ 1);
    const { error } = await connect({ version, verifyData }, () => {});
    expect(error).toMatchObject({ code: "handshake/bad-finished", alertSent: "decrypt_error" });
  });

  test.each([
    [
      "a key that may not sign (RFC 8446 §4.4.2.2)",
      () => unknown.issue({ names: [], keyUsage: ["keyAgreement"] }),
      "certificate/wrong-key-usage",
    ],
    [
      "an RSA key of 1024 bits",
      () => selfSigned({ names: [peerName], keyType: "rsa-1024" }),
      "certificate/weak-key",
    ],
  ] as const)("is not asked about %s", async (_, make, code) => {
    let isAsked = false;
    const { error } = await connect({ version, identity: await make() }, () => {
      isAsked = true;
    });
    expect(error).toMatchObject({ code });
    expect(isAsked).toBe(false);
  });

  test("is not asked about what is no certificate", async () => {
    const { error } = await connect(
      {
        version,
        certificate: ({ context }) => ({
          context,
          entries: [{ certificate: Uint8Array.of(1, 2, 3), extensions: [] }],
        }),
      },
      () => {},
    );
    expect(error).toMatchObject({ code: "handshake/decode-error", alertSent: "decode_error" });
  });
});

test("TLS 1.2: a key on a curve that was not offered is refused (RFC 8422 §5.3)", async () => {
  const options: TlsOptions = { groups: ["secp384r1"] };
  const { error } = await connect({ version: "TLSv1.2" }, () => {}, options);
  expect(error).toMatchObject({ code: "handshake/illegal-parameter" });
});
