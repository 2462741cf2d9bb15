import { describe, expect, test } from "vitest";
import { connectToPeer } from "../../../test/peer/connect.ts";
import { fault, testFaults, verdict } from "../../../test/peer/faults.ts";
import { createIdentities } from "../../../test/peer/identities.ts";
import type { Peer } from "../../../test/peer/peer.ts";
import { concat } from "../../crypto/bytes.ts";
import { maxPostHandshakeMessages } from "../limits.ts";
import { contentType, handshakeType } from "../messages/registry.ts";
import { cipherSuiteNames, versionOfSuite } from "../options.ts";
import { encodeHandshake } from "../record/handshake-joiner.ts";

const identities = await createIdentities();
const identity = await identities.of();
const config = await identities.config();
const { illegal, undecodable, unexpected } = verdict;
const flood = { code: "handshake/flood", alert: "unexpected_message" } as const;
const renegotiation = { code: "handshake/renegotiation", alert: "unexpected_message" } as const;
const delivered = { delivered: "data" };
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const encode = (words: string) => new TextEncoder().encode(words);
const keyUpdates = (messages: readonly { type: number }[]) =>
  messages.filter(({ type }) => type === handshakeType.key_update);

type Act = (peer: Peer) => Promise<void> | void;
/** Between two records of data: the first has to be delivered, the second may not be. */
const amid = (act: Act) => ({
  after: async (peer: Peer) => {
    await peer.data("data");
    await act(peer);
    await peer.data("more");
  },
});
const message =
  (type: number, ...body: number[]): Act =>
  (peer) =>
    peer.handshake(type, Uint8Array.from(body));
const repeat = (count: number, act: Act): Act => {
  return async (peer) => {
    for (let index = 0; index < count; index++) await act(peer);
  };
};

describe("KeyUpdate (RFC 8446 §4.6.3)", () => {
  const suites = cipherSuiteNames.filter((name) => versionOfSuite(name) === "TLSv1.3");
  test.each(suites)(
    "with %s: data behind it in the same chunk is read with the new key",
    async (suite) => {
      const { error, delivered, received } = await connectToPeer(config, {
        identity,
        suite,
        after: async (peer) => {
          await peer.data("one ");
          await peer.keyUpdate("not requested");
          await peer.data("two ");
          await peer.data("three");
          await peer.closeNotify();
        },
      }).outcome();
      expect(error).toBeUndefined();
      expect(text(delivered)).toBe("one two three");
      expect(keyUpdates(received.messages)).toHaveLength(0);
    },
  );

  test("one that is requested is answered, and what follows has the new key", async () => {
    const connection = connectToPeer(config, {
      identity,
      after: async (peer) => {
        await peer.keyUpdate("requested");
        await peer.data("go");
        // The answer asks for none in return, or the two would go on for ever.
        expect((await peer.nextMessage()).body).toEqual(Uint8Array.of(0));
        while (text(concat(...peer.wire.received.data)) !== "before, behind") {
          await peer.wire.nextRecord();
        }
        await peer.closeNotify();
      },
    });
    await connection.handshake;
    const { client } = connection;
    await client.write([encode("before, ")]);
    await expect.poll(() => text(concat(...connection.delivered))).toBe("go");
    await client.write([encode("behind")]);
    const { error } = await connection.outcome();
    expect(error).toBeUndefined();
  });

  test("several in a row are answered once, before the next data", async () => {
    const connection = connectToPeer(config, {
      identity,
      after: async (peer) => {
        for (let round = 0; round < 20; round++) {
          await peer.keyUpdate(round % 2 === 0 ? "requested" : "not requested");
          await peer.keyUpdate("not requested");
          await peer.data(`${round} `);
        }
        peer.wire.flush();
        await peer.drain();
      },
    });
    const { client, delivered, received } = connection;
    await connection.handshake;
    await expect
      .poll(
        () =>
          text(concat(...delivered))
            .trim()
            .split(" ").length,
      )
      .toBe(20);
    expect(keyUpdates(received.messages)).toHaveLength(0);
    await client.write([encode("one ")]);
    await client.write([encode("two")]);
    await expect.poll(() => text(concat(...received.data))).toBe("one two");
    expect(keyUpdates(received.messages)).toHaveLength(1);
  });

  test("requests are not answered one by one while the transport takes nothing", async () => {
    let isStalled = false;
    const connection = connectToPeer(
      config,
      {
        identity,
        after: async (peer) => {
          await peer.wire.nextRecord();
          await repeat(20, () => peer.keyUpdate("requested"))(peer);
          await peer.data("data");
          await peer.closeNotify();
        },
      },
      { sending: () => (isStalled ? new Promise(() => {}) : undefined) },
    );
    await connection.handshake;
    isStalled = true;
    connection.client.write([new Uint8Array(1000)]).catch(() => {});
    const { error, received } = await connection.outcome();
    expect(error).toBeUndefined();
    expect(keyUpdates(received.messages)).toHaveLength(1);
  });

  test("cut into records of one byte, with more than a batch of records behind it", async () => {
    const { error, delivered } = await connectToPeer(config, {
      identity,
      after: async (peer) => {
        for (let round = 0; round < 100; round++) {
          if (round % 33 === 32) await peer.keyUpdate("not requested");
          await peer.data(Uint8Array.of(round));
        }
        const ticket = encodeHandshake(
          handshakeType.new_session_ticket,
          concat(new Uint8Array(8), Uint8Array.of(0, 0, 1, 9, 0, 0)),
        );
        for (const byte of ticket.encoded) {
          await peer.wire.record(contentType.handshake, Uint8Array.of(byte));
        }
        await peer.closeNotify();
      },
    }).outcome();
    expect(error).toBeUndefined();
    expect(delivered).toEqual(Uint8Array.from({ length: 100 }, (_, index) => index));
  });

  test("both sides at once, data in flight", async () => {
    const connection = connectToPeer(config, {
      identity,
      after: async (peer) => {
        for (let round = 0; round < 5; round++) {
          await peer.keyUpdate("requested");
          await peer.data(`${round}`);
          await peer.nextMessage();
        }
        await peer.closeNotify();
      },
    });
    await connection.handshake;
    let isOver = false;
    void connection.client.closed.then(() => {
      isOver = true;
    });
    const written: Uint8Array[] = [];
    while (!isOver) {
      const chunk = new Uint8Array(1000).fill(written.length);
      written.push(chunk);
      await connection.client.write([chunk]);
    }
    await connection.client.closeWrite();
    await expect.poll(() => connection.received.alerts.length).toBe(1);
    const { error, delivered, received } = await connection.outcome();
    expect(error).toBeUndefined();
    expect(text(delivered)).toBe("01234");
    expect(concat(...received.data)).toEqual(concat(...written));
    expect(keyUpdates(received.messages)).toHaveLength(5);
  });

  test("none is sent behind our own close_notify (RFC 8446 §6.1)", async () => {
    const connection = connectToPeer(config, {
      identity,
      after: async (peer) => {
        await peer.wire.nextRecord();
        await peer.keyUpdate("requested");
        await peer.data("data");
        await peer.closeNotify();
      },
    });
    await connection.handshake;
    await connection.client.closeWrite();
    const { error, delivered, received } = await connection.outcome();
    expect(error).toBeUndefined();
    expect(text(delivered)).toBe("data");
    expect(received.recordTypes.at(-1)).toBe(contentType.alert);
    expect(keyUpdates(received.messages)).toHaveLength(0);
  });
});

describe("behind the handshake of TLS 1.3", () => {
  const { key_update, new_session_ticket } = handshakeType;
  const keyUpdate = (behind: number[]): Act => {
    return (peer) => peer.keyUpdate("not requested", Uint8Array.from(behind));
  };
  const floodOfUpdates = repeat(maxPostHandshakeMessages + 1, (peer) =>
    peer.keyUpdate("not requested"),
  );
  const floodOfTickets = repeat(maxPostHandshakeMessages + 1, (peer) => peer.ticket());
  const cutUpdate: Act = ({ wire }) => wire.record(22, Uint8Array.of(key_update, 0, 0));
  const emptyTicket = [...new Uint8Array(8), 0, 0, 0, 0, 0];
  const twice = [...new Uint8Array(8), 0, 0, 1, 9, 0, 8, 0, 42, 0, 0, 0, 42, 0, 0];
  const rfc = "RFC 8446 §4.6";
  testFaults({ identities, version: "TLSv1.3", isProtected: true }, [
    fault(
      18,
      "RFC 8446 §4.6.3",
      "an empty KeyUpdate",
      amid(message(key_update)),
      undecodable,
      delivered,
    ),
    fault(
      18,
      "RFC 8446 §4.6.3",
      "a long KeyUpdate",
      amid(message(key_update, 0, 0)),
      undecodable,
      delivered,
    ),
    fault(
      18,
      "RFC 8446 §4.6.3",
      "a KeyUpdate of 2",
      amid(message(key_update, 2)),
      illegal,
      delivered,
    ),
    fault(
      18,
      "RFC 8446 §4.6.1",
      "an empty ticket",
      amid(message(new_session_ticket, ...emptyTicket)),
      undecodable,
      delivered,
    ),
    fault(
      18,
      "RFC 8446 §4.6.1",
      "a ticket cut short",
      amid(message(new_session_ticket, 0, 0)),
      undecodable,
      delivered,
    ),
    fault(
      16,
      "RFC 8446 §4.2",
      "a ticket with an extension twice",
      amid(message(new_session_ticket, ...twice)),
      illegal,
      delivered,
    ),
    fault(
      19,
      rfc,
      "a CertificateRequest unasked",
      amid(message(handshakeType.certificate_request, 0, 0, 0)),
      unexpected,
      delivered,
    ),
    fault(
      19,
      rfc,
      "a Finished",
      amid(message(handshakeType.finished, ...new Uint8Array(32))),
      unexpected,
      delivered,
    ),
    fault(
      19,
      rfc,
      "a ServerHello",
      amid(message(handshakeType.server_hello)),
      unexpected,
      delivered,
    ),
    fault(19, rfc, "an unknown message", amid(message(0x63)), unexpected, delivered),
    fault(
      26,
      rfc,
      "a HelloRequest",
      amid(message(handshakeType.hello_request)),
      unexpected,
      delivered,
    ),
    fault(23, "RFC 8446 §4.6.3", "KeyUpdates without data", amid(floodOfUpdates), flood, delivered),
    fault(23, "RFC 8446 §4.6.1", "tickets without data", amid(floodOfTickets), flood, delivered),
    fault(
      24,
      "RFC 8446 §5.1",
      "a message behind KeyUpdate in its record",
      amid(keyUpdate([24, 0, 0, 1, 0])),
      unexpected,
      delivered,
    ),
    fault(
      24,
      "RFC 8446 §5.1",
      "a part of one behind KeyUpdate",
      amid(keyUpdate([4])),
      unexpected,
      delivered,
    ),
    fault(24, "RFC 8446 §5.1", "data amid KeyUpdate", amid(cutUpdate), unexpected, delivered),
  ]);

  test("tickets are read and ignored, as many as there is data between", async () => {
    const { error, delivered } = await connectToPeer(config, {
      identity,
      after: async (peer) => {
        for (let round = 0; round < 3; round++) {
          await repeat(maxPostHandshakeMessages, () => peer.ticket())(peer);
          await peer.data(`${round}`);
        }
        await peer.closeNotify();
      },
    }).outcome();
    expect(error).toBeUndefined();
    expect(text(delivered)).toBe("012");
  });
});

describe("behind the handshake of TLS 1.2", () => {
  const { finished, hello_request, key_update, new_session_ticket, server_hello } = handshakeType;
  const helloRequest = message(hello_request);
  const rfc = "RFC 5246 §7.4.1.1";
  testFaults({ identities, version: "TLSv1.2", isProtected: true }, [
    fault(26, rfc, "HelloRequest twice", amid(repeat(2, helloRequest)), renegotiation, delivered),
    fault(
      18,
      rfc,
      "HelloRequest with a byte",
      amid(message(hello_request, 0)),
      undecodable,
      delivered,
    ),
    fault(26, rfc, "a ServerHello", amid(message(server_hello)), unexpected, delivered),
    fault(
      19,
      "RFC 5246 §7.3",
      "a ticket",
      amid(message(new_session_ticket)),
      unexpected,
      delivered,
    ),
    fault(19, "RFC 5246 §7.3", "a KeyUpdate", amid(message(key_update, 0)), unexpected, delivered),
    fault(19, "RFC 5246 §7.3", "a second Finished", amid(message(finished)), unexpected, delivered),
  ]);

  test("fault 26: one HelloRequest is declined, and the connection goes on", async () => {
    const { error, delivered, received } = await connectToPeer(config, {
      version: "TLSv1.2",
      identity,
      after: async (peer) => {
        await peer.data("one ");
        await helloRequest(peer);
        await peer.data("two");
        await peer.wire.nextRecord();
        await peer.closeNotify();
      },
    }).outcome();
    expect(error).toBeUndefined();
    expect(text(delivered)).toBe("one two");
    expect(received.alerts).toEqual([
      { name: "no_renegotiation", level: "warning", isProtected: true },
    ]);
  });

  test("nothing is sent behind our own close_notify, HelloRequest or not", async () => {
    const connection = connectToPeer(config, {
      version: "TLSv1.2",
      identity,
      after: async (peer) => {
        await peer.wire.nextRecord();
        await helloRequest(peer);
        await peer.closeNotify();
      },
    });
    await connection.handshake;
    await connection.client.closeWrite();
    const { error, received } = await connection.outcome();
    expect(error).toBeUndefined();
    expect(received.alerts.map(({ name }) => name)).toEqual(["close_notify"]);
  });
});
