/** Whom a page trusts: each way of saying so, against real servers. */

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createAuthority, type Issued } from "../test/authority.ts";
import { oid, sequence, text } from "../test/der-writer.ts";
import { startOpenssl } from "../test/servers/openssl.ts";
import { peerKinds, startPeer } from "../test/servers/peers.ts";
import { bridgeKinds, expect, test } from "./rig/fixtures.ts";

const names = ["localhost", "127.0.0.1"];

function pinOf({ keys }: Pick<Issued, "keys">): string {
  const info = keys.publicKey.export({ type: "spki", format: "der" });
  return `sha256/${createHash("sha256").update(info).digest("base64")}`;
}

/** A server's own certificate, as most people make it. */
async function opensslSelfSigned() {
  const folder = await mkdtemp(join(tmpdir(), "webtls-self-signed-"));
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const args = ["-newkey", "rsa:2048", "-nodes", "-subj", "/CN=my server", "-days", "2"];
  try {
    await promisify(execFile)("openssl", [
      "req",
      "-x509",
      ...args,
      "-keyout",
      key,
      "-out",
      certificate,
    ]);
    const [privateKey, chainPem] = await Promise.all(
      [key, certificate].map((f) => readFile(f, "utf8")),
    );
    return { privateKey: String(privateKey), chainPem: String(chainPem) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

for (const bridge of bridgeKinds) {
  for (const peer of peerKinds) {
    test.describe(`${peer}, through ${bridge}`, () => {
      test("a missing intermediate is found among those at hand", async ({
        lab,
        root,
        keep,
        trial,
      }) => {
        const intermediate = await root.intermediate({ commonName: "forgotten" });
        const issued = await intermediate.issue({ names });
        const server = await keep(startPeer(peer, { ...issued, chainPem: issued.pem }));
        const usual = await trial(bridge, server.port);
        const refused = await lab.evaluate((trial) => window.rig.refusal(trial), usual);
        expect(refused).toMatchObject({
          code: "certificate/unknown-issuer",
          alertSent: "unknown_ca",
          certificates: 1,
        });
        expect(refused.message).toContain("CN=forgotten");
        const found = await lab.evaluate((trial) => window.rig.negotiate(trial), {
          ...usual,
          trust: { intermediates: intermediate.pem },
        });
        expect(found).toMatchObject({ answer: "sltbew", chain: 1, path: 2, trustedBy: "root" });
      });

      test("missing intermediates are found by a function of the page's", async ({
        lab,
        root,
        keep,
        trial,
      }) => {
        const upper = await root.intermediate({ commonName: "upper" });
        const access = sequence(
          oid("1.3.6.1.5.5.7.48.2"),
          text(0x86, "http://ca.example/upper.cer"),
        );
        const lower = await upper.intermediate({
          commonName: "lower",
          extraExtensions: [{ oid: "1.3.6.1.5.5.7.1.1", value: sequence(access) }],
        });
        const issued = await lower.issue({ names });
        const server = await keep(startPeer(peer, { ...issued, chainPem: issued.pem }));
        const found = await lab.evaluate(
          ({ trial, known }) => window.rig.findIssuers(trial, known),
          {
            trial: await trial(bridge, server.port),
            known: [lower, upper].map(({ certificate }) =>
              Buffer.from(certificate).toString("hex"),
            ),
          },
        );
        expect(found).toEqual({
          path: 3,
          urls: [[], ["http://ca.example/upper.cer"]],
          refused: expect.objectContaining({
            code: "certificate/unknown-issuer",
            alertSent: "unknown_ca",
          }),
          cause: "Error: nothing to be had",
        });
      });

      test("an expired cross-sign is passed by", async ({ lab, keep, trial }) => {
        const old = await createAuthority({ commonName: "old root" });
        const young = await createAuthority({ commonName: "young root" });
        const cross = await old.intermediate({
          commonName: "young root",
          keys: young.keys,
          notBefore: new Date("2020-01-01"),
          notAfter: new Date("2021-09-30"),
        });
        const intermediate = await young.intermediate();
        const issued = await intermediate.issue({ names });
        const server = await keep(
          startPeer(peer, { ...issued, chainPem: issued.chainPem + cross.pem }),
        );
        const usual = await trial(bridge, server.port);
        for (const roots of [old.pem + young.pem, young.pem]) {
          const found = await lab.evaluate((trial) => window.rig.negotiate(trial), {
            ...usual,
            roots,
          });
          expect(found).toMatchObject({ answer: "sltbew", chain: 3, path: 2 });
        }
        const refused = await lab.evaluate((trial) => window.rig.refusal(trial), {
          ...usual,
          roots: old.pem,
        });
        expect(refused).toMatchObject({
          code: "certificate/expired",
          alertSent: "certificate_expired",
        });
      });

      test("pins are of the path that was verified", async ({ lab, root, keep, trial }) => {
        const intermediate = await root.intermediate();
        const issued = await intermediate.issue({ names });
        const stranger = await createAuthority({ commonName: "a stranger" });
        const server = await keep(
          startPeer(peer, { ...issued, chainPem: issued.chainPem + stranger.pem }),
        );
        const usual = await trial(bridge, server.port);
        for (const pinned of [issued, intermediate, root]) {
          const found = await lab.evaluate((trial) => window.rig.negotiate(trial), {
            ...usual,
            trust: { pins: [pinOf(stranger), pinOf(pinned)] },
          });
          expect(found).toMatchObject({ answer: "sltbew", chain: 3, path: 2 });
        }
        const refused = await lab.evaluate((trial) => window.rig.refusal(trial), {
          ...usual,
          trust: { pins: [pinOf(stranger)] },
        });
        expect(refused).toMatchObject({
          code: "certificate/not-pinned",
          alertSent: "certificate_unknown",
          certificates: 3,
        });
        for (const one of [issued, intermediate, root]) {
          expect(refused.message).toContain(pinOf(one));
        }
      });
    });
  }

  test(`openssl's self-signed certificate is trusted as it is, through ${bridge}`, async ({
    lab,
    keep,
    trial,
  }) => {
    const [own, other] = await Promise.all([opensslSelfSigned(), opensslSelfSigned()]);
    const server = await keep(startOpenssl(own));
    const usual = await trial(bridge, server.port);
    const unknown = await lab.evaluate((trial) => window.rig.refusalToldToServer(trial), usual);
    expect(unknown).toMatchObject({ code: "certificate/self-signed", alertSent: "unknown_ca" });
    await server.printed(/alert unknown ca/);
    await lab.evaluate(() => window.rig.closeLeft());
    const known = await lab.evaluate((trial) => window.rig.negotiate(trial), {
      ...usual,
      trust: { exactCertificates: [own.chainPem] },
    });
    expect(known).toMatchObject({ answer: "sltbew", trustedBy: "exact-certificate", path: 1 });
    expect(known.trustAnchor).toBeUndefined();
    const another = await lab.evaluate((trial) => window.rig.refusal(trial), {
      ...usual,
      roots: undefined,
      trust: { exactCertificates: [other.chainPem] },
    });
    expect(another).toMatchObject({
      code: "certificate/unknown-certificate",
      alertSent: "certificate_unknown",
    });
  });

  test(`trust that can't be read fails each connection, through ${bridge}`, async ({
    lab,
    identity,
    keep,
    trial,
  }) => {
    const server = await keep(startPeer("node", await identity()));
    const found = await lab.evaluate((trial) => window.rig.refusal(trial), {
      ...(await trial(bridge, server.port)),
      trust: { pins: ["sha256/none"] },
    });
    expect(found).toMatchObject({ code: "configuration/invalid-option", phase: "configuration" });
    expect(found.message).toContain('"pins"');
  });
}
