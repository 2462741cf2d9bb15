/**
 * Starts the demo's TLS servers with Vite and tells the page and websockify about them.
 *
 * @module
 */

import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin, PreviewServer, ViteDevServer } from "vite";
import { type DemoSetup, type DemoTarget, setupPath } from "../setup.ts";
import { startLocalServers } from "./local-servers.ts";

/** Where the demo's servers leave their traces. */
export interface DemoServersOptions {
  /**
   * The token file for websockify, which reads it anew for each connection. Default: the one of
   * `npm run websockify`.
   */
  tokenFile?: string;
}

const defaultTokenFile = fileURLToPath(new URL("../../.run/websockify-targets", import.meta.url));

/** The demo's servers, for as long as Vite runs. */
export function demoServersPlugin({
  tokenFile = defaultTokenFile,
}: DemoServersOptions = {}): Plugin {
  const configure = async ({ httpServer, middlewares }: ViteDevServer | PreviewServer) => {
    const { roots, intermediates, targets, close } = await startLocalServers();
    httpServer?.once("close", () => void close());
    await writeTokens(tokenFile, targets);
    const setup: DemoSetup = {
      roots,
      intermediates,
      targets,
      bridges: [
        { name: "webtls bridge", kind: "webtls", url: "/bridge" },
        { name: "websockify", kind: "websockify", url: "ws://127.0.0.1:6080/" },
      ],
    };
    middlewares.use(setupPath, (_request, response) => {
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify(setup));
    });
  };
  return {
    name: "webtls-demo-servers",
    configureServer: configure,
    configurePreviewServer: configure,
  };
}

/**
 * Writes lines of `token: host:port`, each address being its own token. websockify splits a line at
 * a colon with white space behind it, so that a token may hold a colon. The file is replaced as a
 * whole, so that a reader never finds half of it.
 */
async function writeTokens(tokenFile: string, targets: readonly DemoTarget[]): Promise<void> {
  const lines = targets.map(({ address }) => `${address}: ${address}\n`);
  await mkdir(dirname(tokenFile), { recursive: true });
  const draft = `${tokenFile}.${process.pid}`;
  await writeFile(draft, lines.join(""));
  await rename(draft, tokenFile);
}
