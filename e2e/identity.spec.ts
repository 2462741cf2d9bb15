/** Client certificates that the page makes, imports and keeps, shown to real servers. */

import type { TLSSocket } from "node:tls";
import type { Browser, Page } from "@playwright/test";
import { type Authority, createAuthority, purposes } from "../test/authority.ts";
import { make, openssl, run } from "../test/command.ts";
import { startNodeTls } from "../test/servers/node-tls.ts";
import { startOpenssl } from "../test/servers/openssl.ts";
import { bridgeKinds, expect, pagesOrigin, test } from "./rig/fixtures.ts";
import { openLab } from "./rig/lab.ts";

/** A browser profile of its own, with a page. */
async function withProfile(browser: Browser, use: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext();
  try {
    await use(await openLab(await context.newPage(), pagesOrigin()));
  } finally {
    await context.close();
  }
}

async function reload(page: Page): Promise<void> {
  await page.reload();
  await page.waitForFunction(() => "rig" in window);
}

/** Signs a request as an authority does that has OpenSSL. @returns the chain in PEM. */
async function sign(request: string, { pem, chainPem, privateKey }: Authority): Promise<string> {
  const files = { "a.csr": request, "ca.pem": pem, "ca.key": privateKey };
  const verified = await run(openssl(["req", "-in", "a.csr", "-verify", "-noout"], files));
  expect(verified.text).toContain("verify OK");
  const by = ["-CA", "ca.pem", "-CAkey", "ca.key", "-copy_extensions", "copyall", "-days", "5"];
  const issued = await make(
    "a.pem",
    openssl(["x509", "-req", "-in", "a.csr", ...by, "-out", "a.pem"], files),
  );
  return issued.toString() + chainPem;
}

/** Greets whoever has a certificate. */
function greet(socket: TLSSocket): void {
  socket.write(`hello ${socket.getPeerCertificate().subject.CN}\n`);
}

async function staffOf(commonName: string) {
  const root = await createAuthority({ commonName });
  return { root, intermediate: await root.intermediate({ commonName: `${commonName} 2` }) };
}

for (const bridge of bridgeKinds) {
  for (const algorithm of ["P-256", "Ed25519", "RSA-2048"] as const) {
    test(`a ${algorithm} key made here is certified, kept over reloads, and shown (through ${bridge})`, async ({
      browser,
      identity,
      keep,
      trial,
    }) => {
      const staff = await staffOf("Staff");
      const clientAuth = { ca: staff.root.pem, requestCert: true, rejectUnauthorized: true };
      const server = await keep(startNodeTls(await identity(), greet, clientAuth));
      const to = await trial(bridge, server.port);
      await withProfile(browser, async (page) => {
        const request = await page.evaluate(
          (algorithm) => window.rig.requestIdentity("Alice", algorithm),
          algorithm,
        );
        const chain = await sign(request, staff.intermediate);
        await reload(page);
        const kept = await page.evaluate(
          (chain) => window.rig.completeIdentity("Alice", chain),
          chain,
        );
        expect(kept).toEqual({ identities: ["Alice"], keys: [] });
        await reload(page);
        const found = await page.evaluate((to) => window.rig.greetAs(to, "Alice"), to);
        expect(found).toEqual({
          clientCertificate: "sent",
          greeting: "hello Alice",
          exported: "InvalidAccessError",
        });
      });
    });
  }
}

test("s_server -Verify takes a certificate that came by a request", async ({
  browser,
  identity,
  keep,
  trial,
}) => {
  const staff = await staffOf("Staff");
  const server = await keep(
    startOpenssl(await identity(), ["-Verify", "2", "-verify_return_error"], "interactive", {
      "-CAfile": staff.root.pem,
    }),
  );
  const to = await trial("websockify", server.port);
  await withProfile(browser, async (page) => {
    const request = await page.evaluate(() => window.rig.requestIdentity("Alice", "P-384"));
    const chain = await sign(request, staff.intermediate);
    await page.evaluate((chain) => window.rig.completeIdentity("Alice", chain), chain);
    const greeted = page.evaluate((to) => window.rig.greetAs(to, "Alice"), to);
    await server.printed(/subject=CN = Alice/);
    server.type("hello from s_server");
    expect(await greeted).toMatchObject({
      clientCertificate: "sent",
      greeting: "hello from s_server",
    });
  });
});

test("a server takes a certificate that the client has issued to itself, once it knows it", async ({
  browser,
  identity,
  keep,
  trial,
}) => {
  await withProfile(browser, async (page) => {
    const pem = await page.evaluate(() => window.rig.issueToItself("Alice"));
    const clientAuth = { ca: pem, requestCert: true, rejectUnauthorized: true };
    const server = await keep(startNodeTls(await identity(), greet, clientAuth));
    await reload(page);
    const to = await trial("webtls", server.port);
    const found = await page.evaluate((to) => window.rig.greetAs(to, "Alice"), to);
    expect(found.greeting).toBe("hello Alice");
  });
});

test.describe("a PKCS#12 file by openssl", () => {
  const password = "Grüße, 密码 🔑";

  async function pkcs12(args: readonly string[] = []) {
    const { root, intermediate } = await staffOf("Staff");
    const extendedKeyUsage = [purposes.clientAuth];
    const keyType = "rsa-2048";
    const client = await intermediate.issue({
      names: [],
      commonName: "Alice",
      extendedKeyUsage,
      keyType,
    });
    const files = {
      "key.pem": client.privateKey,
      "own.pem": client.pem,
      "others.pem": root.pem + intermediate.pem,
      pass: password,
    };
    const command = ["pkcs12", "-export", "-inkey", "key.pem", "-in", "own.pem"];
    const out = ["-certfile", "others.pem", "-passout", "file:pass", "-out", "a.p12", ...args];
    const file = await make("a.p12", openssl([...command, ...out], files));
    return { hex: file.toString("hex"), root };
  }

  test("is imported, kept and shown", async ({ browser, identity, keep, trial }) => {
    const { hex, root } = await pkcs12();
    const clientAuth = { ca: root.pem, requestCert: true, rejectUnauthorized: true };
    const server = await keep(startNodeTls(await identity(), greet, clientAuth));
    const to = await trial("webtls", server.port);
    await withProfile(browser, async (page) => {
      const subjects = await page.evaluate(
        ({ hex, password }) => window.rig.importIdentity("work", hex, { password }),
        { hex, password },
      );
      expect(subjects).toEqual(["CN=Alice", "CN=Staff 2"]);
      await reload(page);
      expect(await page.evaluate((to) => window.rig.greetAs(to, "work"), to)).toEqual({
        clientCertificate: "sent",
        greeting: "hello Alice",
        exported: "InvalidAccessError",
      });
    });
  });

  for (const { what, args, given, code } of [
    { what: "of the old kind", args: ["-legacy"], given: password, code: "unsupported-file" },
    { what: "under another password", args: [], given: "Grüße", code: "wrong-password" },
    // Chromium's WebCrypto has none.
    {
      what: "by AES-192",
      args: ["-keypbe", "AES-192-CBC", "-certpbe", "AES-192-CBC"],
      given: password,
      code: "configuration/unsupported-platform",
    },
  ]) {
    test(`${what} is refused`, async ({ lab }) => {
      const { hex } = await pkcs12(args);
      const found = await lab.evaluate(
        ({ hex, password }) =>
          window.rig.failure(window.rig.importIdentity("work", hex, { password })),
        { hex, password: given },
      );
      expect(found.code).toBe(code.includes("/") ? code : `identity/${code}`);
      expect(found.message).not.toContain("Grüße");
    });
  }
});

test("the store keeps no key that scripts can read", async ({ browser }) => {
  await withProfile(browser, async (page) => {
    const found = await page.evaluate(async () => {
      const { identities, failure } = window.rig;
      const store = await identities.openIdentityStore();
      const keys = await identities.generateKeys({ extractable: true });
      const subject = { commonName: "Alice" };
      const identity = await identities.createSelfSigned({ keys, subject });
      return [
        await failure(store.keys.save("Alice", keys)),
        await failure(store.identities.save("Alice", identity)),
      ].map(({ code }) => code);
    });
    expect(found).toEqual(["configuration/invalid-option", "configuration/invalid-option"]);
  });
});

test("the store is one for all tabs, and one by each name of a database", async ({ browser }) => {
  await withProfile(browser, async (page) => {
    await page.evaluate(() => window.rig.issueToItself("Zoë"));
    const tab = await openLab(await page.context().newPage(), pagesOrigin());
    await tab.evaluate(() => window.rig.issueToItself("Alice"));
    const found = await page.evaluate(async () => {
      const { openIdentityStore } = window.rig.identities;
      const store = await openIdentityStore();
      const other = await openIdentityStore({ database: "another" });
      const listed = [await store.identities.list(), await other.identities.list()];
      const alice = await store.identities.load("Alice");
      if (alice !== undefined) await other.identities.save("Alice 2", alice);
      await store.identities.delete("Alice");
      await store.identities.delete("nobody");
      const gone = await store.identities.load("Alice");
      return [...listed, await store.identities.list(), await other.identities.list(), gone];
    });
    expect(found).toEqual([["Alice", "Zoë"], [], ["Zoë"], ["Alice 2"], undefined]);
  });
});

test("the store lets others change and delete the database, and is opened anew", async ({
  browser,
}) => {
  await withProfile(browser, async (page) => {
    const found = await page.evaluate(async () => {
      const { identities, failure } = window.rig;
      const store = await identities.openIdentityStore();
      await store.keys.save("Alice", await identities.generateKeys());
      const outcome = (request: IDBOpenDBRequest) =>
        new Promise<IDBDatabase>((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      await outcome(indexedDB.deleteDatabase("webtls-identities"));
      const afterDeletion = await store.keys.list();
      const newer = await outcome(indexedDB.open("webtls-identities", 2));
      const withNewer = await failure(store.keys.list());
      newer.close();
      return [afterDeletion, withNewer.code];
    });
    expect(found).toEqual([[], "identity/storage-failed"]);
  });
});

test("what something else has written into the store is not taken", async ({ browser }) => {
  await withProfile(browser, async (page) => {
    const codes = await page.evaluate(async () => {
      const { identities, failure } = window.rig;
      const store = await identities.openIdentityStore();
      const keys = await identities.generateKeys({ extractable: true });
      const request = indexedDB.open("webtls-identities");
      await new Promise((resolve) => {
        request.onsuccess = resolve;
      });
      const transaction = request.result.transaction(["identities", "keys"], "readwrite");
      transaction.objectStore("keys").put(keys, "readable");
      transaction.objectStore("identities").put({ certificates: [], key: "PEM" }, "no identity");
      await new Promise((resolve) => {
        transaction.oncomplete = resolve;
      });
      const failures = [
        await failure(store.keys.load("readable")),
        await failure(store.identities.load("no identity")),
      ];
      return failures.map(({ code }) => code);
    });
    expect(codes).toEqual(["identity/storage-failed", "identity/storage-failed"]);
  });
});

test("a server's certificates are inspected", async ({ lab, identity, keep, trial }) => {
  const server = await keep(startNodeTls(await identity(), () => {}));
  const found = await lab.evaluate(
    (trial) => window.rig.inspectServer(trial),
    await trial("webtls", server.port),
  );
  expect(found.subjects).toEqual(["CN=localhost", "CN=webtls test intermediate"]);
  expect(found.names).toContain("localhost");
});
