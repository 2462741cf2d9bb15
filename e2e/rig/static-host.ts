/**
 * A plain static host for the built package, as strict as a careful site's: it knows no TypeScript,
 * no bundler and no bare names, and sends a Content-Security-Policy with everything.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".map": "application/json",
};
const page = '<!doctype html><html lang="en"><title>webtls, as a package</title></html>';

/** A running host. */
export interface StaticHost {
  readonly origin: string;
  /** The paths asked for that are not there. */
  readonly missing: readonly string[];
  stop(): Promise<void>;
}

/** Serves `/dist/` and an empty page at `/`. Nothing may load what the policy does not name. */
export async function startStaticHost(connectTo: string): Promise<StaticHost> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    `connect-src ${connectTo}`,
  ].join("; ");
  const missing: string[] = [];
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://host").pathname);
    response.setHeader("Content-Security-Policy", policy);
    if (path === "/") {
      response.setHeader("Content-Type", "text/html");
      response.end(page);
      return;
    }
    const type = types[extname(path)];
    try {
      if (!path.startsWith("/dist/") || type === undefined) throw new Error("not served");
      const body = await readFile(join(root, path));
      response.setHeader("Content-Type", type);
      response.end(body);
    } catch {
      if (path !== "/favicon.ico") missing.push(path);
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    missing,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
