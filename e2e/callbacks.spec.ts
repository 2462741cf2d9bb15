/** The caller's keys and functions in a handshake that is made in the worker. */

import { createPublicKey } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { createAuthority, generateKeys, purposes } from "../test/authority.ts";
import { startNodeTls } from "../test/servers/node-tls.ts";
import { bridgeKinds, expect, test } from "./rig/fixtures.ts";

for (const bridge of bridgeKinds) {
  for (const version of ["TLSv1.3", "TLSv1.2"] as const) {
    test.describe(`${version}, through ${bridge}`, () => {
      const only = { minVersion: version, maxVersion: version };

      test("a key that can't be exported signs in the worker", async ({
        lab,
        identity,
        keep,
        trial,
      }) => {
        const staff = await createAuthority({ commonName: "Staff CA" });
        const spki = await lab.evaluate(() => window.rig.makeKey());
        const publicKey = createPublicKey({
          key: Buffer.from(spki, "hex"),
          format: "der",
          type: "spki",
        });
        const person = await staff.issue({
          names: [],
          commonName: "somebody",
          extendedKeyUsage: [purposes.clientAuth],
          // The private half stays on the page: no other is used.
          keys: { ...(await generateKeys()), publicKey },
        });
        const greet = (socket: TLSSocket) => {
          socket.write(`hello ${socket.getPeerCertificate().subject.CN}\n`);
        };
        const server = await keep(
          startNodeTls(await identity(), greet, { ca: staff.pem, requestCert: true }),
        );
        const found = await lab.evaluate(
          ({ trial, certificates }) => window.rig.greetWithKey(trial, certificates),
          { trial: await trial(bridge, server.port, only), certificates: person.chainPem },
        );
        expect(found).toEqual({
          clientCertificate: "sent",
          greeting: "hello somebody",
          authorities: ["CN=Staff CA"],
          exported: "InvalidAccessError",
        });
      });

      test("keying material is the server's own", async ({ lab, identity, keep, trial }) => {
        const say = (socket: TLSSocket) => {
          const context = Buffer.from("which");
          const made = [
            socket.exportKeyingMaterial(40, "EXPERIMENTAL webtls", context),
            socket.exportKeyingMaterial(32, "EXPORTER-Channel-Binding", Buffer.alloc(0)),
          ];
          socket.write(`${made.map((bytes) => bytes.toString("hex")).join()}\n`);
        };
        const server = await keep(startNodeTls(await identity(), say));
        const found = await lab.evaluate(
          (trial) => window.rig.keyingMaterial(trial),
          await trial(bridge, server.port, only),
        );
        expect(found.own).toHaveLength(145);
        expect(found.own).toBe(found.servers);
      });

      test("a function judges the server", async ({ lab, keep, trial }) => {
        const stranger = await (await createAuthority()).issue({ names: ["other.example"] });
        const server = await keep(startNodeTls(stranger, (socket) => void socket.write("hello\n")));
        const found = await lab.evaluate(
          (trial) => window.rig.judge(trial),
          await trial(bridge, server.port, only),
        );
        expect(found).toMatchObject({
          asked: [{ servername: "localhost", length: stranger.certificate.length }],
          greeting: "hello",
          refused: { code: "certificate/refused-by-caller", alertSent: "certificate_unknown" },
        });
      });
    });
  }
}
