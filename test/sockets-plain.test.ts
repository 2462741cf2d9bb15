import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import type { Socket, SocketInfo } from "../src/index.ts";
import { failureOf } from "./failure.ts";
import { listenedIn } from "./in-thread.ts";
import { startStartTls } from "./servers/node-tls.ts";
import { startPlain, startTcp } from "./servers/tcp.ts";
import { create, identity, keep, readSome, readText, useSockets, write } from "./socket-rig.ts";

useSockets();

describe("plain sockets", () => {
  test("carry bytes as they are", async () => {
    const { port } = await keep(startPlain("an answer"));
    const socket = create().connect(`localhost:${port}`, { secureTransport: "off" });
    const info = await socket.opened;
    expect(info).toEqual({ remoteAddress: `localhost:${port}`, localAddress: null });
    await write(socket, "a question");
    expect(await readText(socket)).toBe("an answer");
    await socket.closed;
  });

  test("become TLS by startTls()", async () => {
    const { port } = await keep(startStartTls(identity()));
    const plain = create().connect(`localhost:${port}`, { secureTransport: "starttls" });
    await plain.opened;
    expect(await readSome(plain)).toBe("220 ready\r\n");
    await write(plain, "STARTTLS\r\n");
    expect(await readSome(plain)).toBe("220 go ahead\r\n");
    const socket = plain.startTls();
    await plain.closed;
    expect(plain.upgraded).toBe(true);
    expect(socket.secureTransport).toBe("on");
    expect(await socket.opened).toMatchObject({ version: "TLSv1.3" });
    await write(socket, "in private");
    expect(await readSome(socket)).toBe("in private");
    await expect(write(plain, "too late")).rejects.toMatchObject({
      code: "configuration/invalid-state",
    });
    await socket.close();
  });

  test("what was injected behind the go-ahead stops the upgrade", async () => {
    const { port } = await keep(
      startTcp((socket) => {
        socket.setNoDelay();
        socket.once("data", () => {
          socket.write("220 go ahead\r\n");
          socket.once("data", () => socket.write("injected\r\n"));
        });
      }),
    );
    let crossed = () => {};
    const injected = new Promise<void>((resolve) => {
      crossed = resolve;
    });
    const worker = listenedIn((chunk) => Buffer.from(chunk).includes("injected") && crossed());
    const plain = create({ worker }).connect(`localhost:${port}`, { secureTransport: "starttls" });
    await plain.opened;
    await write(plain, "STARTTLS\r\n");
    expect(await readSome(plain)).toBe("220 go ahead\r\n");
    await write(plain, "NOOP\r\n");
    await injected;
    // Refused by the socket or, where the bytes are still on their way to it, by the worker.
    const error = await failureOf(() => plain.startTls().opened);
    expect(error.code).toBe("configuration/invalid-state");
  });

  test.each([false, true])(
    "a server that ends behind its go-ahead, half-open: %s",
    async (half) => {
      const { port } = await keep(startPlain("220 go ahead\r\n"));
      const plain = create().connect(`localhost:${port}`, {
        secureTransport: "starttls",
        allowHalfOpen: half,
      });
      await plain.opened;
      await write(plain, "STARTTLS\r\n");
      expect(await readSome(plain)).toBe("220 go ahead\r\n");
      // Half-open, the socket can be asked for TLS even when its end has been read.
      if (half) expect(await readSome(plain)).toBe("");
      const socket = plain.startTls();
      const truncated = { code: "closed/truncated" };
      await expect(readSome(socket)).rejects.toMatchObject(truncated);
      await expect(socket.opened).rejects.toMatchObject(truncated);
      await expect(socket.closed).rejects.toMatchObject(truncated);
    },
  );

  test.each<[string, object]>([
    ["groups", { groups: [] }],
    ["alpn", { alpn: [() => {}] }],
    ["servername", { servername: "" }],
  ])("bad options of startTls() end the connection: %s", async (option, bad) => {
    const { port } = await keep(startStartTls(identity()));
    const plain = create().connect(`localhost:${port}`, { secureTransport: "starttls" });
    await plain.opened;
    await readSome(plain);
    const socket = plain.startTls(bad);
    const expected = {
      code: "configuration/invalid-option",
      message: expect.stringContaining(`"${option}"`),
      phase: "configuration",
    };
    await expect(socket.opened).rejects.toMatchObject(expected);
    await expect(socket.closed).rejects.toMatchObject(expected);
    await expect(socket.readable.getReader().read()).rejects.toMatchObject(expected);
  });

  test("startTls() is refused where it makes no sense", async () => {
    const { port } = await keep(startStartTls(identity()));
    const tls = create();
    const refused = async (socket: Socket<SocketInfo>, text: string) => {
      const error = await failureOf(() => socket.startTls());
      expect(error.code).toBe("configuration/invalid-state");
      expect(error.message).toContain(text);
    };
    const off = tls.connect(`localhost:${port}`, { secureTransport: "off" });
    await off.opened;
    await refused(off, "secureTransport");
    const plain = tls.connect(`localhost:${port}`, { secureTransport: "starttls" });
    await refused(plain, "not open");
    await plain.opened;
    const reader = plain.readable.getReader();
    await reader.read();
    await refused(plain, "locked");
    reader.releaseLock();
    const secure = plain.startTls();
    await refused(plain, "before");
    await refused(secure, "secureTransport");
  });
});
