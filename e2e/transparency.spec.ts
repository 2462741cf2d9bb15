import { writeFile } from "node:fs/promises";
import type { CertificateTransparency } from "../src/index.ts";
import type { Authority, Issued } from "../test/authority.ts";
import { extension } from "../test/der-writer.ts";
import { ocspResponse } from "../test/ocsp.ts";
import { startOpenssl } from "../test/servers/openssl.ts";
import {
  createLog,
  issueLogged,
  issueWithTimestamps,
  oids,
  serverinfoOf,
  type TestLog,
  timestampExtension,
} from "../test/transparency-log.ts";
import { bridgeKinds, expect, test } from "./rig/fixtures.ts";

const names = ["localhost", "127.0.0.1"];

const [one, two, unknown] = await Promise.all([
  createLog("one"),
  createLog("two", "somebody else", "rsa-2048"),
  createLog("unknown"),
]);

/** The logs as they are published. */
const certificateTransparency: CertificateTransparency = {
  logs: {
    operators: [
      { name: one.operator, logs: [one.listed()] },
      { name: two.operator, logs: [], tiled_logs: [two.listed()] },
    ],
  },
};

/** Certificates that are refused, with a part of what is said of them. */
const refused: readonly (readonly [string, (issuer: Authority) => Promise<Issued>, string])[] = [
  ["no timestamps", (issuer) => issuer.issue({ names }), "There are no others"],
  ["one of two", (issuer) => issueLogged(issuer, { names }, [one]), "those that count are of one"],
  [
    "one of a log that is not known",
    (issuer) => issueLogged(issuer, { names }, [one, unknown]),
    "is not among those given",
  ],
  [
    "timestamps that were changed",
    (issuer) => issueLogged(issuer, { names }, [one, two], { tamper: (s) => s.reverse() }),
    "one did not sign it for this certificate",
  ],
  [
    "timestamps of another certificate",
    (issuer) =>
      issueWithTimestamps(issuer, { names }, () =>
        [one, two].map((log) => log.timestamp({ certificate: issuer.certificate })),
      ),
    "two did not sign it for this certificate",
  ],
];

for (const bridge of bridgeKinds) {
  for (const version of ["TLSv1.3", "TLSv1.2"] as const) {
    const args = [version === "TLSv1.3" ? "-tls1_3" : "-tls1_2"];

    test.describe(`s_server, ${version}, through ${bridge}`, () => {
      test("takes a certificate with enough timestamps", async ({ lab, root, keep, trial }) => {
        const leaf = await issueLogged(await root.intermediate(), { names }, [one, two]);
        const server = await keep(startOpenssl(leaf, args));
        const { events } = await lab.evaluate((trial) => window.rig.trace(trial), {
          ...(await trial(bridge, server.port)),
          trust: { certificateTransparency },
        });
        expect(events).toContainEqual(
          expect.objectContaining({ kind: "certificate-logged", logs: ["one", "two"] }),
        );
      });

      for (const [what, issue, reason] of refused) {
        test(`refuses a certificate with ${what}`, async ({ lab, root, keep, trial }) => {
          const server = await keep(startOpenssl(await issue(root), args));
          const found = await lab.evaluate((trial) => window.rig.refusal(trial), {
            ...(await trial(bridge, server.port)),
            trust: { certificateTransparency },
          });
          expect(found).toMatchObject({
            code: "certificate/not-logged",
            alertSent: "certificate_unknown",
            phase: "handshake",
          });
          expect(found.message).toContain(reason);
        });
      }

      test("counts timestamps of the handshake", async ({ lab, root, keep, trial }) => {
        const leaf = await root.issue({ names });
        const { certificate } = leaf;
        const sent = (logs: readonly TestLog[]) => ({
          "-serverinfo": serverinfoOf(logs.map((log) => log.timestamp({ certificate }))),
        });
        const enough = await keep(startOpenssl(leaf, args, "reverse", sent([one, two])));
        const to = async (port: number) => ({
          ...(await trial(bridge, port)),
          trust: { certificateTransparency },
        });
        const found = await lab.evaluate(
          (trial) => window.rig.negotiate(trial),
          await to(enough.port),
        );
        expect(found.answer).toBe("sltbew");
        expect(found.signedCertificateTimestamps).toHaveLength(2);
        const tooFew = await keep(startOpenssl(leaf, args, "reverse", sent([two, unknown])));
        const failed = await lab.evaluate(
          (trial) => window.rig.refusal(trial),
          await to(tooFew.port),
        );
        expect(failed.code).toBe("certificate/not-logged");
      });

      test("counts timestamps of a stapled response", async ({ lab, root, keep, trial }, info) => {
        const leaf = await root.issue({ names });
        const value = timestampExtension(
          [one, two].map((log) => log.timestamp({ certificate: leaf.certificate })),
        );
        const extensions = [extension(oids.stapledTimestamps, false, value)];
        const response = ocspResponse(root, leaf, { answers: [{ extensions }] });
        const file = info.outputPath("response.der");
        await writeFile(file, response);
        const server = await keep(startOpenssl(leaf, [...args, "-status_file", file]));
        const to = { ...(await trial(bridge, server.port)), trust: { certificateTransparency } };
        const { events } = await lab.evaluate((trial) => window.rig.trace(trial), to);
        expect(events).toContainEqual(
          expect.objectContaining({ kind: "certificate-logged", logs: ["one", "two"] }),
        );
        const unasked = { ...to, options: { ...to.options, ocspStapling: false } };
        const failed = await lab.evaluate((trial) => window.rig.refusal(trial), unasked);
        expect(failed.code).toBe("certificate/not-logged");
      });
    });
  }
}
