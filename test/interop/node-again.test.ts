/** Real servers that know the client: by its certificate, by a session, by a key of both. */

import { beforeAll, describe, expect, test } from "vitest";
import { MemorySessionStore } from "../../src/stream/duplex.ts";
import { bulk, exchangeData, some } from "./converse.ts";
import { clientIdentity, identity, keep, openCore, roots, useRig } from "./rig.ts";
import { type RunningServer, realServers } from "./servers.ts";
import { speeches } from "./speeches.ts";
import { type Streams, Talk } from "./talk.ts";

useRig();

/** How long a server may take until it takes early data: those that watch for replays do. */
const patience = 25_000;

for (const server of realServers)
  describe.skipIf(server.missing !== undefined)(server.name, () => {
    const { speech, start, prepare, cannot, oneWay, early: shown = "answered" } = server;
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

    test("early data", { timeout: 2 * patience }, async ({ skip }) => {
      const why = cannot["early data"];
      if (why !== undefined) skip(why);
      const { early } = speeches[speech];
      if (early === undefined) throw new Error(`nothing may be said early in ${speech}`);
      const limits = { version: "TLSv1.3", earlyData: true } as const;
      const running = await keep(start(identity(), limits));
      const sessions = new MemorySessionStore();
      const data = new TextEncoder().encode(early.data);
      const end = performance.now() + patience;
      for (;;) {
        const first = await openCore(running.port, speech, { sessions });
        await first.opened;
        // Tickets come ahead of what the server says.
        if (shown === "printed") await hear(first, running);
        else await exchangeData(first, speech, some);
        await first.close();
        const second = await openCore(running.port, speech, { sessions, earlyData: { data } });
        const info = await second.opened;
        expect(info.handshake).toBe("resumed");
        if (info.earlyData === "accepted") {
          if (shown === "answered") await early.answer(new Talk(second));
          else if (shown === "dropped") await exchangeData(second, speech, some);
          else await running.printed?.(/sent early\n[\s\S]*End of early data/);
          await second.close();
          return;
        }
        await second.close();
        expect(performance.now(), info.earlyData).toBeLessThan(end);
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    });
  });

/** Has the server say something by itself, and waits for it. */
async function hear(connection: Streams, { type }: RunningServer): Promise<void> {
  const talk = new Talk(connection);
  type?.("webtls");
  await talk.lineLike(/^webtls$/);
  talk.release();
}
