import { peerKinds, startPeer } from "../test/servers/peers.ts";
import { classicGroups, keyTypeOf, opensslSuite, suites } from "../test/servers/suites.ts";
import { bridgeKinds, expect, test } from "./rig/fixtures.ts";

for (const bridge of bridgeKinds) {
  for (const peer of peerKinds) {
    test.describe(`${peer} through ${bridge}`, () => {
      for (const { suite, version } of suites) {
        test(`negotiates ${suite} (${version})`, async ({ lab, identity, keep, trial }) => {
          const server = await keep(
            startPeer(peer, await identity(keyTypeOf(suite)), { version, suite }),
          );
          const found = await lab.evaluate(
            (trial) => window.rig.negotiate(trial),
            await trial(bridge, server.port),
          );
          expect(found).toMatchObject({
            version,
            cipherSuite: suite,
            answer: "sltbew",
            chain: 2,
            path: 2,
          });
          expect([suite, opensslSuite(suite)]).toContain(await server.negotiatedSuite());
        });
      }

      for (const version of ["TLSv1.3", "TLSv1.2"] as const) {
        for (const group of classicGroups) {
          test(`agrees on ${group} (${version})`, async ({ lab, identity, keep, trial }) => {
            // In TLS 1.2 the groups offered are those of ECDSA certificates too (RFC 8422 §5.1).
            const server = await keep(
              startPeer(peer, await identity("rsa-2048"), { version, group }),
            );
            const found = await lab.evaluate(
              (trial) => window.rig.negotiate(trial),
              await trial(bridge, server.port, { groups: [group] }),
            );
            expect(found).toMatchObject({ version, group, handshake: "full", answer: "sltbew" });
          });
        }
      }

      test("follows a HelloRetryRequest to P-384", async ({ lab, identity, keep, trial }) => {
        const server = await keep(
          startPeer(peer, await identity(), { version: "TLSv1.3", group: "secp384r1" }),
        );
        const found = await lab.evaluate(
          (trial) => window.rig.negotiate(trial),
          await trial(bridge, server.port, { groups: ["x25519", "secp384r1"] }),
        );
        expect(found).toMatchObject({
          group: "secp384r1",
          handshake: "hello-retry-request",
          answer: "sltbew",
        });
      });

      test("takes a server that speaks TLS 1.2 only", async ({ lab, identity, keep, trial }) => {
        const server = await keep(
          startPeer(peer, await identity("rsa-2048"), { version: "TLSv1.2" }),
        );
        const found = await lab.evaluate(
          (trial) => window.rig.negotiate(trial),
          await trial(bridge, server.port),
        );
        expect(found).toMatchObject({
          version: "TLSv1.2",
          extendedMasterSecret: true,
          answer: "sltbew",
        });
      });

      test("refuses a server with no suite in common", async ({ lab, identity, keep, trial }) => {
        const suite = "TLS_AES_256_GCM_SHA384";
        const server = await keep(startPeer(peer, await identity(), { version: "TLSv1.3", suite }));
        const found = await lab.evaluate(
          (trial) => window.rig.refusal(trial),
          await trial(bridge, server.port, { cipherSuites: ["TLS_AES_128_GCM_SHA256"] }),
        );
        expect(found).toMatchObject({
          code: "alert/received",
          alertReceived: "handshake_failure",
          phase: "handshake",
        });
      });
    });
  }
}
