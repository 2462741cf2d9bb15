/**
 * Stapled OCSP responses from OpenSSL's `s_server`, in both versions.
 */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectTls } from "../src/stream/duplex.ts";
import type { ServerToVerify } from "../src/tls/presented.ts";
import { createAuthority } from "./authority.ts";
import { startOpenssl } from "./servers/openssl.ts";
import { openSocket } from "./servers/socket.ts";

const root = await createAuthority();
const identity = await root.issue({ names: ["localhost"] });
/** An OCSPResponse that says "unauthorized" and nothing else (RFC 6960 §4.2.1). */
const response = Uint8Array.of(0x30, 3, 0x0a, 1, 6);

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "webtls-status-"));
  file = join(folder, "response.der");
  await writeFile(file, response);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(["-tls1_3", "-tls1_2"])("s_server %s", (version) => {
  test("staples its response where it is asked to", async () => {
    const server = await startOpenssl(identity, [version, "-status_file", file]);
    try {
      const seen: ServerToVerify[] = [];
      const tls = connectTls(await openSocket(server.port), {
        hostname: "localhost",
        ocspStapling: true,
        signedCertificateTimestamps: true,
        dangerousVerify: (presented) => void seen.push(presented),
      });
      const info = await tls.opened;
      expect(info.ocspResponse).toEqual(response);
      expect(info).not.toHaveProperty("signedCertificateTimestamps");
      expect(seen).toEqual([
        {
          certificateType: "X509",
          certificates: identity.chain,
          servername: "localhost",
          ocspResponse: response,
        },
      ]);
      await tls.close();
    } finally {
      await server.stop();
    }
  });

  test("staples nothing where it has none, or is not asked", async () => {
    for (const [args, ocspStapling] of [
      [[], true],
      [["-status_file", file], false],
    ] as const) {
      const server = await startOpenssl(identity, [version, ...args]);
      try {
        const tls = connectTls(await openSocket(server.port), {
          hostname: "localhost",
          roots: root.pem,
          ocspStapling,
        });
        expect(await tls.opened).not.toHaveProperty("ocspResponse");
        await tls.close();
      } finally {
        await server.stop();
      }
    }
  });
});
