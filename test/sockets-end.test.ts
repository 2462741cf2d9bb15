import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { type Socket, webtlsBridge } from "../src/index.ts";
import { failureOf } from "./failure.ts";
import { type InThreadWorker, startInThread } from "./in-thread.ts";
import { echo, reverseLines, startNodeTls } from "./servers/node-tls.ts";
import { freePort } from "./servers/process.ts";
import { startSilent, startTcp } from "./servers/tcp.ts";
import {
  connect,
  create,
  identity,
  keep,
  readSome,
  readText,
  useSockets,
  write,
} from "./socket-rig.ts";

useSockets();

describe("the end of waits", () => {
  test("a bridge that does not answer runs into connectTimeout", async () => {
    const { port } = await keep(startSilent());
    const tls = create({ bridge: webtlsBridge(`ws://127.0.0.1:${port}/`), connectTimeout: 50 });
    const socket = tls.connect("localhost:1");
    await expect(socket.opened).rejects.toMatchObject({ code: "timeout/connect" });
    await expect(socket.closed).rejects.toMatchObject({ code: "timeout/connect" });
  });

  test("a silent server runs into handshakeTimeout", async () => {
    const { port } = await keep(startSilent());
    const socket = connect(port, { handshakeTimeout: 50 });
    await expect(socket.opened).rejects.toMatchObject({ code: "timeout/handshake" });
  });

  test("a refused target is named", async () => {
    const port = await freePort();
    const error = await failureOf(() => connect(port).opened);
    expect(error).toMatchObject({ code: "bridge/refused", phase: "bridge", retrySafe: true });
    expect(error.message).toContain(`localhost:${port}`);
  });

  const moments: [string, (socket: Socket, abort: () => void) => Promise<void>][] = [
    ["at once", async (_, abort) => abort()],
    [
      "while the bridge is opened",
      async (_, abort) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        abort();
      },
    ],
    [
      "once it is open",
      async (socket, abort) => {
        await socket.opened;
        abort();
      },
    ],
    [
      "amid data",
      async (socket, abort) => {
        const reader = socket.readable.getReader();
        void write(socket, "hello");
        await reader.read();
        reader.releaseLock();
        abort();
      },
    ],
  ];
  test.each(moments)("an abort %s rejects everything", async (_, at) => {
    const server = await keep(startNodeTls(identity(), echo));
    const controller = new AbortController();
    const socket = connect(server.port, { signal: controller.signal });
    await at(socket, () => controller.abort("enough"));
    const expected = { code: "aborted", cause: "enough" };
    await expect(socket.closed).rejects.toMatchObject(expected);
    await expect(readSome(socket)).rejects.toMatchObject(expected);
    await expect(write(socket, "x")).rejects.toMatchObject(expected);
  });

  test("an abort amid the handshake", async () => {
    const bytes: Buffer[] = [];
    let ended: Promise<void> | undefined;
    const greeted = new Promise<void>((resolve) => {
      void keep(
        startTcp((socket) => {
          ended = new Promise((done) => socket.once("end", done));
          socket.on("data", (chunk) => {
            bytes.push(chunk);
            resolve();
          });
        }),
      ).then(async ({ port }) => {
        const controller = new AbortController();
        const socket = connect(port, { signal: controller.signal });
        await greeted;
        controller.abort("enough");
        await expect(socket.opened).rejects.toMatchObject({ code: "aborted", cause: "enough" });
      });
    });
    await greeted;
    await ended;
    // user_canceled (90), then close_notify (0), both as warnings (RFC 8446 §6.1).
    const alerts = "1503030002015a" + "15030300020100";
    expect(Buffer.concat(bytes).toString("hex").endsWith(alerts)).toBe(true);
  });

  test("a signal that is aborted already", async () => {
    const socket = connect(1, { signal: AbortSignal.abort("before") });
    await expect(socket.opened).rejects.toMatchObject({ code: "aborted", cause: "before" });
  });

  test("close() before the connection is open", async () => {
    const { port } = await keep(startSilent());
    const socket = connect(port);
    await socket.close();
    await expect(socket.opened).rejects.toMatchObject({ code: "closed/local" });
    await expect(readText(socket)).resolves.toBe("");
  });

  test("close() sends what was written before", async () => {
    let text = "";
    const received = new Promise<void>((resolve) => {
      void keep(
        startNodeTls(identity(), (socket) => {
          socket.on("data", (chunk: Buffer) => {
            text += chunk.toString();
          });
          socket.on("end", resolve);
        }),
      ).then(async ({ port }) => {
        const socket = connect(port);
        await socket.opened;
        const writer = socket.writable.getWriter();
        for (const word of ["one ", "two ", "three"]) {
          void writer.write(new TextEncoder().encode(word));
        }
        await socket.close();
      });
    });
    await received;
    expect(text).toBe("one two three");
  });

  test("close() of the client closes all sockets, and no more can be opened", async () => {
    const server = await keep(startNodeTls(identity(), echo));
    let worker: InThreadWorker | undefined;
    const tls = create({
      worker: () => {
        worker = startInThread();
        return worker;
      },
    });
    const sockets = [1, 2, 3].map(() => tls.connect(`localhost:${server.port}`));
    await Promise.all(sockets.map((socket) => socket.opened));
    await tls.close();
    await Promise.all(sockets.map((socket) => socket.closed));
    expect(worker?.terminated).toBe(true);
    const error = await failureOf(() => tls.connect("localhost:1"));
    expect(error.code).toBe("configuration/invalid-state");
  });

  test("a crash of the worker rejects every open socket; the next one starts another", async () => {
    const server = await keep(startNodeTls(identity(), reverseLines));
    const workers: InThreadWorker[] = [];
    const tls = create({
      worker: () => {
        const worker = startInThread();
        workers.push(worker);
        return worker;
      },
    });
    const sockets = [1, 2].map(() => tls.connect(`localhost:${server.port}`));
    await Promise.all(sockets.map((socket) => socket.opened));
    const reading = readSome(sockets[0] as Socket);
    workers[0]?.crash("out of memory");
    for (const promise of [reading, ...sockets.map((socket) => socket.closed)]) {
      await expect(promise).rejects.toMatchObject({ code: "closed/worker" });
    }
    expect(workers[0]?.terminated).toBe(true);
    const next = tls.connect(`localhost:${server.port}`);
    await next.opened;
    expect(workers).toHaveLength(2);
  });

  test("a worker that can't be started", async () => {
    const tls = create({
      worker: () => {
        throw new Error("blocked by policy");
      },
    });
    const socket = tls.connect("localhost:1");
    const error = await failureOf(() => socket.opened);
    expect(error.code).toBe("closed/worker");
  });
});
