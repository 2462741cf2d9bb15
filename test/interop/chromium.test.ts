/** The same servers from a page in Chromium, through a bridge, by the page's own API. */

import { beforeAll, describe, expect, test } from "vitest";
import { createEchKey, echList } from "../ech-keys.ts";
import {
  type BridgeKind,
  bridgeKinds,
  type RunningBridge,
  startBridge,
} from "../servers/bridges.ts";
import { startSelfserv } from "../servers/nss.ts";
import { startOpenssl } from "../servers/openssl.ts";
import { type OpenPage, openPage } from "./chromium.ts";
import { bulk, earlyPatience, some } from "./converse.ts";
import type { Trial } from "./page/main.ts";
import { clientIdentity, identity, keep, roots, useRig } from "./rig.ts";
import { earlyPrinted, noGo, realServers, startGo } from "./servers.ts";
import type { SpeechName } from "./speeches.ts";

useRig();

let lab: OpenPage;
const bridges = new Map<string, RunningBridge>();

beforeAll(async () => {
  lab = await keep(openPage("/test/interop/page/", "interop"));
  for (const kind of bridgeKinds) bridges.set(kind, await keep(startBridge(kind, lab.origin)));
});

/** What the page is told about a server. */
async function trialOf(
  port: number,
  speech: SpeechName,
  {
    kind = "webtls",
    length = some,
    ...options
  }: Trial["options"] & {
    kind?: BridgeKind;
    length?: number;
  } = {},
): Promise<Trial> {
  const bridge = bridges.get(kind);
  if (bridge === undefined) throw new Error(`no bridge ${kind}`);
  await bridge.allow(port);
  return {
    bridge: { kind, url: bridge.url },
    address: `localhost:${port}`,
    roots: roots(),
    speech,
    options,
    length,
  };
}

for (const server of realServers)
  describe.skipIf(server.missing !== undefined)(server.name, () => {
    const {
      speech,
      start,
      prepare,
      oneWay,
      hybrid,
      cannot,
      retry,
      early: fate = "answered",
    } = server;
    beforeAll(async () => {
      if (prepare !== undefined) await keep(prepare());
    }, 240_000);

    describe.each(["TLSv1.3", "TLSv1.2"] as const)("%s", (version) => {
      const only = { minVersion: version, maxVersion: version };
      let port: number;
      beforeAll(async () => {
        ({ port } = await keep(start(identity(), { version })));
      });

      test.each(bridgeKinds)("Chromium through %s", async (kind) => {
        const length = oneWay && kind === "websockify" ? some : bulk;
        const trial = await trialOf(port, speech, { ...only, kind, length });
        const info = await lab.page.evaluate((trial) => window.interop.converse(trial), trial);
        const isHybrid = hybrid && version === "TLSv1.3";
        expect(info).toMatchObject({ version, ...(isHybrid && { group: "X25519MLKEM768" }) });
      });

      test("Chromium, resumption", async ({ skip }) => {
        const why = cannot[`resumption in ${version}`];
        if (why !== undefined) skip(why);
        const trial = await trialOf(port, speech, only);
        const infos = await lab.page.evaluate((trial) => window.interop.comeAgain(trial), trial);
        const handshakes = infos.map(({ handshake }) => handshake);
        expect(handshakes).toEqual(["full", "resumed", "resumed"]);
      });

      test("Chromium, a client certificate", async () => {
        const { port } = await keep(start(identity(), { version, clients: roots() }));
        const { chainPem: certificates, privateKey: key } = clientIdentity();
        const trial = await trialOf(port, speech, { ...only, identity: { certificates, key } });
        const info = await lab.page.evaluate((trial) => window.interop.converse(trial), trial);
        expect(info).toMatchObject({ version, clientCertificate: "sent" });
      });
    });

    test("Chromium, HelloRetryRequest", async () => {
      const { port } = await keep(start(identity(), retry.limits));
      const trial = await trialOf(port, speech, { length: oneWay ? some : bulk });
      const info = await lab.page.evaluate((trial) => window.interop.converse(trial), trial);
      expect(info).toMatchObject({ handshake: "hello-retry-request", group: retry.wants });
    });

    test("Chromium, early data", { timeout: 2 * earlyPatience }, async ({ skip }) => {
      const why = cannot["early data"];
      if (why !== undefined) skip(why);
      const running = await keep(start(identity(), { version: "TLSv1.3", earlyData: true }));
      running.type?.("webtls");
      const trial = { ...(await trialOf(running.port, speech)), fate };
      const info = await lab.page.evaluate((trial) => window.interop.comeEarly(trial), trial);
      expect(info).toMatchObject({ handshake: "resumed", earlyData: "accepted" });
      if (fate === "printed") await running.printed?.(earlyPrinted);
    });
  });

describe.skipIf(noGo !== undefined)("Go", () => {
  test("Chromium, Encrypted Client Hello, and resumption under it", async () => {
    const key = createEchKey();
    const { port, negotiated } = await keep(startGo(identity(), { version: "TLSv1.3", ech: key }));
    const trial = await trialOf(port, "echo");
    const ech = Buffer.from(echList(key.config)).toString("hex");
    const infos = await lab.page.evaluate(({ trial, ech }) => window.interop.hide(trial, ech), {
      trial,
      ech,
    });
    const expected = { ech: "accepted", handshake: "resumed" };
    expect(infos).toMatchObject([{ ...expected, handshake: "full" }, expected, expected]);
    expect(await negotiated()).toMatchObject({ ech: true, resumed: true, serverName: "localhost" });
  });
});

describe("OpenSSL", () => {
  test("Chromium, an external PSK", async () => {
    const key = new Uint8Array(32).fill(7);
    const text = Buffer.from(key).toString("hex");
    const args = ["-psk", text, "-psk_identity", "webtls"];
    const { port } = await keep(startOpenssl(identity(), ["-tls1_3", ...args], "echo"));
    const trial = await trialOf(port, "echo");
    const info = await lab.page.evaluate(
      ({ trial, text }) => window.interop.knowKey(trial, "webtls", text),
      { trial, text },
    );
    expect(info).toMatchObject({ cipherSuite: "TLS_AES_128_GCM_SHA256", handshake: "full" });
    expect(info.signatureScheme).toBeUndefined();
  });
});

describe("NSS", () => {
  test("Chromium, post-handshake authentication, which is not offered", async () => {
    const limits = { version: "TLSv1.3", asksAgain: true } as const;
    const { port } = await keep(startSelfserv(identity(), limits, { greeting: "webtls\n" }));
    const trial = await trialOf(port, "selfserv");
    // The server can't ask, and ends the connection as it should be ended.
    expect(await lab.page.evaluate((trial) => window.interop.askAndLeave(trial), trial)).toBe(0);
  });
});
