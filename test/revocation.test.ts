/** Revocation by CRLs in real handshakes, against Node's `tls`. */

import { beforeAll, expect, test, vi } from "vitest";
import { type ConnectTlsOptions, connectTls } from "../src/stream/duplex.ts";
import { type Authority, createAuthority, type Issued } from "./authority.ts";
import { crlOf, crlPem } from "./crls.ts";
import { failureOf } from "./failure.ts";
import { reverseLines, startNodeTls } from "./servers/node-tls.ts";
import { openSocket } from "./servers/socket.ts";
import { create, keep, useSockets } from "./socket-rig.ts";

useSockets();

let root: Authority;
let issuer: Authority;
let leaf: Issued;
beforeAll(async () => {
  root = await createAuthority();
  issuer = await root.intermediate();
  leaf = await issuer.issue({ names: ["localhost"] });
});

/** Connects with these options, and tells what came of it. */
async function connect(options: Partial<ConnectTlsOptions>) {
  const server = await startNodeTls(leaf, reverseLines);
  try {
    const roots = options.dangerousVerify === undefined ? { roots: root.pem } : {};
    const all = { hostname: "localhost", ...roots, ...options };
    const tls = connectTls(await openSocket(server.port), all);
    tls.closed.catch(() => {});
    const info = await tls.opened;
    // Tickets come before the answer.
    await tls.writable.getWriter().write(new TextEncoder().encode("one\n"));
    await tls.readable.getReader().read();
    await tls.close();
    return info;
  } finally {
    await server.stop();
  }
}

test("a certificate that is on no CRL is taken", async () => {
  const crls = [crlOf(root), crlPem(crlOf(issuer, { revoked: [root] }))];
  expect((await connect({ revocation: { crls } })).verifiedPath).toHaveLength(2);
});

test("a revoked one is answered with certificate_revoked", async () => {
  const crls = [crlOf(root), crlOf(issuer, { revoked: [leaf] })];
  const error = await failureOf(() => connect({ revocation: { crls } }));
  expect(error).toMatchObject({
    code: "certificate/revoked",
    phase: "handshake",
    alertSent: "certificate_revoked",
    certificates: leaf.chain,
  });
});

test("the present is the caller's", async () => {
  const nextUpdate = new Date(Date.now() - 60_000);
  const crls = [crlOf(root), crlOf(issuer, { nextUpdate })];
  const error = await failureOf(() => connect({ revocation: { crls } }));
  expect(error).toMatchObject({
    code: "certificate/crl-expired",
    alertSent: "certificate_unknown",
  });
  const now = () => nextUpdate;
  expect((await connect({ revocation: { crls }, now })).verifiedPath).toHaveLength(2);
});

test.each(["TLSv1.3", "TLSv1.2"] as const)(
  "a session is good until the first CRL runs out (%s)",
  async (version) => {
    const expiries: number[] = [];
    const sessions = {
      take: () => undefined,
      put: (_: string, { expires }: { expires: number }) => void expiries.push(expires),
    };
    const soon = new Date(Math.ceil(Date.now() / 1000) * 1000 + 60_000);
    const past = crlOf(issuer, { nextUpdate: new Date(Date.now() - 60_000) });
    const crls = [past, crlOf(root), crlOf(issuer, { nextUpdate: soon })];
    await connect({ revocation: { crls }, sessions, maxVersion: version });
    await vi.waitFor(() => expect(expiries).not.toEqual([]));
    expect(new Set(expiries)).toEqual(new Set([soon.getTime()]));
  },
);

test("it is not asked beside dangerousVerify, which would not look at it", async () => {
  const options = { revocation: { crls: crlOf(root) }, dangerousVerify: () => {} };
  const error = await failureOf(() => connect(options));
  expect(error.code).toBe("configuration/invalid-option");
  expect(error.message).toContain('"revocation"');
});

test("a broken CRL fails the connection by its place in the list", async () => {
  const crls = [crlOf(root), crlOf(issuer).subarray(1)];
  const error = await failureOf(() => connect({ revocation: { crls } }));
  expect(error).toMatchObject({ code: "certificate/bad-crl" });
  expect(error.message).toContain("revocation.crls[1]");
});

test("CRLs reach a worker, as reactive options too", async () => {
  const server = await keep(startNodeTls(leaf, reverseLines));
  const opened = async (...crls: (string | Uint8Array)[]) => {
    const revocation = new Proxy({ crls: new Proxy(crls, {}) }, {});
    const socket = create({ roots: root.pem, revocation }).connect(`localhost:${server.port}`);
    socket.closed.catch(() => {});
    return socket.opened;
  };
  expect((await opened(crlOf(root), crlPem(crlOf(issuer)))).verifiedPath).toHaveLength(2);
  const revoked = await failureOf(() => opened(crlOf(root), crlOf(issuer, { revoked: [leaf] })));
  expect(revoked).toMatchObject({
    code: "certificate/revoked",
    alertSent: "certificate_revoked",
    paths: [{ failedAt: 0, certificates: leaf.chain }],
  });
  const broken = await failureOf(() => opened(crlOf(root).subarray(1)));
  expect(broken.code).toBe("certificate/bad-crl");
  const none = await failureOf(() => opened());
  expect(none).toMatchObject({ code: "configuration/invalid-option" });
});
