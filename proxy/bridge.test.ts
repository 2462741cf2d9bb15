import { once } from "node:events";
import { createServer, get, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createBridge } from "./bridge.ts";
import {
  closingOf,
  freeAddress,
  idle,
  openPage,
  pageOrigin,
  silentAddress,
  startBridge,
  startTarget,
} from "./fixtures.ts";

test("carries bytes both ways", async () => {
  const { url } = await startBridge();
  const page = openPage(url(await startTarget((socket) => socket.pipe(socket))));
  await page.opened;
  page.socket.send(Buffer.from("hello"));
  const [echo] = await once(page.socket, "message");
  expect(echo.toString()).toBe("hello");
});

test("an open WebSocket has its target", async () => {
  let connections = 0;
  const { url } = await startBridge();
  const address = await startTarget(() => {
    connections += 1;
  });
  await openPage(url(address)).opened;
  expect(connections).toBe(1);
});

test("passes on what a target says first", async () => {
  const { url } = await startBridge();
  const page = openPage(url(await startTarget((socket) => socket.write("220 ready\r\n"))));
  const [greeting] = await once(page.socket, "message");
  expect(greeting.toString()).toBe("220 ready\r\n");
});

test("has a fixed target for a URL without address", async () => {
  const target = await startTarget((socket) => socket.end("fixed"));
  const { port } = await startBridge({ allow: [], target });
  const page = openPage(`ws://127.0.0.1:${port}/`);
  const [message] = await once(page.socket, "message");
  expect(message.toString()).toBe("fixed");
});

test.each([
  { offered: [], answered: "" },
  { offered: ["binary"], answered: "binary" },
  { offered: ["base64", "binary"], answered: "binary" },
  { offered: ["binary", "webtls"], answered: "webtls" },
  { offered: ["webtls-credit"], answered: "webtls-credit" },
])("answers the subprotocols $offered by '$answered'", async ({ offered, answered }) => {
  const { url } = await startBridge();
  const page = openPage(url(await startTarget(idle)), { protocols: offered });
  await page.opened;
  expect(page.socket.protocol).toBe(answered);
});

test("says that a target refused", async () => {
  const { url } = await startBridge();
  const closing = await closingOf(url(await freeAddress()));
  expect(closing).toEqual({ code: 4502, reason: "target refused the connection" });
});

test("says that a name does not exist", async () => {
  const { url } = await startBridge({ allow: ["*.invalid:443"] });
  const closing = await closingOf(url("no-such-host.invalid:443"));
  expect(closing).toEqual({ code: 4502, reason: "no such host" });
});

test("says that a target did not answer in time", async () => {
  const { url } = await startBridge({ connectTimeout: 300 });
  const closing = await closingOf(url(await silentAddress()));
  expect(closing).toEqual({ code: 4504, reason: "target did not answer" });
});

test("says that a target is not allowed, and does not dial it", async () => {
  let connections = 0;
  const { url } = await startBridge({ allow: ["imap.example.org:993"] });
  const address = await startTarget(() => {
    connections += 1;
  });
  const closing = await closingOf(url(address));
  expect(closing).toEqual({ code: 4403, reason: "the bridge does not allow this target" });
  expect(connections).toBe(0);
});

test.each(["", "localhost", "127.1:443", "http://localhost:443"])(
  "says that %j is no address",
  async (address) => {
    const { url } = await startBridge();
    expect((await closingOf(url(encodeURIComponent(address)))).code).toBe(4400);
  },
);

test("says that it is full, and takes the next one when there is room", async () => {
  const { bridge, url } = await startBridge({ maxConnections: 1 });
  const address = await startTarget((socket) => socket.on("data", () => socket.end()));
  const first = openPage(url(address));
  await first.opened;
  expect(await closingOf(url(address))).toEqual({ code: 4503, reason: "bridge is full" });
  first.socket.send(Buffer.from("end"));
  await first.closed;
  await expect.poll(() => bridge.connections).toBe(0);
  await openPage(url(address)).opened;
});

test.each([undefined, "https://evil.example", "null", `${pageOrigin}.evil.example`])(
  "turns the origin %s away before the upgrade",
  async (origin) => {
    const { port } = await startBridge();
    const request = get({
      port,
      path: `/?address=${await startTarget(idle)}`,
      headers: {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        ...(origin === undefined ? {} : { Origin: origin }),
      },
    });
    const [response]: IncomingMessage[] = await once(request, "response");
    expect(response?.statusCode).toBe(403);
    response?.resume();
    await once(request, "close");
  },
);

test("takes any origin, or none, only when told so by name", async () => {
  const { url } = await startBridge({ dangerousAnyOrigin: true });
  const address = await startTarget(idle);
  await openPage(url(address), { origin: "https://elsewhere.example" }).opened;
  await openPage(url(address), { origin: "" }).opened;
});

test("takes any target only when told so by name", async () => {
  const { url } = await startBridge({ allow: [], dangerousAnyTarget: true });
  await openPage(url(await startTarget(idle))).opened;
});

test.each([
  { options: { origins: ["*"] }, named: '"*"' },
  { options: { origins: ["https://app.example/"] }, named: "https://app.example/" },
  { options: { allow: ["*"] }, named: '"*"' },
  { options: { target: "localhost" }, named: "localhost" },
])("refuses to be made with $options", ({ options, named }) => {
  expect(() => createBridge(options)).toThrow(named);
});

test("ends a connection at a text message", async () => {
  const { url } = await startBridge();
  const page = openPage(url(await startTarget(idle)));
  await page.opened;
  page.socket.send("text");
  expect((await page.closed).code).toBe(1003);
});

test("ends a connection at a message over 1 MiB, and takes one of that size", async () => {
  const { url } = await startBridge();
  let received = 0;
  const address = await startTarget((socket) =>
    socket.on("data", (chunk) => {
      received += chunk.length;
    }),
  );
  const page = openPage(url(address));
  await page.opened;
  page.socket.send(Buffer.alloc(1024 * 1024));
  await expect.poll(() => received).toBe(1024 * 1024);
  page.socket.send(Buffer.alloc(1024 * 1024 + 1));
  expect((await page.closed).code).toBe(1009);
  expect(received).toBe(1024 * 1024);
});

const handshake = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
];

/** A client that sends a request for an upgrade and says no more. */
function sendRequest(port: number, address: string, method: string, headers: readonly string[]) {
  const client = connect(port, "127.0.0.1");
  onTestFinished(() => void client.destroy());
  const lines = [`${method} /?address=${address} HTTP/1.1`, "Host: localhost", ...headers];
  client.write(`${lines.join("\r\n")}\r\nOrigin: ${pageOrigin}\r\n\r\n`);
  return client;
}

test.each([
  { what: "method", method: "POST", headers: handshake },
  { what: "key", method: "GET", headers: [...handshake.slice(0, 3), "Sec-WebSocket-Key: short"] },
  { what: "absent key", method: "GET", headers: handshake.slice(0, 3) },
  { what: "version", method: "GET", headers: handshake.with(2, "Sec-WebSocket-Version: 7") },
  { what: "protocol", method: "GET", headers: handshake.with(1, "Upgrade: h2c") },
])("a request with a bad $what gets 400, and no target", async ({ method, headers }) => {
  const { bridge, port } = await startBridge();
  const client = sendRequest(port, await silentAddress(), method, headers);
  const [answer] = await once(client, "data");
  expect(answer.toString()).toMatch(/^HTTP\/1.1 400 /);
  expect(bridge.connections).toBe(0);
  await once(client, "close");
});

test.each(["end", "destroy", "resetAndDestroy"] as const)(
  "a page that goes away while its target is dialled (%s) gives its place back",
  async (leave) => {
    const lines: string[] = [];
    const { bridge, port } = await startBridge({ log: (line) => lines.push(line) });
    const address = await silentAddress();
    const client = sendRequest(port, address, "GET", handshake);
    await expect.poll(() => bridge.connections).toBe(1);
    client[leave]();
    await expect.poll(() => bridge.connections).toBe(0);
    expect(lines).toEqual([`gave up ${address}: the page has gone`]);
  },
);

test("answers plain HTTP by what it is", async () => {
  const { port } = await startBridge();
  const response = await fetch(`http://127.0.0.1:${port}/`);
  expect(response.status).toBe(426);
  expect(await response.text()).toContain("WebSocket");
});

test("attached to a server, serves its own path only", async () => {
  const server = createServer((_request, response) => response.end("page"));
  server.on("upgrade", (request, socket) => {
    if (request.url === "/other") socket.end("HTTP/1.1 418 Other\r\n\r\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const bridge = createBridge({ allow: ["127.0.0.1:*"], origins: [pageOrigin] });
  bridge.attach(server, "/bridge");
  onTestFinished(async () => {
    await bridge.close();
    server.close();
  });

  const address = await startTarget(idle);
  await openPage(`ws://127.0.0.1:${port}/bridge?address=${address}`).opened;
  await expect(openPage(`ws://127.0.0.1:${port}/other`).opened).rejects.toThrow("418");
  await bridge.close();
  expect(server.listenerCount("upgrade")).toBe(1);
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("page");
});

test("stopping ends what is open and what is dialling, and takes nothing new", async () => {
  const { bridge, url } = await startBridge();
  const address = await startTarget(idle);
  const pages = [openPage(url(address)), openPage(url(address))];
  await Promise.all(pages.map((page) => page.opened));
  const dialling = openPage(url(await silentAddress()));
  await expect.poll(() => bridge.connections).toBe(3);
  const stopped = bridge.close();
  for (const page of [...pages, dialling]) expect((await page.closed).code).toBe(1001);
  await stopped;
  expect(bridge.connections).toBe(0);
  await expect(openPage(url(address)).opened).rejects.toThrow("ECONNREFUSED");
});

test("stopping does not wait for a page that does not answer", async () => {
  const { bridge, url } = await startBridge();
  const page = openPage(url(await startTarget(idle)));
  await page.opened;
  page.socket.pause();
  await bridge.close();
  expect(bridge.connections).toBe(0);
});

test("stopping ends the connections that have asked for nothing", async () => {
  const { bridge, port } = await startBridge();
  const silent = connect(port, "127.0.0.1").on("error", () => {});
  onTestFinished(() => void silent.destroy());
  await once(silent, "connect");
  // Its answer shows that the one before has been accepted.
  await (await fetch(`http://127.0.0.1:${port}/`)).text();
  const closed = once(silent, "close");
  await bridge.close();
  await closed;
});
