/** Certificates that must be refused, from Node over plain sockets. */

import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { connectTls } from "../src/stream/duplex.ts";
import { type Authority, createAuthority } from "./authority.ts";
import { certificateFaults } from "./certificate-faults.ts";
import { type Peer, peerKinds, startPeer } from "./servers/peers.ts";
import { openSocket } from "./servers/socket.ts";

let root: Authority;
let server: Peer | undefined;

beforeAll(async () => {
  root = await createAuthority();
});

afterEach(() => server?.stop());

describe.each(peerKinds)("%s", (kind) => {
  describe.each(["TLSv1.3", "TLSv1.2"] as const)("%s", (version) => {
    test.each(certificateFaults)("a certificate that is $fault", async ({ make, code, alert }) => {
      server = await startPeer(kind, await make(root), { version });
      const { opened, closed } = connectTls(await openSocket(server.port), {
        hostname: "localhost",
        roots: root.pem,
      });
      const failure = await opened.catch((error: unknown) => error);
      expect(failure).toMatchObject({ name: "TlsError", code, alertSent: alert });
      expect(failure).toHaveProperty("certificates.length");
      await expect(closed).rejects.toBe(failure);
    });
  });
});
