import { describe, expect, test } from "vitest";
import { failureOf } from "../../test/failure.ts";
import { connectToPeer, type PeerConnection } from "../../test/peer/connect.ts";
import { createIdentities } from "../../test/peer/identities.ts";
import type { Message, ServerMessageName } from "../../test/peer/script.ts";
import type { PeerWire } from "../../test/peer/wire.ts";
import { concat } from "../crypto/bytes.ts";
import { TlsError, type TlsErrorCode } from "../errors.ts";
import { ClientConnection } from "./connection.ts";
import { contentType } from "./messages/registry.ts";

const identities = await createIdentities();
const identity = await identities.of();
const config = await identities.config();
const versions = ["TLSv1.3", "TLSv1.2"] as const;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const encode = (words: string) => new TextEncoder().encode(words);
const never = () => new Promise<void>(() => {});
const aborted = () => new TlsError("aborted", "The caller gave up.");

describe.each(versions)("closing %s (RFC 8446 §6.1)", (version) => {
  test("fault 3: what follows close_notify is ignored, and writing goes on", async () => {
    const connection = connectToPeer(config, {
      version,
      identity,
      after: async (peer) => {
        await peer.data("data");
        await peer.closeNotify();
        await peer.data("more");
        peer.wire.raw(encode("no record at all"));
        while (peer.wire.received.data.length === 0) await peer.wire.nextRecord();
      },
    });
    await connection.handshake;
    await connection.client.closed;
    await connection.client.write([encode("still here")]);
    await connection.client.closeWrite();
    const { error, delivered, received } = await connection.outcome();
    expect(error).toBeUndefined();
    expect(text(delivered)).toBe("data");
    expect(text(concat(...received.data))).toBe("still here");
    expect(received.alerts).toEqual([
      { name: "close_notify", level: "warning", isProtected: true },
    ]);
  });

  test("closeWrite() sends close_notify once, and reading goes on", async () => {
    const connection = connectToPeer(config, {
      version,
      identity,
      after: async (peer) => {
        await peer.wire.nextRecord();
        await peer.data("answer");
        await peer.closeNotify();
      },
    });
    await connection.handshake;
    await connection.client.closeWrite();
    await connection.client.closeWrite();
    const { error, delivered, received } = await connection.outcome();
    expect(error).toBeUndefined();
    expect(text(delivered)).toBe("answer");
    expect(received.alerts.map(({ name }) => name)).toEqual(["close_notify"]);
  });

  test("closeWrite() cuts off a write under way: nothing comes behind close_notify", async () => {
    let isStalled = false;
    const taken: (() => void)[] = [];
    const stall = () => new Promise<void>((resolve) => taken.push(resolve));
    const connection = connectToPeer(
      config,
      { version, identity, after: (peer) => peer.drain() },
      { sending: () => (isStalled ? stall() : undefined) },
    );
    await connection.handshake;
    isStalled = true;
    const written = failureOf(() => connection.client.write([new Uint8Array(2 ** 20)]));
    await expect.poll(() => taken.length).toBe(1);
    await connection.client.closeWrite();
    isStalled = false;
    for (const take of taken) take();
    expect((await written).code).toBe("configuration/invalid-state");
    await expect.poll(() => connection.received.alerts.length).toBe(1);
    expect(connection.received.recordTypes.at(-1)).toBe(contentType.alert);
    expect(concat(...connection.received.data).length).toBeLessThan(2 ** 20);
  });

  test("write() is refused before the handshake, after closeWrite() and after a failure", async () => {
    const connection = connectToPeer(config, { version, identity, after: (peer) => peer.drain() });
    const { client } = connection;
    const early = await failureOf(() => client.write([encode("early")]));
    expect(early.code).toBe("configuration/invalid-state");
    await connection.handshake;
    await client.closeWrite();
    const late = await failureOf(() => client.write([encode("late")]));
    expect(late.code).toBe("configuration/invalid-state");
    await client.abort(aborted());
    const last = await failureOf(() => client.write([encode("last")]));
    expect(last.code).toBe("aborted");
    const { received } = await connection.outcome();
    expect(received.data).toEqual([]);
  });

  test("an empty write sends nothing", async () => {
    const connection = connectToPeer(config, { version, identity });
    await connection.handshake;
    await connection.client.write([]);
    await connection.client.write([new Uint8Array(0)]);
    const { received } = await connection.outcome();
    expect(received.recordTypes).not.toContain(contentType.applicationData);
  });

  test("the end of the transport behind close_notify is no failure, nor is a second one", async () => {
    const connection = connectToPeer(config, { version, identity });
    const { error } = await connection.outcome();
    expect(error).toBeUndefined();
    await connection.client.pushEnd();
    await connection.client.push(new Uint8Array(9));
    await expect(connection.client.closed).resolves.toBeUndefined();
  });
});

describe.each(versions)("abort() of %s", (version) => {
  const cases: readonly [TlsErrorCode, ServerMessageName][] = [
    ["aborted", "server_hello"],
    ["aborted", "certificate"],
    ["aborted", "finished"],
    ["closed/local", "certificate"],
    ["timeout/handshake", "certificate"],
  ];
  test.each(cases)("(%s) in front of %s says user_canceled, close_notify", async (code, stage) => {
    const connection: PeerConnection = connectToPeer(config, {
      version,
      identity,
      on: {
        [stage]: {
          before: async (wire: PeerWire) => {
            wire.flush();
            // The client has worked through all that was sent so far.
            await connection.client.push(new Uint8Array(0));
            await connection.client.abort(new TlsError(code, "The caller gave up."));
            await wire.nextMessage();
          },
        },
      },
    });
    const { error, received } = await connection.outcome();
    expect(error).toMatchObject({
      code,
      phase: "handshake",
      alertSent: "user_canceled",
    });
    expect(received.alerts.map(({ name, level }) => [name, level])).toEqual([
      ["user_canceled", "warning"],
      ["close_notify", "warning"],
    ]);
  });

  test("after the handshake sends close_notify alone, and fails what is pending", async () => {
    let isStalled = false;
    const connection = connectToPeer(
      config,
      { version, identity, after: (peer) => peer.drain() },
      { sending: () => (isStalled ? never() : undefined) },
    );
    await connection.handshake;
    isStalled = true;
    const written = failureOf(() => connection.client.write([encode("data")]));
    await connection.client.abort(aborted());
    expect((await written).code).toBe("aborted");
    const { error, received } = await connection.outcome();
    expect(error).toMatchObject({ code: "aborted", phase: "data" });
    expect(received.alerts.map(({ name }) => name)).toEqual(["close_notify"]);
  });

  test("the first failure stays", async () => {
    const connection = connectToPeer(config, { version, identity, after: (peer) => peer.drain() });
    await connection.handshake;
    await connection.client.abort(aborted());
    await connection.client.abort(new TlsError("timeout/handshake", "Later."));
    expect((await connection.outcome()).error?.code).toBe("aborted");
  });
});

describe.each(versions)("an alert of the server of %s", (version) => {
  test.each(["handshake_failure", "certificate_required", "unrecognized_name"] as const)(
    "%s instead of the ServerHello ends the handshake, and is not answered",
    async (name) => {
      const { error, received } = await connectToPeer(config, {
        version,
        identity,
        on: {
          server_hello: {
            before: async (wire) => {
              await wire.alert(name);
              wire.hangUp();
            },
          },
        },
      }).outcome();
      expect(error).toMatchObject({ code: "alert/received", alertReceived: name });
      expect(error?.alertSent).toBeUndefined();
      expect(received.alerts).toEqual([]);
    },
  );

  test("in the middle of the flight it does the same", async () => {
    const { error } = await connectToPeer(config, {
      version,
      identity,
      on: { certificate: { before: (wire) => wire.alert("internal_error") } },
    }).outcome();
    expect(error).toMatchObject({ code: "alert/received", alertReceived: "internal_error" });
  });

  test("close_notify in the handshake ends it", async () => {
    const { error, delivered } = await connectToPeer(config, {
      version,
      identity,
      on: { finished: { before: (wire) => wire.alert("close_notify", "warning") } },
    }).outcome();
    expect(error).toMatchObject({ code: "alert/received", alertReceived: "close_notify" });
    expect(delivered).toHaveLength(0);
  });

  test("among data it rejects reading behind the data before it", async () => {
    const { error, delivered, received } = await connectToPeer(config, {
      version,
      identity,
      after: async (peer) => {
        await peer.data("data");
        await peer.alert("access_denied");
        await peer.data("more");
      },
    }).outcome();
    expect(error).toMatchObject({
      code: "alert/received",
      alertReceived: "access_denied",
      phase: "data",
    });
    expect(text(delivered)).toBe("data");
    expect(received.alerts).toEqual([]);
  });
});

test("TLS 1.3 knows no warnings: one ends the connection, and is answered (RFC 8446 §6)", async () => {
  const { error, received } = await connectToPeer(config, {
    identity,
    after: (peer) => peer.alert("unrecognized_name", "warning"),
  }).outcome();
  expect(error).toMatchObject({
    code: "alert/received",
    alertReceived: "unrecognized_name",
    alertSent: "decode_error",
  });
  expect(received.alerts).toEqual([{ name: "decode_error", level: "fatal", isProtected: true }]);
});

test("fault 36: certificate_required behind the handshake rejects the first read", async () => {
  const connection = connectToPeer(config, {
    identity,
    requestCertificate: true,
    after: (peer) => peer.alert("certificate_required"),
  });
  await connection.handshake;
  const { error, delivered } = await connection.outcome();
  expect(error).toMatchObject({ code: "alert/received", alertReceived: "certificate_required" });
  expect(delivered).toHaveLength(0);
});

describe.each(versions)("a sink that takes nothing, with %s", (version) => {
  test.each([
    ["server_hello", "handshake/decode-error"],
    ["certificate", "handshake/decode-error"],
    ["finished", "handshake/bad-finished"],
  ] as const)("does not hold up the failure of a bad %s", async (name, code) => {
    const connection = connectToPeer(
      config,
      {
        version,
        identity,
        on: { [name]: { instead: ({ type }: Message) => [{ type, body: new Uint8Array(1) }] } },
      },
      { sending: never },
    );
    const { error, received } = await connection.outcome();
    expect(error?.code).toBe(code);
    expect(received.alerts).toHaveLength(1);
  });

  test("does not hold up the end of the transport", async () => {
    const { error } = await connectToPeer(
      config,
      { version, identity, on: { certificate: { before: (wire) => wire.hangUp() } } },
      { sending: never },
    ).outcome();
    expect(error?.code).toBe("closed/truncated");
  });

  test("does not hold up abort()", async () => {
    const connection = connectToPeer(
      config,
      { version, identity, on: { server_hello: { before: () => never() } } },
      { sending: never },
    );
    await connection.client.abort(aborted());
    expect((await failureOf(() => connection.handshake)).code).toBe("aborted");
  });

  test("does not hold up reading", async () => {
    const connection = connectToPeer(
      config,
      {
        version,
        identity,
        after: async (peer) => {
          await peer.data("data");
          await peer.closeNotify();
        },
      },
      { sending: never },
    );
    const { error, delivered } = await connection.outcome();
    expect(error).toBeUndefined();
    expect(text(delivered)).toBe("data");
  });
});

describe.each(versions)("a sink that fails, with %s", (version) => {
  test("in the handshake ends it", async () => {
    const broken = new Error("the transport is gone");
    const connection = connectToPeer(
      config,
      { version, identity },
      { sending: () => Promise.reject(broken) },
    );
    const error = await failureOf(() => connection.handshake);
    expect(error.code).toBe("handshake/internal-error");
    expect(error.cause).toBe(broken);
  });

  test("in deliver() fails the connection", async () => {
    const broken = new Error("the application is gone");
    const connection = connectToPeer(
      config,
      { version, identity, after: (peer) => peer.data("data") },
      { delivering: () => Promise.reject(broken) },
    );
    await connection.handshake;
    const { error } = await connection.outcome();
    expect(error?.code).toBe("handshake/internal-error");
    expect(error?.cause).toBe(broken);
  });
});

test("push() waits for the application to take what came of it", async () => {
  let take = () => {};
  const connection = connectToPeer(
    config,
    { identity, after: (peer) => peer.data("data") },
    {
      ends: false,
      delivering: () =>
        new Promise((resolve) => {
          take = resolve;
        }),
    },
  );
  await connection.handshake;
  await expect.poll(() => connection.delivered.length).toBe(1);
  let isPushed = false;
  const pushed = connection.client.push(new Uint8Array(0)).then(() => {
    isPushed = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isPushed).toBe(false);
  take();
  await pushed;
  await connection.client.abort(aborted());
  await connection.outcome();
});

test("what is pushed before handshake() waits for it", async () => {
  const sent: Uint8Array[] = [];
  const client = new ClientConnection(config, {
    send: (records) => void sent.push(...records),
    deliver: () => {},
  });
  void client.push(encode("SSH-2.0-OpenSSH\r\n"));
  expect(sent).toEqual([]);
  const error = await failureOf(() => client.handshake());
  expect(error.code).toBe("record/unexpected-type");
  expect(await failureOf(() => client.closed)).toBe(error);
});
