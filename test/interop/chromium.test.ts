/** The same servers from a page in Chromium, through both bridges, by the page's own API. */

import { beforeAll, describe, expect, test } from "vitest";
import { bridgeKinds, type RunningBridge, startBridge } from "../servers/bridges.ts";
import type { LocalServer } from "../servers/tcp.ts";
import { type OpenPage, openPage } from "./chromium.ts";
import { bulk, some } from "./converse.ts";
import type { Trial } from "./page/main.ts";
import { identity, keep, roots, useRig } from "./rig.ts";
import { realServers } from "./servers.ts";

useRig();

let lab: OpenPage;
const bridges = new Map<string, RunningBridge>();

beforeAll(async () => {
  lab = await keep(openPage("/test/interop/page/", "interop"));
  for (const kind of bridgeKinds) bridges.set(kind, await keep(startBridge(kind, lab.origin)));
});

for (const { name, speech, start, missing, prepare, oneWay } of realServers)
  describe.skipIf(missing !== undefined)(name, () => {
    beforeAll(async () => {
      if (prepare !== undefined) await keep(prepare());
    }, 240_000);

    describe.each(["TLSv1.3", "TLSv1.2"] as const)("%s", (version) => {
      let server: LocalServer;
      beforeAll(async () => {
        server = await keep(start(identity(), { version }));
      });

      test.each(bridgeKinds)("Chromium through %s", async (kind) => {
        const bridge = bridges.get(kind);
        if (bridge === undefined) throw new Error(`no bridge ${kind}`);
        await bridge.allow(server.port);
        const address = `localhost:${server.port}`;
        const trial = {
          bridge: { kind, url: bridge.url },
          address,
          roots: roots(),
          speech,
          version,
          length: oneWay && kind === "websockify" ? some : bulk,
        };
        const info = await lab.page.evaluate(
          (trial: Trial) => window.interop.converse(trial),
          trial satisfies Trial,
        );
        expect(info).toMatchObject({ version });
      });
    });
  });
