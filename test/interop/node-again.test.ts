/** Real servers that know the client by its certificate. */

import { beforeAll, describe, expect, test } from "vitest";
import { exchangeData, some } from "./converse.ts";
import { clientIdentity, identity, keep, openCore, roots, useRig } from "./rig.ts";
import { realServers } from "./servers.ts";

useRig();

for (const server of realServers)
  describe.skipIf(server.missing !== undefined)(server.name, () => {
    const { speech, start, prepare, cannot } = server;
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
    });
  });
