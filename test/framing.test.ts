/**
 * Fault 37: how a bridge frames what it carries makes no difference. A bridge of a few lines, with a
 * websockify's manners, cuts the server's bytes into WebSocket messages of random lengths, empty ones
 * among them.
 */

import { connect as connectTcp } from "node:net";
import { describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { websockify } from "../src/index.ts";
import { seeded } from "./peer/seeded.ts";
import { reverseLines, startNodeTls } from "./servers/node-tls.ts";
import { create, identity, keep, readText, useSockets, write } from "./socket-rig.ts";

useSockets();

/** @param longest of the messages, in bytes. */
async function startFramingBridge(port: number, longest: number, random: () => number) {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  server.on("connection", (page) => {
    const target = connectTcp(port, "127.0.0.1");
    page.on("message", (data: Buffer) => target.write(data));
    page.on("close", () => target.end());
    target.on("data", (data) => {
      for (let start = 0; start < data.length; ) {
        const end = start + Math.floor(random() * (longest + 1));
        page.send(data.subarray(start, end));
        start = end;
      }
    });
    target.on("end", () => page.close(1000));
    target.on("error", () => page.close(4500));
  });
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a port was expected");
  const stop = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { url: `ws://127.0.0.1:${address.port}/`, stop };
}

describe.each(["TLSv1.3", "TLSv1.2"] as const)("%s through messages of", (version) => {
  test.each([1, 7, 600, 20_000])("at most %i bytes", async (longest) => {
    const server = await keep(startNodeTls(identity(), reverseLines));
    const bridge = await keep(startFramingBridge(server.port, longest, seeded(longest)));
    const tls = create({ bridge: websockify(bridge.url, { target: "fixed" }) });
    const options = { maxVersion: version, allowHalfOpen: true };
    const socket = tls.connect(`localhost:${server.port}`, options);
    expect((await socket.opened).version).toBe(version);
    const line = "abcdefghij".repeat(3000);
    await write(socket, `${line}\n`);
    await socket.closeWrite();
    expect(await readText(socket)).toBe(`${[...line].reverse().join("")}\n`);
    await socket.closed;
  });
});
