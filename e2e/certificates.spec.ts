import { certificateFaults } from "../test/certificate-faults.ts";
import { peerKinds, startPeer } from "../test/servers/peers.ts";
import { bridgeKinds, expect, test } from "./rig/fixtures.ts";

for (const bridge of bridgeKinds) {
  for (const peer of peerKinds) {
    for (const version of ["TLSv1.3", "TLSv1.2"] as const) {
      test.describe(`${peer}, ${version}, through ${bridge}`, () => {
        for (const { fault, make, code, alert } of certificateFaults) {
          test(`refuses a certificate that is ${fault}`, async ({ lab, root, keep, trial }) => {
            const server = await keep(startPeer(peer, await make(root), { version }));
            const found = await lab.evaluate(
              (trial) => window.rig.refusal(trial),
              await trial(bridge, server.port),
            );
            expect(found).toMatchObject({ code, alertSent: alert, phase: "handshake" });
            expect(found.certificates).toBeGreaterThan(0);
          });
        }
      });
    }
  }
}

test("takes a certificate for another name where that name is asked for", async ({
  lab,
  root,
  keep,
  trial,
}) => {
  const server = await keep(startPeer("node", await root.issue({ names: ["other.example"] })));
  const found = await lab.evaluate(
    (trial) => window.rig.negotiate(trial),
    await trial("webtls", server.port, { servername: "other.example" }),
  );
  expect(found).toMatchObject({ answer: "sltbew" });
});

for (const keyType of [
  "ecdsa-p384",
  "ecdsa-p521",
  "ed25519",
  "rsa-3072",
  "rsa-pss-2048",
] as const) {
  for (const version of ["TLSv1.3", "TLSv1.2"] as const) {
    test(`takes a certificate with a key of type ${keyType} (${version})`, async ({
      lab,
      identity,
      keep,
      trial,
    }) => {
      const server = await keep(startPeer("s_server", await identity(keyType), { version }));
      const found = await lab.evaluate(
        (trial) => window.rig.negotiate(trial),
        await trial("webtls", server.port),
      );
      expect(found).toMatchObject({ version, answer: "sltbew" });
    });
  }
}
