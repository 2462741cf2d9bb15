/**
 * The worker as it is shipped says of each failure what its source says, though the sentences are no
 * part of what it starts with.
 */

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import type { TlsErrorRecord } from "../src/errors.ts";
import { type ConnectOptions, createTls, webtlsBridge } from "../src/index.ts";
import { Host } from "../src/worker/host.ts";
import { type Authority, createAuthority } from "./authority.ts";
import { bundleWorker, modulesOf } from "./bundle.ts";
import { certificateFaults } from "./certificate-faults.ts";
import { failureOf } from "./failure.ts";
import { origin, startInThread } from "./in-thread.ts";
import { serve } from "./peer/connect.ts";
import type { CertificateFields } from "./peer/messages.ts";
import { encodeCertificateStatus, extension } from "./peer/messages.ts";
import type { Script } from "./peer/script.ts";
import { PeerWire } from "./peer/wire.ts";
import { type RunningBridge, startBridge } from "./servers/bridges.ts";
import { startNodeTls } from "./servers/node-tls.ts";
import { type LocalServer, startDropping, startPlain, startTcp } from "./servers/tcp.ts";
import { sayBye } from "./socket-rig.ts";

let root: Authority;
let bridge: RunningBridge;
let folder: string;
let BundledHost: typeof Host;

beforeAll(async () => {
  root = await createAuthority();
  bridge = await startBridge("webtls", origin);
  folder = await mkdtemp(join(tmpdir(), "webtls-sentences-"));
  await bundleWorker("src/worker/host.ts", folder);
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  ({ Host: BundledHost } = await import(
    /* @vite-ignore */ pathToFileURL(join(folder, "entry.js")).href
  ));
  return async () => {
    await bridge.stop();
    await rm(folder, { recursive: true, force: true });
  };
});

/** A connection that fails. */
interface Failing {
  readonly what: string;
  start(): Promise<LocalServer>;
  readonly options?: ConnectOptions;
}

/** A server that follows a script. */
const scripted =
  (script: Omit<Script, "identity">): Failing["start"] =>
  async () => {
    const identity = await root.issue({ names: ["localhost"] });
    return startTcp((socket) => {
      const wire = new PeerWire({ identity, ...script }, (bytes) => socket.write(bytes));
      socket.on("data", (bytes) => void wire.take(new Uint8Array(bytes)));
      socket.on("error", () => {});
      socket.on("close", () => wire.takeEnd());
      serve(wire, { identity, ...script }, () => {}).catch(() => {});
    });
  };

const valid: Failing["start"] = async () =>
  startNodeTls(await root.issue({ names: ["localhost"] }), sayBye);

const stapledNonsense = {
  certificate: ({ context, entries }: CertificateFields): CertificateFields => ({
    context,
    entries: entries.map(({ certificate }) => ({
      certificate,
      extensions: [
        extension("status_request", (w) =>
          w.bytes(encodeCertificateStatus(Uint8Array.of(0x30, 3, 0x0a, 1, 0))),
        ),
      ],
    })),
  }),
};

const failing: readonly Failing[] = [
  ...certificateFaults.map(({ fault, make }) => ({
    what: `a certificate that is ${fault}`,
    start: async () => startNodeTls(await make(root), sayBye),
  })),
  { what: "no TLS", start: () => startPlain("220 mail.example ready\r\n") },
  { what: "the end before the first word", start: startDropping },
  {
    what: "an alert",
    start: async () =>
      startNodeTls(await root.issue({ names: ["localhost"] }), sayBye, { maxVersion: "TLSv1.2" }),
    options: { minVersion: "TLSv1.3" },
  },
  {
    what: "a suite that was not offered",
    start: scripted({ serverHello: (hello) => ({ ...hello, cipherSuite: 0x1304 }) }),
  },
  {
    what: "an extension that was not asked for",
    start: scripted({
      serverHello: (hello) => ({
        ...hello,
        extensions: [...hello.extensions, extension("cookie", (w) => w.bytes(Uint8Array.of(1)))],
      }),
    }),
  },
  {
    what: "compression, in TLS 1.2",
    start: scripted({
      version: "TLSv1.2",
      serverHello: (hello) => ({ ...hello, compressionMethod: 1 }),
    }),
  },
  {
    what: "a stapled response that can't be read",
    start: scripted(stapledNonsense),
    options: { ocspStapling: true },
  },
  { what: "a bad option", start: valid, options: { alpn: [""] } },
  { what: "an option that nobody knows", start: valid, options: { nothing: 1 } as ConnectOptions },
  { what: "a bad rare option", start: valid, options: { recordPadding: 0 } },
];

/** The failure as a record, but for what is not said in words. */
async function failureWith(
  Hosting: typeof Host,
  port: number,
  options?: ConnectOptions,
): Promise<Partial<TlsErrorRecord>> {
  const tls = createTls({
    bridge: webtlsBridge(bridge.url),
    roots: root.pem,
    worker: () => startInThread({}, Hosting),
  });
  const failure = await failureOf(() => tls.connect(`localhost:${port}`, options).opened);
  await tls.close();
  const { certificates: _, paths = [], ...record } = failure.toRecord();
  return {
    ...record,
    message: timeless(record.message),
    paths: paths.map(({ message, ...path }) => ({
      ...path,
      certificates: [],
      message: timeless(message),
    })),
  };
}

/** The device's clock goes on between two failures. */
function timeless(message: string): string {
  return message.replace(/(the clock says) \S+Z/, "$1 when");
}

describe("the bundled worker says what its source says", () => {
  test.each(failing)("of $what", async ({ start, options }) => {
    const server = await start();
    try {
      const fromSource = await failureWith(Host, server.port, options);
      expect(await failureWith(BundledHost, server.port, options)).toEqual(fromSource);
      expect(fromSource.code).not.toBe("handshake/internal-error");
    } finally {
      await server.stop();
    }
  });

  test("of what is asked of an open connection", async () => {
    const server = await valid();
    const told = await Promise.all(
      [Host, BundledHost].map(async (Hosting) => {
        const tls = createTls({
          bridge: webtlsBridge(bridge.url),
          roots: root.pem,
          worker: () => startInThread({}, Hosting),
        });
        const socket = tls.connect(`localhost:${server.port}`);
        const failure = await failureOf(() => socket.exportKeyingMaterial("ü", undefined, 16));
        await tls.close();
        return failure.message;
      }),
    );
    await server.stop();
    expect(told[0]).toMatch(/\S \S/);
    expect(told[1]).toBe(told[0]);
  });
});

test("sentences are a file of their own, which the worker does not start with", async () => {
  const { entry, lazy } = await bundleWorker();
  expect(modulesOf(entry)).not.toContain("src/worker/sentences.ts");
  expect(modulesOf(lazy)).toContain("src/worker/sentences.ts");
  const files = await readdir(folder);
  const texts = files.map((file) => readFile(join(folder, file), "utf8"));
  const saying = (await Promise.all(texts)).filter((text) => text.includes("It has to be renewed"));
  expect(saying).toHaveLength(1);
});
