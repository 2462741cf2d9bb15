import { once } from "node:events";
import { expect, test } from "vitest";
import WebSocket from "ws";
import { idle, openPage, pageOrigin, startBridge, startTarget } from "./fixtures.ts";

const heartbeat = 50;
const manyBeats = () => new Promise((resolve) => setTimeout(resolve, 10 * heartbeat));

test("a page that answers stays", async () => {
  const { bridge, url } = await startBridge({ heartbeat });
  const page = openPage(url(await startTarget(idle)));
  await page.opened;
  await manyBeats();
  expect(page.socket.readyState).toBe(WebSocket.OPEN);
  expect(bridge.connections).toBe(1);
});

test("a page that answers no ping is dropped", async () => {
  const { bridge, url } = await startBridge({ heartbeat });
  const address = await startTarget(idle);
  const socket = new WebSocket(url(address), { origin: pageOrigin, autoPong: false });
  await once(socket, "open");
  const [code] = await once(socket, "close");
  expect(code).toBe(1006);
  await expect.poll(() => bridge.connections).toBe(0);
});

test("a page that is busy with what it was sent stays, and gets all of it", async () => {
  const { url } = await startBridge({ heartbeat });
  const size = 32 * 1024 * 1024;
  const page = openPage(url(await startTarget((socket) => socket.end(Buffer.alloc(size)))));
  await page.opened;
  page.socket.pause();
  await manyBeats();
  let received = 0;
  page.socket.on("message", (data: Buffer) => {
    received += data.length;
  });
  page.socket.resume();
  expect((await page.closed).code).toBe(1000);
  expect(received).toBe(size);
});
