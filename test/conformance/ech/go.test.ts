/**
 * Encrypted Client Hello (RFC 9849) against Go's `crypto/tls`.
 */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type ConnectTlsOptions,
  connectTls,
  MemorySessionStore,
} from "../../../src/stream/duplex.ts";
import { type Authority, createAuthority, type Issued, purposes } from "../../authority.ts";
import { createEchKey, echList } from "../../ech-keys.ts";
import { failureOf } from "../../failure.ts";
import { buildGoProgram, type GoLimits, type GoProgram, whyNoGo } from "../../servers/go.ts";
import { openSocket } from "../../servers/socket.ts";

const missing = await whyNoGo();
if (missing !== undefined) console.warn(`not run: Encrypted Client Hello against Go: ${missing}`);

const secret = "secret.example";

describe.skipIf(missing !== undefined)("against Go's crypto/tls", () => {
  let root: Authority;
  let identity: Issued;
  let program: GoProgram;

  beforeAll(async () => {
    root = await createAuthority();
    identity = await root.issue({ names: [secret, "public.example"] });
    program = await buildGoProgram();
  });
  afterAll(() => program?.remove());

  async function withServer(
    limits: GoLimits,
    use: (server: Awaited<ReturnType<GoProgram["start"]>>) => Promise<void>,
    presented: Issued = identity,
  ) {
    const server = await program.start(presented, limits);
    try {
      await use(server);
    } finally {
      await server.stop();
    }
  }

  /** Connects, sends a line and has it echoed. */
  async function exchange(port: number, options: Partial<ConnectTlsOptions>) {
    const duplex = await openSocket(port);
    const tls = connectTls(duplex, { hostname: secret, roots: root.pem, ...options });
    const info = await tls.opened;
    const writer = tls.writable.getWriter();
    await writer.write(new TextEncoder().encode("through\n"));
    const { value } = await tls.readable.getReader().read();
    expect(new TextDecoder().decode(value)).toBe("through\n");
    await tls.close();
    return info;
  }

  const keys = [
    { name: "X25519, AES-128-GCM", fields: { suites: [[1, 1]] } },
    { name: "X25519, AES-256-GCM", fields: { suites: [[1, 2]] } },
    { name: "X25519, HKDF-SHA384, ChaCha20-Poly1305", fields: { suites: [[2, 3]] } },
    { name: "X25519, HKDF-SHA512", fields: { suites: [[3, 1]] } },
    { name: "P-256", fields: { kem: 0x10, suites: [[1, 1]] } },
    { name: "names of up to 100 bytes", fields: { maximumNameLength: 100 } },
  ] as const;
  for (const { name, fields } of keys) {
    test(`is accepted: ${name}`, async () => {
      const key = createEchKey(fields);
      await withServer({ ech: key }, async (server) => {
        const info = await exchange(server.port, { ech: echList(key.config), grease: true });
        expect(info).toMatchObject({ ech: "accepted", handshake: "full", version: "TLSv1.3" });
        expect(await server.negotiated()).toMatchObject({ ech: true, serverName: secret });
      });
    });
  }

  test("is accepted with ALPN and behind a HelloRetryRequest", async () => {
    const key = createEchKey();
    await withServer({ ech: key, group: "secp384r1", alpn: "proto" }, async (server) => {
      const info = await exchange(server.port, { ech: echList(key.config), alpn: ["proto"] });
      expect(info).toMatchObject({
        ech: "accepted",
        handshake: "hello-retry-request",
        alpn: "proto",
      });
      const negotiated = await server.negotiated();
      expect(negotiated).toMatchObject({ ech: true, retried: true, serverName: secret });
    });
  });

  test("hides a session that is resumed, also behind a HelloRetryRequest", async () => {
    const key = createEchKey();
    const options = { ech: echList(key.config), sessions: new MemorySessionStore() };
    for (const group of ["x25519", "secp384r1"] as const) {
      const sessions = new MemorySessionStore();
      await withServer({ ech: key, group }, async (server) => {
        await exchange(server.port, { ...options, sessions });
        const again = await exchange(server.port, { ...options, sessions });
        const isRetried = group === "secp384r1";
        expect(again).toMatchObject({
          ech: "accepted",
          handshake: isRetried ? "resumed-hello-retry-request" : "resumed",
        });
        expect(await server.negotiated()).toMatchObject({ ech: true, resumed: true });
      });
    }
  });

  test("is asked for by a function", async () => {
    const key = createEchKey();
    await withServer({ ech: key }, async (server) => {
      const asked: string[] = [];
      const ech = async (name: string) => {
        asked.push(name);
        return echList(key.config);
      };
      expect(await exchange(server.port, { ech })).toMatchObject({ ech: "accepted" });
      expect(asked).toEqual([secret]);
      const none = await exchange(server.port, { ech: () => undefined });
      expect(none).toMatchObject({ ech: "grease" });
    });
  });

  for (const group of [undefined, "secp384r1"] as const) {
    const retried = group === undefined ? "" : " behind a HelloRetryRequest";
    test(`is rejected${retried}, and accepted with the server's new keys`, async () => {
      const stale = createEchKey();
      const key = createEchKey({ id: 8 });
      const sessions = new MemorySessionStore();
      await withServer({ ech: key, ...(group && { group }) }, async (server) => {
        const steps: unknown[] = [];
        const tls = connectTls(await openSocket(server.port), {
          hostname: secret,
          roots: root.pem,
          ech: echList(stale.config),
          sessions,
          trace: ({ at, ...step }) => steps.push(step),
        });
        const error = await failureOf(() => tls.opened);
        expect(error).toMatchObject({ code: "handshake/ech-rejected", alertSent: "ech_required" });
        expect(error.echRetryConfigs).toEqual(echList(key.config));
        expect(steps).toContainEqual({ kind: "settled", ech: "rejected" });
        expect(await server.negotiated()).toMatchObject({
          ech: false,
          serverName: "public.example",
        });
        const ech = error.echRetryConfigs;
        if (ech === undefined) throw new Error("there should be keys");
        expect(await exchange(server.port, { ech, sessions })).toMatchObject({
          ech: "accepted",
          // Nothing was kept of the connection before.
          handshake: group === undefined ? "full" : "hello-retry-request",
        });
      });
    });
  }

  test("is turned off by a server that knows nothing of it, and by one of TLS 1.2", async () => {
    for (const limits of [{}, { version: "TLSv1.2" }] as const) {
      await withServer(limits, async ({ port }) => {
        const ech = echList(createEchKey().config);
        const error = await failureOf(() => exchange(port, { ech }));
        expect(error).toMatchObject({ code: "handshake/ech-rejected", alertSent: "ech_required" });
        expect(error.echRetryConfigs).toBeUndefined();
      });
    }
  });

  test("keeps the refusal of a server that is not the public one to itself", async () => {
    const other = await root.issue({ names: [secret] });
    const key = createEchKey({ id: 8 });
    await withServer(
      { ech: key },
      async ({ port }) => {
        const ech = echList(createEchKey().config);
        const error = await failureOf(() => exchange(port, { ech }));
        expect(error).toMatchObject({ code: "certificate/wrong-name" });
        expect(error.echRetryConfigs).toBeUndefined();
      },
      other,
    );
  });

  test("sends no client certificate to a server that refuses", async () => {
    const person = await root.issue({ names: [], extendedKeyUsage: [purposes.clientAuth] });
    const key = createEchKey({ id: 8 });
    await withServer({ ech: key, clients: root.pem }, async (server) => {
      const options = { certificates: person.chainPem, key: person.privateKey };
      const ech = echList(key.config);
      expect(await exchange(server.port, { ech, identity: options })).toMatchObject({
        clientCertificate: "sent",
      });
      expect(await server.negotiated()).toMatchObject({ clients: 1 });
      const stale = echList(createEchKey().config);
      const error = await failureOf(() => exchange(server.port, { ech: stale, identity: options }));
      expect(error).toMatchObject({ code: "handshake/ech-rejected" });
    });
  });

  test("looks like it with GREASE, also where the server takes the real one", async () => {
    for (const limits of [{}, { ech: createEchKey() }, { group: "secp384r1" }] as const) {
      await withServer(limits, async (server) => {
        expect(await exchange(server.port, { ech: "grease" })).toMatchObject({ ech: "grease" });
        expect(await server.negotiated()).toMatchObject({ ech: false, serverName: secret });
      });
    }
  });
});
