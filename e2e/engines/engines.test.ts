/**
 * The library in three engines, through both bridges, to real servers. What engines lack is replaced
 * by the library; this shows that it is, and where an engine can't be made to do the same.
 */

import { createHash } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type Authority, createAuthority, type Issued } from "../../test/authority.ts";
import { certificateFaults } from "../../test/certificate-faults.ts";
import { make, openssl } from "../../test/command.ts";
import { bridgeKinds, type RunningBridge, startBridge } from "../../test/servers/bridges.ts";
import {
  echo,
  source,
  startNodeTls,
  startStartTls,
  startTruncating,
} from "../../test/servers/node-tls.ts";
import { patternChunk } from "../../test/servers/pattern.ts";
import { type PeerLimits, startPeer } from "../../test/servers/peers.ts";
import { startCountingRelay } from "../../test/servers/tcp.ts";
import type { Trial } from "../page/rig.ts";
import { untilSteady } from "../rig/steady.ts";
import { chromium } from "./drivers/chromium.ts";
import type { Driver } from "./drivers/driver.ts";
import { firefox } from "./drivers/firefox.ts";
import { webkitGtk } from "./drivers/webkitgtk.ts";
import { algorithmsMissing, fallbacksLoaded, remarksOn } from "./fallbacks.ts";
import { startHelloCatcher } from "./hello-catcher.ts";
import type { Platform } from "./page/platform.ts";
import { type BuiltPage, buildPage, type PageHost, startPageHost } from "./page-host.ts";

const mebibyte = 1024 * 1024;
const shownFaults = ["expired", "of an unknown issuer", "for another name"];
const versions = ["TLSv1.3", "TLSv1.2"] as const;

let built: BuiltPage;
let root: Authority;
let identity: Issued;

beforeAll(async () => {
  [built, root] = await Promise.all([buildPage(), createAuthority()]);
  const intermediate = await root.intermediate();
  identity = await intermediate.issue({ names: ["localhost", "127.0.0.1"] });
});
afterAll(() => built?.remove());

const drivers = [chromium, firefox, webkitGtk].map((driver) => [driver.name, driver] as const);
describe.each(drivers)("%s", (_, driver) => {
  let host: PageHost;
  let opening: ReturnType<typeof open>;
  let platform: Platform;

  beforeAll(async () => {
    host = await startPageHost(built);
    opening = open(driver, host);
    await opening.catch(() => {});
  });
  // An engine that can't be opened fails every test: with a failed beforeAll they would be skipped.
  beforeEach(async () => {
    ({ platform } = await opening);
  });
  afterAll(async () => {
    const opened = await opening?.catch(() => undefined);
    await opened?.engine.close();
    await host?.stop();
  });

  describe.each(bridgeKinds)("%s", (kind) => {
    let bridge: RunningBridge;

    beforeAll(async () => {
      bridge = await startBridge(kind, host.origin);
    });
    afterAll(() => bridge?.stop());

    async function trial(port: number, options: Trial["options"] = {}): Promise<Trial> {
      await bridge.allow(port);
      const address = `localhost:${port}`;
      return { bridge: { kind, url: bridge.url }, address, roots: root.pem, options };
    }

    /** A relay before the bridge, and the trial that goes through it. */
    async function relayed(port: number) {
      const direct = await trial(port);
      const url = new URL(bridge.url);
      const relay = await keep(startCountingRelay(Number(url.port)));
      url.port = String(relay.port);
      return { relay, through: { ...direct, bridge: { kind, url: url.href } } };
    }

    test.each<[string, PeerLimits]>([
      ["TLS 1.3", { version: "TLSv1.3" }],
      ["TLS 1.2", { version: "TLSv1.2" }],
      ["TLS 1.3, ChaCha20", { version: "TLSv1.3", suite: "TLS_CHACHA20_POLY1305_SHA256" }],
      ["TLS 1.3, P-384", { version: "TLSv1.3", group: "secp384r1" }],
    ])("handshake: %s", async (_, limits) => {
      const server = await keep(startPeer("s_server", identity, limits));
      const found = await host.run("negotiate", await trial(server.port));
      expect(found).toMatchObject({
        version: limits.version,
        answer: "sltbew",
        ...(limits.suite && { cipherSuite: limits.suite }),
        ...(limits.group && { group: limits.group }),
      });
    });

    test("X25519MLKEM768 is offered", async () => {
      const catcher = await keep(startHelloCatcher());
      const refused = host.run("refusal", await trial(catcher.port));
      const { groups, keyShares } = await catcher.hello;
      await refused;
      expect(groups[0]).toBe(0x11ec);
      // draft-ietf-tls-ecdhe-mlkem: an ML-KEM-768 key of 1184 bytes and an X25519 key of 32.
      expect(keyShares.get(0x11ec)).toHaveLength(1184 + 32);
    });

    test.each(versions)("1 MiB each way: %s", async (version) => {
      const limits = { minVersion: version, maxVersion: version };
      const server = await keep(startNodeTls(identity, echo, limits));
      const { sent, received } = await host.run("roundTrip", await trial(server.port), mebibyte);
      expect(received).toBe(sent);
      expect(server.seen).toMatchObject([{ version }]);
    });

    test.each(versions)("a truncation is told: %s", async (version) => {
      const text = "some words before the end";
      const limits = { minVersion: version, maxVersion: version } as const;
      const server = await keep(startTruncating(identity, text, limits));
      const found = await host.run("truncation", await trial(server.port));
      expect(found).toMatchObject({ reading: "closed/truncated", closed: "closed/truncated" });
      // websockify may lose the tail; what comes is the beginning, and our own bridge loses none.
      if (kind === "websockify") expect(text.startsWith(found.received)).toBe(true);
      else expect(found.received).toBe(text);
    });

    const faults = certificateFaults
      .filter(({ fault }) => shownFaults.includes(fault))
      .map((fault) => [fault.fault, fault] as const);
    test.each(faults)("a certificate is refused: %s", async (_, { make, code, alert }) => {
      const server = await keep(startNodeTls(await make(root), echo));
      const found = await host.run("refusal", await trial(server.port));
      expect(found).toMatchObject({ code, alertSent: alert });
    });

    test.each(["P-256", "Ed25519", "RSA-2048"] as const)(
      "a client's own key is made, kept and used: %s",
      async (algorithm) => {
        const pem = await host.run("issueToItself", `${kind} ${algorithm}`, algorithm);
        const clientAuth = { ca: pem, requestCert: true, rejectUnauthorized: true };
        const server = await keep(startNodeTls(identity, greet, clientAuth));
        const found = await host.run("greetAs", await trial(server.port), `${kind} ${algorithm}`);
        expect(found).toEqual({
          clientCertificate: "sent",
          greeting: `hello ${kind} ${algorithm}`,
          exported: "InvalidAccessError",
        });
      },
    );

    test("a client's key is imported from PKCS#12", async () => {
      const { privateKey, pem } = await root.issue({ names: [], commonName: "Alice" });
      const files = { "key.pem": privateKey, "own.pem": pem };
      const pair = ["pkcs12", "-export", "-inkey", "key.pem", "-in", "own.pem"];
      const file = await make(
        "a.p12",
        openssl([...pair, "-passout", "pass:secret", "-out", "a.p12"], files),
      );
      const options = { password: "secret" };
      const subjects = await host.run("importIdentity", "Alice", file.toString("hex"), options);
      expect(subjects).toEqual(["CN=Alice"]);
    });

    test("startTls()", async () => {
      const server = await keep(startStartTls(identity));
      const found = await host.run(
        "upgrade",
        await trial(server.port, { secureTransport: "starttls" }),
      );
      expect(found).toEqual({
        greeting: "220 ready",
        goAhead: "220 go ahead",
        version: "TLSv1.3",
        echoed: "in private",
      });
    });

    test("a page that does not read", async ({ task }) => {
      const length = 64 * mebibyte;
      const server = await keep(startNodeTls(identity, source(length, undefined, { stay: true })));
      const { relay, through } = await relayed(server.port);
      await host.run("holdBack", through);
      const delivered = await untilSteady(relay.delivered);
      if (platform.webSocketStream || kind === "webtls") {
        // What fits in the page's windows and in the buffers of TCP; our bridge works by credit.
        expect(delivered).toBeLessThan(length / 2);
        task.meta.outcome = "held back";
      } else {
        // websockify can't be told to wait: the engine takes all there is and keeps it.
        expect(delivered).toBeGreaterThan(length);
        task.meta.outcome = "kept";
      }
      // Either way all of it is there for a page that reads after all.
      expect(await host.run("readHeld", length)).toBe(hashOfPattern(length));
    });

    test("a server that does not read", async ({ task }) => {
      const length = 64 * mebibyte;
      const server = await keep(startNodeTls(identity, (socket) => socket.pause()));
      const { relay, through } = await relayed(server.port);
      await host.run("flood", through, length);
      // websockify itself takes all that the page sends: there the bridge is what does not read.
      if (kind === "websockify") relay.holdUploads();
      const accepted = await untilSteady(() => host.run("accepted"));
      await host.run("endFlood");
      if (platform.webSocketStream || platform.countsUnsent || kind === "webtls") {
        expect(accepted).toBeLessThan(length / 2);
        task.meta.outcome = "held back";
      } else {
        // An engine that calls bytes sent when it has them can't be seen to be behind.
        expect(accepted).toBe(length);
        task.meta.outcome = "kept";
      }
    });
  });

  // WebKitGTK fails to make one of 128 at the first attempt.
  test("no key is left unmade", async () => {
    expect(await host.run("makeKeys", "Ed25519", 500)).toBe(500);
  });

  test("fast downloads are decrypted by a worker of the worker's own", async () => {
    expect(await host.run("readAside", 100)).toBe(true);
  });

  test("fallbacks are loaded for what is missing, and no others", ({ task }) => {
    task.meta.remarks = remarksOn(platform, host.requests);
    expect(fallbacksLoaded(host.requests)).toEqual(algorithmsMissing(platform));
  });

  test("no error goes unhandled on the page", () => {
    expect(host.complaints).toEqual([]);
  });
});

/** Greets whoever has a certificate. */
function greet(socket: TLSSocket): void {
  socket.write(`hello ${socket.getPeerCertificate().subject.CN}\n`);
}

/** Opens the page in an engine and asks what the engine has. */
async function open(driver: Driver, host: PageHost) {
  const engine = await driver.open(`${host.origin}/`);
  try {
    return { engine, platform: await host.run("describePlatform") };
  } catch (cause) {
    await engine.close();
    throw new Error(`${driver.name} does not run the page. It printed: ${engine.output()}`, {
      cause,
    });
  }
}

/** Ends what a test has started when the test ends. */
async function keep<T extends { stop(): Promise<void> }>(started: Promise<T>): Promise<T> {
  const running = await started;
  onTestFinished(() => running.stop());
  return running;
}

function hashOfPattern(length: number): string {
  const hash = createHash("sha256");
  for (let at = 0; at < length; at += mebibyte) hash.update(patternChunk(at, mebibyte));
  return hash.digest("hex");
}
