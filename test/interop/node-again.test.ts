/** Real servers that know the client: by its certificate, by a session, by a key of both. */

import { beforeAll, describe, expect, test } from "vitest";
import { MemorySessionStore } from "../../src/stream/duplex.ts";
import { bulk, earlyPatience, exchangeData, sendEarly, some } from "./converse.ts";
import { clientIdentity, identity, keep, openCore, roots, useRig } from "./rig.ts";
import { earlyPrinted, realServers } from "./servers.ts";

useRig();

for (const server of realServers)
  describe.skipIf(server.missing !== undefined)(server.name, () => {
    const { speech, start, prepare, cannot, oneWay, early: fate = "answered" } = server;
    beforeAll(async () => {
      if (prepare !== undefined) await keep(prepare());
    }, 240_000);

    describe.each(["TLSv1.3", "TLSv1.2"] as const)("%s", (version) => {
      const only = { minVersion: version, maxVersion: version };

      test("a client certificate", async ({ skip }) => {
        const why = cannot[`a client certificate in ${version}`];
        if (why !== undefined) skip(why);
        const { port } = await keep(start(identity(), { version, clients: roots() }));
        const { chainPem: certificates, privateKey: key } = clientIdentity();
        const connection = await openCore(port, speech, {
          ...only,
          identity: { certificates, key },
        });
        expect(await connection.opened).toMatchObject({ version, clientCertificate: "sent" });
        await exchangeData(connection, speech, some);
        await connection.close();

        const refused = async () => {
          const stranger = await openCore(port, speech, only);
          await stranger.opened;
          await exchangeData(stranger, speech, some);
        };
        await expect(refused()).rejects.toThrow();
      });

      test("resumption", async ({ skip }) => {
        const why = cannot[`resumption in ${version}`];
        if (why !== undefined) skip(why);
        const { port } = await keep(start(identity(), { version }));
        const options = { ...only, sessions: new MemorySessionStore() };
        const handshakes: string[] = [];
        for (let times = 3; times > 0; times--) {
          const connection = await openCore(port, speech, options);
          const info = await connection.opened;
          expect(info.certificates).toHaveLength(2);
          handshakes.push(info.handshake);
          await exchangeData(connection, speech, oneWay ? some : bulk);
          await connection.close();
        }
        expect(handshakes).toEqual(["full", "resumed", "resumed"]);
      });
    });

    test("early data", { timeout: 2 * earlyPatience }, async ({ skip }) => {
      const why = cannot["early data"];
      if (why !== undefined) skip(why);
      const running = await keep(start(identity(), { version: "TLSv1.3", earlyData: true }));
      const sessions = new MemorySessionStore();
      running.type?.("webtls");
      const info = await sendEarly(
        (earlyData) =>
          openCore(running.port, speech, { sessions, ...(earlyData && { earlyData }) }),
        speech,
        fate,
      );
      expect(info).toMatchObject({ handshake: "resumed", earlyData: "accepted" });
      if (fate === "printed") await running.printed?.(earlyPrinted);
    });
  });
