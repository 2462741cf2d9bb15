/** Whom a client takes for the server that is meant, by each way of trusting one. */

import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  createAuthority,
  generateKeys,
  type Issued,
  type LeafOptions,
  purposes,
  selfSigned,
} from "../../../test/authority.ts";
import { connectToPeer } from "../../../test/peer/connect.ts";
import { createIdentities, peerName } from "../../../test/peer/identities.ts";
import { parseCertificate } from "../../x509/certificate.ts";
import { resolveConfig } from "../config.ts";
import type { ProtocolStep } from "../trace.ts";
import { readTrust } from "../trust.ts";
import type { TrustOptions } from "../trust-options.ts";

const { root } = await createIdentities();
const identity = await root.issue({ names: [peerName] });
const stranger = await createAuthority({ commonName: "a stranger" });
const strange = await stranger.issue({ names: ["elsewhere.example"] });

async function connect(shown: Issued, trust: TrustOptions, version: "TLSv1.3" | "TLSv1.2") {
  const steps: ProtocolStep[] = [];
  const trace = (step: ProtocolStep) => void steps.push(step);
  const groups = ["x25519", "secp256r1"] as const;
  const config = resolveConfig(peerName, { groups }, await readTrust(trust), { trace });
  const outcome = await connectToPeer(config, { identity: shown, version }).outcome();
  return { ...outcome, kinds: steps.map(({ kind }) => kind) };
}

const pinOf = ({ keys }: Pick<Issued, "keys">) => {
  const info = keys.publicKey.export({ type: "spki", format: "der" });
  return `sha256/${createHash("sha256").update(info).digest("base64")}`;
};

describe.each(["TLSv1.3", "TLSv1.2"] as const)("%s: exactCertificates", (version) => {
  test("take a server for what it presents, whatever its name and issuer", async () => {
    const exactCertificates = [identity.certificate, strange.certificate];
    const { error, info, kinds } = await connect(strange, { exactCertificates }, version);
    expect(error).toBeUndefined();
    expect(info).toMatchObject({
      trustedBy: "exact-certificate",
      certificates: strange.chain,
      verifiedPath: [strange.certificate],
    });
    expect(info?.trustAnchor).toBeUndefined();
    expect(kinds).toContain("certificate-known");
    expect(kinds).not.toContain("certificate-verified");
  });

  test("refuse another, even one that would lead to a usual root", async () => {
    const trust = { exactCertificates: [strange.certificate] };
    const { error, info } = await connect(identity, trust, version);
    expect(info).toBeUndefined();
    expect(error).toMatchObject({
      code: "certificate/unknown-certificate",
      alertSent: "certificate_unknown",
      certificates: identity.chain,
    });
  });

  test("leave others to the roots that are given beside them", async () => {
    const trust = { exactCertificates: [strange.certificate], roots: root.certificate };
    expect((await connect(strange, trust, version)).info?.trustedBy).toBe("exact-certificate");
    expect((await connect(identity, trust, version)).info?.trustedBy).toBe("root");
    const elsewhere = await root.issue({ names: ["elsewhere.example"] });
    expect((await connect(elsewhere, trust, version)).error?.code).toBe("certificate/wrong-name");
  });

  test("do not take another certificate of the same key", async () => {
    const renewed = await stranger.issue({ names: [peerName], keys: strange.keys });
    const trust = { exactCertificates: [strange.certificate] };
    expect((await connect(renewed, trust, version)).error?.code).toBe(
      "certificate/unknown-certificate",
    );
  });
});

describe("exactCertificates", () => {
  const hour = 3_600_000;
  const wrong: [string, Partial<LeafOptions>, string][] = [
    ["expired", { notAfter: new Date(Date.now() - hour) }, "certificate/expired"],
    ["not yet valid", { notBefore: new Date(Date.now() + hour) }, "certificate/not-yet-valid"],
    ["for clients", { extendedKeyUsage: [purposes.clientAuth] }, "certificate/wrong-purpose"],
    ["not for signing", { keyUsage: ["keyEncipherment"] }, "certificate/wrong-key-usage"],
  ];
  test.each(wrong)("are not taken where they are %s", async (_, options, code) => {
    const shown = await selfSigned({ names: [peerName], ...options });
    const trust = { exactCertificates: [shown.certificate], roots: root.certificate };
    expect((await connect(shown, trust, "TLSv1.3")).error?.code).toBe(code);
  });

  test("may be those of an authority, as openssl req -x509 makes them", async () => {
    const keys = await generateKeys("rsa-2048");
    const shown = await createAuthority({ commonName: peerName, keys, keyUsage: "none" });
    expect(parseCertificate(shown.certificate).basicConstraints?.ca).toBe(true);
    const { info } = await connect(shown, { exactCertificates: [shown.pem] }, "TLSv1.3");
    expect(info?.trustedBy).toBe("exact-certificate");
  });

  test("say nothing for a server that has not got the key", async () => {
    const { keys, privateKey } = await root.issue({ names: [peerName] });
    const thief = { ...strange, keys, privateKey };
    const trust = { exactCertificates: [strange.certificate] };
    const { error } = await connect(thief, trust, "TLSv1.3");
    expect(error).toMatchObject({ code: "handshake/bad-signature", alertSent: "decrypt_error" });
  });
});

test("what is told of a server is nothing that trust stands on", async () => {
  const authority = await root.intermediate();
  const issued = await authority.issue({ names: [peerName] });
  const trust = await readTrust({
    roots: ["mozilla", root.certificate],
    intermediates: authority.certificate,
  });
  const config = resolveConfig(peerName, { groups: ["x25519", "secp256r1"] }, trust);
  const shown = { ...issued, chain: [issued.certificate] };
  for (let times = 0; times < 2; times += 1) {
    const { info } = await connectToPeer(config, { identity: shown }).outcome();
    if (info?.trustAnchor === undefined) throw new Error("the server is not trusted");
    expect(info.verifiedPath).toHaveLength(2);
    const { subject, subjectPublicKeyInfo } = info.trustAnchor;
    for (const bytes of [subject, subjectPublicKeyInfo, ...info.verifiedPath]) {
      expect(bytes.buffer.byteLength).toBe(bytes.length);
      bytes.fill(0);
    }
  }
});

describe("pins", () => {
  const roots = root.certificate;

  test("are met by the server's key, an intermediate's, or the root's", async () => {
    const authority = await root.intermediate();
    const shown = await authority.issue({ names: [peerName] });
    for (const pinned of [shown, authority, root]) {
      const trust = { roots, pins: [pinOf(strange), pinOf(pinned)] };
      const { error, info } = await connect(shown, trust, "TLSv1.3");
      expect(error).toBeUndefined();
      expect(info?.trustedBy).toBe("root");
      expect(info?.trustAnchor).toMatchObject({
        subject: parseCertificate(root.certificate).subject,
        subjectPublicKeyInfo: parseCertificate(root.certificate).subjectPublicKeyInfo,
      });
    }
  });

  test("that no key has refuse the server, and the error names the path's", async () => {
    const trust = { roots, pins: [pinOf(strange), pinOf(stranger)] };
    const { error } = await connect(identity, trust, "TLSv1.3");
    expect(error).toMatchObject({
      code: "certificate/not-pinned",
      alertSent: "certificate_unknown",
      certificates: identity.chain,
    });
    expect(error?.message).toContain(`${pinOf(identity)} of "CN=${peerName}"`);
    expect(error?.message).toContain(`${pinOf(root)} of "CN=webtls test root"`);
  });

  test("are not met by what is only presented", async () => {
    const shown = { ...identity, chain: [...identity.chain, stranger.certificate] };
    const { error } = await connect(shown, { roots, pins: [pinOf(stranger)] }, "TLSv1.3");
    expect(error?.code).toBe("certificate/not-pinned");
  });

  test("choose the path that has one", async () => {
    const old = await createAuthority({ commonName: "old root" });
    const young = await createAuthority({ commonName: "young root" });
    const cross = await old.intermediate({ commonName: "young root", keys: young.keys });
    const leaf = await young.issue({ names: [peerName] });
    const shown = { ...leaf, chain: [...leaf.chain, cross.certificate] };
    const both = { roots: [young.certificate, old.certificate], pins: [pinOf(old)] };
    const { info } = await connect(shown, both, "TLSv1.3");
    expect(info?.verifiedPath).toEqual(shown.chain);
    expect(info?.trustAnchor?.subject).toEqual(parseCertificate(old.certificate).subject);
  });

  test("do not make a trusted server of one that has a pinned key", async () => {
    const { error } = await connect(strange, { roots, pins: [pinOf(strange)] }, "TLSv1.3");
    expect(error?.code).toBe("certificate/unknown-issuer");
  });

  test("are not asked of exact certificates", async () => {
    const trust = { roots, pins: [pinOf(root)], exactCertificates: [strange.certificate] };
    expect((await connect(strange, trust, "TLSv1.3")).info?.trustedBy).toBe("exact-certificate");
  });
});
