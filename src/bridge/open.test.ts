import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { type WebSocket as ServerSocket, WebSocketServer } from "ws";
import { failureOf } from "../../test/failure.ts";
import { nodePlatform, origin } from "../../test/in-thread.ts";
import { bridgeKinds, startBridge } from "../../test/servers/bridges.ts";
import { freePort } from "../../test/servers/process.ts";
import { startPlain, startTcp } from "../../test/servers/tcp.ts";
import { startFixedWebsockify } from "../../test/servers/websockify.ts";
import { NodeWebSocketStream } from "../../test/web-socket-stream.ts";
import type { ByteStream } from "./byte-stream.ts";
import { type BridgeDescriptor, websockify, webtlsBridge } from "./descriptor.ts";
import { dial } from "./dial.ts";
import { openByteStream, type SocketPlatform } from "./open.ts";

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function keep<Server extends { stop(): Promise<void> }>(starting: Promise<Server>) {
  const server = await starting;
  endings.push(() => server.stop());
  return server;
}

/** A WebSocket server that does as it is told; `url` is its address. */
async function serve(behaviour: (socket: ServerSocket, url: URL) => void): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  server.on("connection", (socket, request) => {
    socket.on("error", () => {});
    behaviour(socket, new URL(request.url ?? "/", "ws://server"));
  });
  await new Promise((resolve) => server.once("listening", resolve));
  endings.push(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const target = { hostname: "example.org", port: 993 };

const platforms: [string, SocketPlatform, string][] = [
  ["WebSocket", nodePlatform, "webtls-credit"],
  ["WebSocketStream", { WebSocketStream: NodeWebSocketStream }, "webtls"],
];

async function readAll(stream: ByteStream): Promise<string> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const chunk = await stream.read();
    if (chunk === undefined) return Buffer.concat(parts).toString();
    parts.push(chunk);
  }
}

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

describe.each(platforms)("over a %s", (_, platform, subprotocol) => {
  async function open(
    bridge: BridgeDescriptor,
    address = target,
    signal = new AbortController().signal,
  ): Promise<ByteStream> {
    const stream = await openByteStream(bridge, address, signal, platform);
    endings.push(() => stream.close());
    return stream;
  }

  describe("what a bridge is told", () => {
    const cases: [
      string,
      (url: string) => BridgeDescriptor,
      { search: string; protocol: string },
    ][] = [
      ["the address as a token", (url) => websockify(url), at("?token=example.org%3A993")],
      ["a token", (url) => websockify(url, { token: "mail" }), at("?token=mail")],
      ["nothing", (url) => websockify(url, { target: "fixed" }), at("")],
      [
        "a subprotocol",
        (url) => websockify(url, { target: "fixed", subprotocol: "binary" }),
        at("", "binary"),
      ],
      ["the address", (url) => webtlsBridge(url), at("?address=example.org%3A993", subprotocol)],
    ];

    test.each(cases)("%s", async (_, bridge, expected) => {
      let seen: unknown;
      const url = await serve((socket, { search }) => {
        seen = { search, protocol: socket.protocol };
      });
      await open(bridge(url));
      expect(seen).toEqual(expected);
    });

    test("IPv6 addresses stand in brackets", async () => {
      let token: string | null = null;
      const url = await serve((_, { searchParams }) => {
        token = searchParams.get("token");
      });
      await open(websockify(url), { hostname: "2001:db8::1", port: 25 });
      expect(token).toBe("[2001:db8::1]:25");
    });

    function at(search: string, protocol = "") {
      return { search, protocol };
    }
  });

  describe("bytes", () => {
    test("what arrives is read in order, and empty messages are none", async () => {
      const url = await serve((socket) => {
        for (const text of ["one ", "", "two"]) socket.send(bytes(text));
        socket.close(1000);
      });
      expect(await readAll(await open(websockify(url)))).toBe("one two");
    });

    test("small chunks are joined to messages, and none is empty", async () => {
      const sizes: number[] = [];
      const url = await serve((socket) => {
        socket.on("message", (data: Buffer) => {
          sizes.push(data.length);
          socket.send(data);
        });
      });
      const stream = await open(webtlsBridge(url));
      await stream.send([]);
      await stream.send([new Uint8Array(0)]);
      await stream.send(Array.from({ length: 20 }, () => new Uint8Array(16_384)));
      await stream.send([bytes("last")]);
      let echoed = 0;
      while (echoed < 20 * 16_384 + 4) echoed += (await stream.read())?.length ?? Number.NaN;
      expect(sizes).toEqual([16 * 16_384, 4 * 16_384, 4]);
    });

    test("a close takes what nobody has read, and comes to its end", async () => {
      const url = await serve((socket) => {
        for (let count = 0; count < 32; count++) socket.send(new Uint8Array(1024 * 1024));
      });
      const stream = await open(webtlsBridge(url));
      await stream.read();
      await stream.close();
      expect(await stream.read()).toBeUndefined();
    });

    test("sending waits while the other side takes nothing", async () => {
      let server: ServerSocket | undefined;
      let received = 0;
      const url = await serve((socket) => {
        server = socket;
        socket.pause();
        socket.on("message", (data: Buffer) => {
          received += data.length;
        });
      });
      const stream = await open(websockify(url));
      const chunk = new Uint8Array(1024 * 1024);
      const count = 64;
      let sent = 0;
      const sending = (async () => {
        for (; sent < count; sent++) await stream.send([chunk]);
      })();
      for (let last = -1; last !== sent; ) {
        last = sent;
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
      expect(sent).toBeLessThan(count / 2);
      server?.resume();
      await sending;
      while (received < count * chunk.length)
        await new Promise((resolve) => setTimeout(resolve, 5));
      expect(received).toBe(count * chunk.length);
    });
  });

  describe("what our own bridge says beside the bytes", () => {
    test("the end, behind which the WebSocket stays open and sending goes on", async () => {
      const url = await serve((socket) => {
        socket.send(bytes("all"));
        socket.send("end");
        socket.on("message", (data: Buffer) => {
          if (data.toString() === "still here") socket.send("reset target broke off (EPIPE)");
        });
      });
      const stream = await open(webtlsBridge(url));
      expect(await readAll(stream)).toBe("all");
      expect(await stream.read()).toBeUndefined();
      await stream.send([bytes("still here")]);
      // Now it says that nothing gets to the target any more.
      const sendOn = async () => {
        for (;;) {
          await stream.send([bytes("more")]);
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      };
      await expect(sendOn()).rejects.toMatchObject({ code: "bridge/closed" });
    });

    test("a reset, with its reason, behind what came before", async () => {
      const url = await serve((socket) => {
        socket.send(bytes("beginning"));
        socket.send("reset target broke off (ECONNRESET)");
      });
      const stream = await open(webtlsBridge(url));
      expect(await stream.read()).toEqual(bytes("beginning"));
      const error = await failureOf(() => stream.read());
      expect(error).toMatchObject({
        code: "bridge/closed",
        phase: "bridge",
        bridge: { reason: "target broke off (ECONNRESET)" },
      });
      expect(error.message).toContain("example.org:993 broke off");
      await expect(stream.send([bytes("late")])).rejects.toBe(error);
    });

    test.each([1000, 1005])("closing by %i without a word is no end", async (closeCode) => {
      const url = await serve((socket) => {
        socket.send(bytes("part"));
        if (closeCode === 1005) socket.close();
        else socket.close(closeCode);
      });
      const stream = await open(webtlsBridge(url));
      expect(await stream.read()).toEqual(bytes("part"));
      await expect(stream.read()).rejects.toMatchObject({ code: "bridge/closed" });
    });

    test.each(["end", "reset why", "credit 5"])(
      "%j is not for a websockify to say",
      async (text) => {
        const url = await serve((socket) => socket.send(text));
        const stream = await open(websockify(url));
        await expect(stream.read()).rejects.toMatchObject({ code: "bridge/protocol" });
      },
    );

    test.each(["credit", "credit -5", "credit five", "credit 1e9", "End"])(
      "%j is nothing",
      async (text) => {
        const url = await serve((socket) => socket.send(text));
        const stream = await open(webtlsBridge(url));
        await expect(stream.read()).rejects.toMatchObject({ code: "bridge/protocol" });
      },
    );
  });

  describe("failures", () => {
    const codes: [number, string, boolean][] = [
      [4400, "bridge/refused", false],
      [4403, "bridge/refused", false],
      [4502, "bridge/refused", true],
      [4503, "bridge/refused", true],
      [4504, "bridge/refused", true],
      [1011, "bridge/refused", true],
      [4500, "bridge/closed", false],
      [1001, "bridge/closed", false],
    ];
    test.each(codes)("close code %i is %s", async (closeCode, code, retrySafe) => {
      const url = await serve((socket) => socket.close(closeCode, "because"));
      const stream = await open(webtlsBridge(url));
      const error = await failureOf(() => stream.read());
      const bridge = { closeCode, reason: "because" };
      expect(error).toMatchObject({ code, retrySafe, phase: "bridge", bridge });
      expect(error.message).toContain("because");
      await expect(stream.read()).rejects.toBe(error);
    });

    test.each([1000, 1005])("close code %i is a clean end", async (closeCode) => {
      const url = await serve((socket) => {
        socket.send(bytes("all"));
        if (closeCode === 1005) socket.close();
        else socket.close(closeCode);
      });
      expect(await readAll(await open(websockify(url)))).toBe("all");
    });

    test("what came before a failure can be read", async () => {
      const url = await serve((socket) => {
        socket.send(bytes("beginning"), () => socket.terminate());
      });
      const stream = await open(websockify(url));
      expect(await stream.read()).toEqual(bytes("beginning"));
      await expect(stream.read()).rejects.toMatchObject({
        code: "bridge/closed",
        bridge: { closeCode: 1006 },
      });
    });

    test("a websockify that closes before any byte has been refused by its target", async () => {
      const url = await serve((socket) => socket.close(1000, "Target closed"));
      const stream = await open(websockify(url));
      await expect(stream.read()).rejects.toMatchObject({
        code: "bridge/refused",
        message: expect.stringContaining("before the server sent anything: example.org:993"),
      });
    });

    test("a text message is none of a bridge's", async () => {
      let closeCode: number | undefined;
      const url = await serve((socket) => {
        socket.send("hello");
        socket.on("close", (code) => {
          closeCode = code;
        });
      });
      const stream = await open(webtlsBridge(url));
      await expect(stream.read()).rejects.toMatchObject({ code: "bridge/protocol" });
      await stream.close();
      // None was given: a page that gives 1003 throws.
      await expect.poll(() => closeCode).toBe(1005);
    });

    test("sending after the end", async () => {
      const url = await serve((socket) => socket.close(4502, "gone"));
      const stream = await open(webtlsBridge(url));
      await expect(stream.read()).rejects.toMatchObject({ code: "bridge/refused" });
      await expect(stream.send([bytes("late")])).rejects.toMatchObject({ code: "bridge/refused" });
    });

    test("nothing listens, and the token is not in the message", async () => {
      const port = await freePort();
      const bridge = websockify(`ws://127.0.0.1:${port}/path`, { token: "secret" });
      const error = await failureOf(() => open(bridge));
      expect(error).toMatchObject({ code: "bridge/unreachable", retrySafe: true });
      expect(error.message).toContain(`ws://127.0.0.1:${port}/path `);
      expect(error.message).not.toContain("secret");
    });

    test("an abort while the WebSocket is being opened", async () => {
      const { port } = await keep(startTcp((socket) => socket.resume()));
      const controller = new AbortController();
      const opening = open(webtlsBridge(`ws://127.0.0.1:${port}/`), target, controller.signal);
      controller.abort("enough");
      await expect(opening).rejects.toBe("enough");
      const aborted = open(webtlsBridge(`ws://127.0.0.1:${port}/`), target, controller.signal);
      await expect(aborted).rejects.toBe("enough");
    });
  });

  describe.each(bridgeKinds)("a real bridge: %s", (kind) => {
    async function through(port: number): Promise<() => Promise<ByteStream>> {
      const bridge = await keep(startBridge(kind, origin));
      await bridge.allow(port);
      const descriptor = kind === "websockify" ? websockify(bridge.url) : webtlsBridge(bridge.url);
      return () => open(descriptor, { hostname: "localhost", port });
    }

    test("carries bytes both ways, and the end", async () => {
      const { port } = await keep(startPlain("an answer"));
      const stream = await (await through(port))();
      await stream.send([bytes("a question")]);
      expect(await readAll(stream)).toBe("an answer");
    });

    test("loses nothing that was sent right before the close", async () => {
      const length = 100_000;
      const received: number[] = [];
      const { port } = await keep(
        startTcp((socket) => {
          let count = 0;
          socket.on("data", (chunk) => {
            count += chunk.length;
          });
          socket.on("close", () => received.push(count));
        }),
      );
      const dial = await through(port);
      const streams = await Promise.all(Array.from({ length: 8 }, dial));
      await Promise.all(
        streams.map(async (stream) => {
          await stream.send([new Uint8Array(length)]);
          await stream.close();
        }),
      );
      while (received.length < streams.length)
        await new Promise((resolve) => setTimeout(resolve, 5));
      expect(received).toEqual(streams.map(() => length));
    });

    test("takes batches of several messages, two at a time, from who waits for room", async () => {
      const count = 64;
      let received = 0;
      const { port } = await keep(
        startTcp((socket) => {
          socket.on("data", (chunk) => {
            received += chunk.length;
          });
        }),
      );
      const stream = await (await through(port))();
      const batch = () => Array.from({ length: 17 }, () => new Uint8Array(16_401));
      let before: Promise<void> | undefined;
      for (let sent = 0; sent < count; sent++) {
        const sending = stream.send(batch());
        await before;
        before = sending;
      }
      await before;
      await expect.poll(() => received, { timeout: 10_000 }).toBe(count * 17 * 16_401);
    });

    test("says that the target refuses", async () => {
      const stream = await (await through(await freePort()))();
      await expect(stream.read()).rejects.toMatchObject({ code: "bridge/refused" });
    });
  });

  test("a websockify with a fixed target", async () => {
    const { port } = await keep(startPlain("an answer"));
    const { url } = await keep(startFixedWebsockify(`127.0.0.1:${port}`));
    const stream = await open(websockify(url, { target: "fixed", subprotocol: "binary" }));
    await stream.send([bytes("a question")]);
    expect(await readAll(stream)).toBe("an answer");
  });
});

describe("credit", () => {
  const mebibyte = 1024 * 1024;
  const messageCost = 256;
  const openCredited = async (behaviour: (socket: ServerSocket) => void): Promise<ByteStream> => {
    const { signal } = new AbortController();
    const bridge = webtlsBridge(await serve(behaviour));
    const stream = await openByteStream(bridge, target, signal, nodePlatform);
    endings.push(() => stream.close());
    return stream;
  };

  test("is given for what was read, not for what has arrived", async () => {
    let credit = 0;
    const stream = await openCredited((socket) => {
      for (let count = 0; count < 3; count++) socket.send(new Uint8Array(mebibyte));
      socket.on("message", (data: Buffer) => {
        credit += Number(/^credit (\d+)$/.exec(data.toString())?.[1]);
      });
    });
    await stream.read();
    await expect.poll(() => credit).toBe(mebibyte + messageCost);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(credit).toBe(mebibyte + messageCost);
    await stream.read();
    await expect.poll(() => credit).toBe(2 * (mebibyte + messageCost));
  });

  test("is waited for by who sends, whatever the socket takes", async () => {
    let received = 0;
    let server: ServerSocket | undefined;
    const stream = await openCredited((socket) => {
      server = socket;
      socket.on("message", (data: Buffer) => {
        received += data.length;
      });
    });
    let isSent = false;
    const sending = (async () => {
      for (let count = 0; count < 16; count++) await stream.send([new Uint8Array(mebibyte / 4)]);
      isSent = true;
    })();
    await expect.poll(() => received).toBe(2 * mebibyte);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect({ received, isSent }).toEqual({ received: 2 * mebibyte, isSent: false });
    server?.send(`credit ${mebibyte}`);
    await expect.poll(() => received).toBe(3 * mebibyte);
    server?.send(`credit ${2 * mebibyte}`);
    await sending;
    await expect.poll(() => received).toBe(4 * mebibyte);
  });

  test("is needed by the bridge, too", async () => {
    const stream = await openCredited((socket) => {
      for (let count = 0; count < 4; count++) socket.send(new Uint8Array(mebibyte));
    });
    await expect
      .poll(() => failureOf(() => stream.send([new Uint8Array(1)])))
      .toMatchObject({ code: "bridge/protocol" });
    // What there was credit for is there.
    for (let count = 0; count < 3; count++) expect(await stream.read()).toHaveLength(mebibyte);
    const error = await failureOf(() => stream.read());
    expect(error).toMatchObject({ code: "bridge/protocol" });
    expect(error.message).toContain("more than the page had room for");
  });

  test("is not waited for once the bridge is gone", async () => {
    const stream = await openCredited((socket) => {
      socket.once("message", () => socket.close(1001, "stopping"));
    });
    const sending = stream.send([new Uint8Array(3 * mebibyte)]);
    await expect(sending).rejects.toMatchObject({ code: "bridge/closed" });
  });
});

describe("descriptors are checked before anything is opened", () => {
  test.each([
    ["bridge", websockify("not a url")],
    ["bridge", websockify("ftp://example.org/")],
    ["bridge", webtlsBridge("wss://example.org/#fragment")],
    ["target", websockify("wss://example.org/", { target: "any" as "token" })],
    ["token", websockify("wss://example.org/", { token: "" })],
    ["token", websockify("wss://example.org/", { target: "fixed", token: "mail" })],
    ["subprotocol", websockify("wss://example.org/", { subprotocol: "base64" as "binary" })],
    ["tokne", websockify("wss://example.org/", { tokne: "mail" } as object)],
  ])("%s", async (option, bridge) => {
    const { signal } = new AbortController();
    const error = await failureOf(() => openByteStream(bridge, target, signal, nodePlatform));
    expect(error.code).toBe("configuration/invalid-option");
    expect(error.message).toContain(`"${option}"`);
  });

  test("http is taken for ws", () => {
    expect(dial(webtlsBridge("https://example.org/b"), target, true).url).toMatch(
      /^wss:\/\/example.org\/b/,
    );
    expect(dial(websockify("http://localhost:8080/"), target, true).url).toMatch(
      /^ws:\/\/localhost:8080/,
    );
  });
});

test("a platform without WebSocket", async () => {
  const { signal } = new AbortController();
  const opening = openByteStream(webtlsBridge("ws://127.0.0.1/"), target, signal, {});
  await expect(opening).rejects.toMatchObject({ code: "configuration/unsupported-platform" });
});
