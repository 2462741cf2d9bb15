import {
  certStatus,
  failureResponse,
  mustStaple,
  ocspResponse,
  ocspSigning,
} from "../test/ocsp.ts";
import { startOpenssl } from "../test/servers/openssl.ts";
import { opensslResponse } from "../test/servers/openssl-responder.ts";
import { bridgeKinds, expect, test } from "./rig/fixtures.ts";

const day = 24 * 60 * 60 * 1000;

/** Stapled OCSP responses (RFC 6066 §8), from s_server with `-status_file`. */
for (const bridge of bridgeKinds) {
  for (const version of ["-tls1_3", "-tls1_2"]) {
    test.describe(`s_server ${version}, through ${bridge}`, () => {
      test("takes a server that staples that its certificate is good, as it must", async ({
        lab,
        root,
        keep,
        trial,
      }) => {
        const leaf = await root.issue({ names: ["localhost"], extraExtensions: [mustStaple] });
        const signer = await root.issue({
          names: [],
          commonName: "responder",
          extendedKeyUsage: [ocspSigning],
        });
        const response = await opensslResponse({ issuer: root, leaf, signer });
        const files = { "-status_file": response };
        const server = await keep(startOpenssl(leaf, [version], "reverse", files));
        const found = await lab.evaluate(
          (trial) => window.rig.negotiate(trial),
          await trial(bridge, server.port, { ocspStapling: "required" }),
        );
        expect(found).toMatchObject({ answer: "sltbew", path: 1 });
      });

      const refusals = [
        {
          what: "that its certificate is revoked",
          status: {
            answers: [{ status: certStatus.revoked(new Date("2026-02-03T04:05:06Z"), 1) }],
          },
          code: "certificate/revoked",
          alert: "certificate_revoked",
          message: /2026-02-03T04:05:06\.000Z \(keyCompromise\)/,
        },
        {
          what: "what has expired",
          status: {
            answers: [
              {
                thisUpdate: new Date(Date.now() - 9 * day),
                nextUpdate: new Date(Date.now() - day),
              },
            ],
          },
          code: "certificate/bad-status-response",
          alert: "bad_certificate_status_response",
          message: /it has expired/,
        },
        {
          what: "what lies in the future",
          status: { answers: [{ thisUpdate: new Date(Date.now() + day) }] },
          code: "certificate/bad-status-response",
          alert: "bad_certificate_status_response",
          message: /this device's clock is slow/,
        },
      ];
      for (const { what, status, code, alert, message } of refusals) {
        test(`refuses a server that staples ${what}`, async ({ lab, root, keep, trial }) => {
          const leaf = await root.issue({ names: ["localhost"] });
          const files = { "-status_file": ocspResponse(root, leaf, status) };
          const server = await keep(startOpenssl(leaf, [version], "reverse", files));
          const found = await lab.evaluate(
            (trial) => window.rig.refusal(trial),
            await trial(bridge, server.port),
          );
          expect(found).toMatchObject({ code, alertSent: alert, phase: "handshake" });
          expect(found.message).toMatch(message);
          expect(found.certificates).toBe(1);
        });
      }

      for (const [what, files] of [
        ["nothing", {}],
        ["no answer", { "-status_file": failureResponse(3) }],
      ] as const) {
        test(`refuses a server that staples ${what}, though it must`, async ({
          lab,
          root,
          keep,
          trial,
        }) => {
          const leaf = await root.issue({ names: ["localhost"], extraExtensions: [mustStaple] });
          const server = await keep(startOpenssl(leaf, [version], "reverse", files));
          const found = await lab.evaluate(
            (trial) => window.rig.refusal(trial),
            await trial(bridge, server.port),
          );
          expect(found).toMatchObject({
            code: "certificate/status-missing",
            alertSent: "bad_certificate_status_response",
          });
        });
      }
    });
  }
}
