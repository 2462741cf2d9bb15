import { parseCertificate } from "../src/x509/certificate.ts";
import { crlOf, crlPem, reasonCode, revokedEntry } from "../test/crls.ts";
import { startOpenssl } from "../test/servers/openssl.ts";
import { bridgeKinds, expect, test } from "./rig/fixtures.ts";

const names = ["localhost", "127.0.0.1"];
const versions = { "TLSv1.3": "-tls1_3", "TLSv1.2": "-tls1_2" } as const;

for (const bridge of bridgeKinds) {
  for (const [version, argument] of Object.entries(versions)) {
    test.describe(`by a CRL, ${version}, through ${bridge}`, () => {
      test("a revoked certificate is refused, and the server hears it", async ({
        lab,
        root,
        keep,
        trial,
      }) => {
        const intermediate = await root.intermediate();
        const issued = await intermediate.issue({ names });
        const { serialNumber } = parseCertificate(issued.certificate);
        const revoked = [revokedEntry(serialNumber, new Date("2026-01-02"), reasonCode(1))];
        const crls = [crlPem(crlOf(root)), crlPem(crlOf(intermediate, { revoked }))];
        const server = await keep(startOpenssl(issued, [argument]));
        const found = await lab.evaluate((trial) => window.rig.refusalToldToServer(trial), {
          ...(await trial(bridge, server.port)),
          trust: { revocation: { crls } },
        });
        expect(found).toMatchObject({
          code: "certificate/revoked",
          alertSent: "certificate_revoked",
          phase: "handshake",
          certificates: 2,
        });
        expect(found.message).toContain("2026-01-02");
        expect(found.message).toContain("keyCompromise");
        await server.printed(/alert certificate revoked/);
        await lab.evaluate(() => window.rig.closeLeft());
      });

      test("a good one passes, and one whose CRL is too old does not", async ({
        lab,
        root,
        keep,
        trial,
      }) => {
        const intermediate = await root.intermediate();
        const issued = await intermediate.issue({ names });
        const revoked = [await intermediate.issue({ names })];
        const current = crlPem(crlOf(root)) + crlPem(crlOf(intermediate, { revoked }));
        const server = await keep(startOpenssl(issued, [argument]));
        const usual = await trial(bridge, server.port);
        const good = await lab.evaluate((trial) => window.rig.negotiate(trial), {
          ...usual,
          trust: { revocation: { crls: current } },
        });
        expect(good).toMatchObject({ version, answer: "sltbew", path: 2 });
        const nextUpdate = new Date(Date.now() - 10_000);
        const old = crlPem(crlOf(root)) + crlPem(crlOf(intermediate, { nextUpdate }));
        const late = await lab.evaluate((trial) => window.rig.refusal(trial), {
          ...usual,
          trust: { revocation: { crls: old } },
        });
        expect(late).toMatchObject({ code: "certificate/crl-expired" });
      });
    });
  }
}

test("what no CRL is about passes only where that is allowed", async ({
  lab,
  root,
  keep,
  trial,
}) => {
  const server = await keep(startOpenssl(await root.issue({ names })));
  const usual = await trial("webtls", server.port);
  const crls = crlPem(crlOf(await root.intermediate()));
  const refused = await lab.evaluate((trial) => window.rig.refusal(trial), {
    ...usual,
    trust: { revocation: { crls } },
  });
  expect(refused).toMatchObject({ code: "certificate/unknown-revocation-status" });
  const taken = await lab.evaluate((trial) => window.rig.negotiate(trial), {
    ...usual,
    trust: { revocation: { crls, dangerousAllowUnknownStatus: true } },
  });
  expect(taken).toMatchObject({ answer: "sltbew" });
});
