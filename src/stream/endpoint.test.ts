import { describe, expect, test, vi } from "vitest";
import type { Bytes } from "../crypto/bytes.ts";
import { TlsError } from "../errors.ts";
import { type Connection, Endpoint, type EndpointOptions } from "./endpoint.ts";

/** A connection that notes what it is asked, and takes writes when it is told to. */
class Recorder implements Connection {
  readonly calls: string[] = [];
  taken: Connection["taken"] = (chunks) => {
    for (const { length } of chunks) this.calls.push(`taken ${length}`);
  };
  close = () => void this.calls.push("close");
  closeWrite = async () => void this.calls.push("closeWrite");
  abort = (error: TlsError) => void this.calls.push(`abort ${error.code}`);
  write: Connection["write"] = async (bytes) => void this.calls.push(`write ${bytes.length}`);
}

/** A clock that a test moves. */
function manualClock() {
  const pending = new Set<() => void>();
  return {
    pending,
    schedule(run: () => void) {
      pending.add(run);
      return () => pending.delete(run);
    },
    expire() {
      for (const run of [...pending]) {
        pending.delete(run);
        run();
      }
    },
  };
}

function make(options: Partial<EndpointOptions> = {}) {
  const connection = new Recorder();
  const clock = manualClock();
  const { schedule } = clock;
  const endpoint = new Endpoint<string>(connection, {
    allowHalfOpen: false,
    signal: undefined,
    schedule,
    ...options,
  });
  return { connection, clock, endpoint };
}

const bytes = (length: number): Bytes => new Uint8Array(length);
const broken = new TlsError("closed/truncated", "cut off");
/** Lets all that is due happen. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

describe("reading", () => {
  test("takes only what the reader asks for", async () => {
    const { connection, endpoint } = make();
    endpoint.open("info");
    endpoint.deliver([bytes(1), bytes(2), bytes(3)]);
    await settle();
    expect(connection.calls).toEqual([]);
    const reader = endpoint.readable.getReader();
    expect((await reader.read()).value).toHaveLength(1);
    expect(connection.calls).toEqual(["taken 1"]);
    expect(endpoint.busy).toBe("unread");
    await reader.read();
    await reader.read();
    expect(endpoint.busy).toBeUndefined();
  });

  test("knows what a reader asked for and left", async () => {
    const { endpoint } = make();
    endpoint.open("info");
    const reader = endpoint.readable.getReader();
    const reading = reader.read();
    reader.releaseLock();
    await expect(reading).rejects.toBeInstanceOf(TypeError);
    endpoint.deliver([bytes(1)]);
    await settle();
    expect(endpoint.busy).toBe("unread");
  });

  test("gets nothing that comes before the connection is established", async () => {
    const { endpoint } = make();
    endpoint.deliver([bytes(1)]);
    endpoint.open("info");
    expect(endpoint.busy).toBeUndefined();
  });

  test("does not end cleanly before the connection is established", async () => {
    const { endpoint } = make();
    endpoint.end();
    endpoint.fail(broken);
    await expect(endpoint.readable.getReader().read()).rejects.toBe(broken);
    await expect(endpoint.opened).rejects.toBe(broken);
  });

  test("ends or fails behind what was delivered", async () => {
    for (const failure of [undefined, broken]) {
      const { endpoint } = make();
      endpoint.open("info");
      endpoint.deliver([bytes(1), bytes(2)]);
      if (failure === undefined) endpoint.end();
      else endpoint.fail(failure);
      const reader = endpoint.readable.getReader();
      await reader.read();
      expect((await reader.read()).value).toHaveLength(2);
      if (failure === undefined) expect((await reader.read()).done).toBe(true);
      else await expect(reader.read()).rejects.toBe(failure);
    }
  });

  test("that is cancelled takes everything", async () => {
    const { connection, endpoint } = make();
    endpoint.open("info");
    endpoint.deliver([bytes(1)]);
    await endpoint.readable.cancel();
    endpoint.deliver([bytes(2)]);
    expect(connection.calls).toEqual(["taken 1", "taken 2"]);
    endpoint.end();
  });
});

describe("writing", () => {
  test("waits until the connection is established", async () => {
    const { connection, endpoint } = make();
    const writing = endpoint.writable.getWriter().write(bytes(5));
    await settle();
    expect(connection.calls).toEqual([]);
    endpoint.open("info");
    await writing;
    expect(connection.calls).toEqual(["write 5"]);
  });

  test("passes large chunks on in pieces, and empty ones not at all", async () => {
    const { connection, endpoint } = make();
    endpoint.open("info");
    const writer = endpoint.writable.getWriter();
    await writer.write(bytes(0));
    await writer.write(bytes(300 * 1024).buffer);
    await writer.write(new Uint16Array(3));
    expect(connection.calls).toEqual(["write 262144", "write 45056", "write 6"]);
  });

  test("that has failed leaves the reading alone", async () => {
    const { endpoint } = make();
    endpoint.open("info");
    endpoint.failWriting(broken);
    await expect(endpoint.writable.getWriter().write(bytes(1))).rejects.toBe(broken);
    endpoint.deliver([bytes(1)]);
    expect((await endpoint.readable.getReader().read()).value).toHaveLength(1);
    endpoint.finish();
    await expect(endpoint.closed).rejects.toBe(broken);
  });

  test("that is given up aborts the connection", async () => {
    const { connection, endpoint } = make();
    endpoint.open("info");
    await endpoint.writable.abort("never mind");
    await settle();
    expect(connection.calls).toEqual(["abort aborted"]);
    await expect(endpoint.closed).rejects.toMatchObject({ code: "aborted", cause: "never mind" });
  });
});

describe("half-closing", () => {
  test("the server's end closes both, behind what was written", async () => {
    const { connection, endpoint } = make();
    endpoint.open("info");
    let take = () => {};
    connection.write = (chunk) =>
      new Promise<void>((resolve) => {
        take = () => {
          connection.calls.push(`write ${chunk.length}`);
          resolve();
        };
      });
    const writer = endpoint.writable.getWriter();
    const writing = writer.write(bytes(1));
    await settle();
    endpoint.end();
    const late = writer.write(bytes(2));
    await settle();
    expect(connection.calls).toEqual([]);
    take();
    await writing;
    await expect(late).rejects.toMatchObject({ code: "closed/remote" });
    expect(connection.calls).toEqual(["write 1", "close"]);
    endpoint.finish();
    await endpoint.closed;
  });

  test("with allowHalfOpen each direction ends by itself, in either order", async () => {
    const first = make({ allowHalfOpen: true });
    first.endpoint.open("info");
    first.endpoint.end();
    await settle();
    expect(first.connection.calls).toEqual([]);
    await first.endpoint.writable.close();
    await settle();
    expect(first.connection.calls).toEqual(["closeWrite", "close"]);

    const second = make({ allowHalfOpen: true });
    second.endpoint.open("info");
    await second.endpoint.closeWrite();
    expect(second.connection.calls).toEqual(["closeWrite"]);
    second.endpoint.end();
    await settle();
    expect(second.connection.calls).toEqual(["closeWrite", "close"]);
  });

  test("closeWrite() comes once, and before the connection is established it waits", async () => {
    const { connection, endpoint } = make();
    const closing = endpoint.closeWrite();
    await settle();
    expect(connection.calls).toEqual([]);
    endpoint.open("info");
    await closing;
    await endpoint.writable.close();
    await endpoint.closeWrite();
    expect(connection.calls).toEqual(["closeWrite"]);
  });
});

describe("closing", () => {
  test("drops what is unread and resolves once the connection has closed", async () => {
    const { connection, clock, endpoint } = make();
    endpoint.open("info");
    endpoint.deliver([bytes(1)]);
    let closed = false;
    const closing = endpoint.close().then(() => {
      closed = true;
    });
    expect((await endpoint.readable.getReader().read()).done).toBe(true);
    await settle();
    expect(connection.calls).toEqual(["close"]);
    expect(closed).toBe(false);
    endpoint.finish();
    await closing;
    expect(clock.pending.size).toBe(0);
  });

  test("does not wait for ever for a server that takes nothing", async () => {
    const { connection, clock, endpoint } = make();
    endpoint.open("info");
    connection.write = () => new Promise(() => {});
    const writing = endpoint.writable.getWriter().write(bytes(1));
    const closing = endpoint.close();
    await settle();
    clock.expire();
    await expect(closing).rejects.toMatchObject({ code: "closed/local" });
    expect(connection.calls).toEqual(["abort closed/local"]);
    void writing.catch(() => {});
  });

  test("is no failure where the server is cut off, unless something is unsent", async () => {
    const idle = make();
    idle.endpoint.open("info");
    const closed = idle.endpoint.close();
    idle.endpoint.fail(broken);
    await expect(closed).resolves.toBeUndefined();

    const busy = make();
    busy.endpoint.open("info");
    busy.connection.write = () => new Promise(() => {});
    void busy.endpoint.writable.getWriter().write(bytes(3));
    await settle();
    const failed = busy.endpoint.close();
    busy.endpoint.fail(broken);
    await expect(failed).rejects.toBe(broken);
  });

  test("before the connection is established gives it up, as no failure", async () => {
    const { connection, endpoint } = make();
    await endpoint.close();
    expect(connection.calls).toEqual(["abort closed/local"]);
    await expect(endpoint.opened).rejects.toMatchObject({ code: "closed/local" });
  });

  test("by `await using`", async () => {
    const { connection, endpoint } = make();
    {
      await using used = endpoint;
      expect(used.isOpen).toBe(false);
    }
    expect(connection.calls).toEqual(["abort closed/local"]);
  });
});

test("an abort reaches everything at once, and leaves no listener behind", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const added = vi.spyOn(signal, "addEventListener");
  const removed = vi.spyOn(signal, "removeEventListener");
  const { connection, endpoint } = make({ signal });
  endpoint.open("info");
  endpoint.deliver([bytes(1)]);
  controller.abort("enough");
  const expected = { code: "aborted", cause: "enough" };
  await expect(endpoint.closed).rejects.toMatchObject(expected);
  await expect(endpoint.readable.getReader().read()).rejects.toMatchObject(expected);
  await expect(endpoint.writable.getWriter().write(bytes(1))).rejects.toMatchObject(expected);
  expect(connection.calls).toEqual(["abort aborted"]);
  expect(removed.mock.calls).toEqual(added.mock.calls);
});

test("failures that nobody looks at are no unhandled rejections", async () => {
  let unhandled: unknown;
  const note = (reason: unknown) => {
    unhandled = reason;
  };
  process.on("unhandledRejection", note);
  try {
    make().endpoint.fail(broken);
    const { endpoint } = make();
    endpoint.open("info");
    endpoint.fail(broken);
    await settle();
    await settle();
    expect(unhandled).toBeUndefined();
  } finally {
    process.off("unhandledRejection", note);
  }
});
