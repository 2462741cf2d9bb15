/**
 * Pages without `crypto.subtle`: over plain HTTP from another machine. There all cryptography is
 * the libraries', loaded on demand.
 */

import { certStatus, ocspResponse } from "../test/ocsp.ts";
import { bridgeKinds, startBridge } from "../test/servers/bridges.ts";
import { startOpenssl } from "../test/servers/openssl.ts";
import { startPeer } from "../test/servers/peers.ts";
import { insecureHost } from "./rig/chromium.ts";
import { expect, pagesOrigin, test } from "./rig/fixtures.ts";
import { openLab } from "./rig/lab.ts";

const origin = () => pagesOrigin().replace("127.0.0.1", insecureHost);

for (const kind of bridgeKinds) {
  for (const version of ["TLSv1.3", "TLSv1.2"] as const) {
    for (const keyType of ["ecdsa-p256", "rsa-2048"] as const) {
      test(`${version} with ${keyType} through ${kind}`, async ({ page, root, identity, keep }) => {
        const bridge = await keep(startBridge(kind, origin()));
        const server = await keep(startPeer("s_server", await identity(keyType), { version }));
        await bridge.allow(server.port);
        await openLab(page, origin());
        expect(await page.evaluate(() => [isSecureContext, typeof crypto.subtle])).toEqual([
          false,
          "undefined",
        ]);
        const found = await page.evaluate((trial) => window.rig.negotiate(trial), {
          bridge: { kind, url: bridge.url },
          address: `localhost:${server.port}`,
          roots: root.pem,
        });
        expect(found).toMatchObject({ version, answer: "sltbew" });
      });
    }
  }
}

test("without AES of the platform, ChaCha20 is asked for first", async ({
  page,
  root,
  identity,
  keep,
}) => {
  const bridge = await keep(startBridge("webtls", origin()));
  const server = await keep(startPeer("s_server", await identity()));
  await openLab(page, origin());
  const found = await page.evaluate((trial) => window.rig.negotiate(trial), {
    bridge: { kind: "webtls", url: bridge.url },
    address: `localhost:${server.port}`,
    roots: root.pem,
  } as const);
  // s_server takes the first that it knows.
  expect(found.cipherSuite).toBe("TLS_CHACHA20_POLY1305_SHA256");
});

test("stapled OCSP responses are verified, SHA-1 in JavaScript", async ({ page, root, keep }) => {
  const bridge = await keep(startBridge("webtls", origin()));
  await openLab(page, origin());
  const refusalOf = async (status: Uint8Array) => {
    const leaf = await root.issue({ names: ["localhost"] });
    const response = ocspResponse(root, leaf, { answers: [{ status }] });
    const files = { "-status_file": response };
    const server = await keep(startOpenssl(leaf, [], "reverse", files));
    await bridge.allow(server.port);
    const trial = {
      bridge: { kind: "webtls", url: bridge.url },
      address: `localhost:${server.port}`,
      roots: root.pem,
      options: { ocspStapling: "required" },
    } as const;
    return page.evaluate(
      (trial) =>
        window.rig.negotiate(trial).then(
          () => "none",
          ({ code }) => String(code),
        ),
      trial,
    );
  };
  expect(await refusalOf(certStatus.good)).toBe("none");
  expect(await refusalOf(certStatus.revoked())).toBe("certificate/revoked");
});
