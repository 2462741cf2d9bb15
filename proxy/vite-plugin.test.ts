import { once } from "node:events";
import { createServer, type ViteDevServer } from "vite";
import { expect, onTestFinished, test } from "vitest";
import { idle, openPage, startTarget } from "./fixtures.ts";
import { bridgePlugin } from "./vite-plugin.ts";

async function startVite(host: string): Promise<{ server: ViteDevServer; port: number }> {
  const server = await createServer({
    configFile: false,
    logLevel: "silent",
    root: import.meta.dirname,
    plugins: [bridgePlugin()],
    optimizeDeps: { noDiscovery: true },
    server: { host, port: 0, watch: null },
  });
  onTestFinished(() => server.close());
  await server.listen();
  const address = server.httpServer?.address();
  if (!address || typeof address === "string") throw new Error("Vite listens on no port");
  return { server, port: address.port };
}

test("carries the connections of Vite's own pages, to any target", async () => {
  const { port } = await startVite("127.0.0.1");
  const address = await startTarget((socket) => socket.pipe(socket));
  const page = openPage(`ws://127.0.0.1:${port}/bridge?address=${address}`, {
    origin: `http://localhost:${port}`,
  });
  await page.opened;
  page.socket.send(Buffer.from("hello"));
  expect(String((await once(page.socket, "message"))[0])).toBe("hello");
});

test("turns other pages away", async () => {
  const { port } = await startVite("127.0.0.1");
  const url = `ws://127.0.0.1:${port}/bridge?address=${await startTarget(idle)}`;
  const { opened } = openPage(url, { origin: "http://evil.example" });
  await expect(opened).rejects.toThrow("403");
});

test("leaves Vite's socket for hot reloading to Vite", async () => {
  const { server, port } = await startVite("127.0.0.1");
  const token = server.config.webSocketToken;
  const page = openPage(`ws://127.0.0.1:${port}/?token=${token}`, {
    origin: `http://127.0.0.1:${port}`,
    protocols: ["vite-hmr"],
  });
  const [message] = await once(page.socket, "message");
  expect(JSON.parse(String(message))).toEqual({ type: "connected" });
});

test("is off where others could reach it", async () => {
  const upgradeListeners = async (host: string) =>
    (await startVite(host)).server.httpServer?.listenerCount("upgrade");
  // One of Vite's own, and ours.
  expect(await upgradeListeners("127.0.0.1")).toBe(2);
  expect(await upgradeListeners("0.0.0.0")).toBe(1);
});

test("ends with Vite, open connections included", async () => {
  const { server, port } = await startVite("127.0.0.1");
  const url = `ws://127.0.0.1:${port}/bridge?address=${await startTarget(idle)}`;
  const page = openPage(url, { origin: `http://127.0.0.1:${port}` });
  await page.opened;
  await server.close();
  await page.closed;
});
