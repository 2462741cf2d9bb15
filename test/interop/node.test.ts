/** Real servers of seven TLS libraries' making, from Node. */

import { beforeAll, describe, expect, test } from "vitest";
import { createAuthority } from "../authority.ts";
import type { LocalServer } from "../servers/tcp.ts";
import { bulk, exchangeData, partAtServer } from "./converse.ts";
import { identity, keep, open, useRig } from "./rig.ts";
import { realServers } from "./servers.ts";

useRig();

for (const { name, speech, start, missing, prepare, retry, alpn, hybrid, oneWay } of realServers)
  describe.skipIf(missing !== undefined)(name, () => {
    beforeAll(async () => {
      if (prepare !== undefined) await keep(prepare());
    }, 240_000);

    describe.each(["TLSv1.3", "TLSv1.2"] as const)("%s", (version) => {
      let server: LocalServer;
      // The client too is held to the version: not every server can be.
      const only = { minVersion: version, maxVersion: version };
      beforeAll(async () => {
        server = await keep(start(identity(), { version }));
      });

      test(`handshake, ${oneWay ? "1 MiB from the server" : "1 MiB each way"}`, async () => {
        const connection = await open(server.port, speech, only);
        const { certificates, verifiedPath, ...info } = await connection.opened;
        expect(info).toMatchObject({ version, extendedMasterSecret: true });
        expect(certificates).toHaveLength(2);
        expect(verifiedPath).toHaveLength(2);
        await exchangeData(connection, speech, bulk);
        await connection.close();
        await connection.closed;
      });

      test("the server closes", async () => {
        const connection = await open(server.port, speech, only);
        await partAtServer(connection, speech);
      });

      test("the client closes", async () => {
        const connection = await open(server.port, speech, only);
        await connection.opened;
        await connection.close();
        await connection.closed;
      });

      test("a certificate refused: of another name", async () => {
        const connection = await open(server.port, speech, {
          ...only,
          servername: "other.example",
        });
        const refused = { code: "certificate/wrong-name", alertSent: "bad_certificate" };
        await expect(connection.opened).rejects.toMatchObject(refused);
        await expect(connection.closed).rejects.toMatchObject(refused);
      });

      test("a certificate refused: of an unknown issuer", async () => {
        const roots = (await createAuthority({ commonName: "another root" })).pem;
        const connection = await open(server.port, speech, { ...only, roots });
        const refused = { code: "certificate/unknown-issuer", alertSent: "unknown_ca" };
        await expect(connection.opened).rejects.toMatchObject(refused);
        await expect(connection.closed).rejects.toMatchObject(refused);
      });

      if (alpn !== undefined) {
        test("ALPN", async () => {
          const connection = await open(server.port, speech, { ...only, alpn: ["other", alpn] });
          expect(await connection.opened).toMatchObject({ alpn });
          await connection.close();
        });
      }
    });

    test("HelloRetryRequest", async () => {
      const server = await keep(start(identity(), retry.limits));
      const connection = await open(server.port, speech);
      const expected = { version: "TLSv1.3", handshake: "hello-retry-request", group: retry.wants };
      expect(await connection.opened).toMatchObject(expected);
      await exchangeData(connection, speech, bulk);
      await connection.close();
    });

    test("X25519MLKEM768", async ({ skip }) => {
      if (!hybrid) skip("it does not have the group");
      const server = await keep(start(identity(), { version: "TLSv1.3" }));
      const connection = await open(server.port, speech);
      expect(await connection.opened).toMatchObject({ group: "X25519MLKEM768", handshake: "full" });
      await exchangeData(connection, speech, bulk);
      await connection.close();
    });
  });
