import { describe, expect, test } from "vitest";
import { connectToPeer, type PeerConnection } from "../../../test/peer/connect.ts";
import { fault, testFaults, verdict } from "../../../test/peer/faults.ts";
import { createIdentities } from "../../../test/peer/identities.ts";
import { extension } from "../../../test/peer/messages.ts";
import type { Peer } from "../../../test/peer/peer.ts";
import type { Script } from "../../../test/peer/script.ts";
import { concat } from "../../crypto/bytes.ts";
import { aeadTagLength } from "../../crypto/provider.ts";
import type { TlsOptions } from "../options.ts";

const identities = await createIdentities();
const identity = await identities.of();
const rfc = "RFC 8449 §4";
const { illegal, overflow, undecodable } = verdict;
const tag13 = aeadTagLength;
/** With the explicit nonce of AES-GCM (RFC 5288 §3). */
const tag12 = 8 + aeadTagLength;

/** The server's answer, in the message that carries it. */
function answering(version: "TLSv1.3" | "TLSv1.2", limit: number): Omit<Script, "identity"> {
  const answer = extension("record_size_limit", (w) => w.u16(limit));
  if (version === "TLSv1.3") return { encryptedExtensions: (list) => [...list, answer] };
  return {
    version,
    serverHello: (fields) => ({ ...fields, extensions: [...fields.extensions, answer] }),
  };
}

/** Lengths of the records that the client has sent, as their headers say, with their types. */
function sentRecords({ sent }: PeerConnection): { type: number; length: number }[] {
  const bytes = concat(...sent.toServer);
  const records: { type: number; length: number }[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = (bytes[at + 3] ?? 0) * 256 + (bytes[at + 4] ?? 0);
    records.push({ type: bytes[at] ?? 0, length });
    at += 5 + length;
  }
  return records;
}

async function opened(script: Omit<Script, "identity">, options: TlsOptions = {}) {
  const connection = connectToPeer(await identities.config({ cipherSuites: aes, ...options }), {
    identity,
    after: (peer) => peer.drain(),
    ...script,
  });
  await connection.handshake;
  return connection;
}

const aes = ["TLS_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"] as const;

async function write(connection: PeerConnection, length: number): Promise<void> {
  const data = Uint8Array.from({ length }, (_, index) => index & 0xff);
  await connection.client.write([data]);
  await expect.poll(() => concat(...connection.received.data).length).toBe(length);
  expect(concat(...connection.received.data)).toEqual(data);
}

/** A second write, behind the first. */
async function writeMore(connection: PeerConnection, length: number): Promise<void> {
  const before = concat(...connection.received.data).length;
  await connection.client.write([new Uint8Array(length)]);
  await expect.poll(() => concat(...connection.received.data).length).toBe(before + length);
}

describe("the server's limit is obeyed (RFC 8449 §4)", () => {
  test.each([
    ["TLSv1.3", 100 + tag13],
    ["TLSv1.2", 100 + tag12],
  ] as const)(
    "%s: no record is longer, and none shorter than it need be",
    async (version, most) => {
      const connection = await opened(answering(version, 100));
      await write(connection, 1000);
      const content = version === "TLSv1.3" ? 99 : 100;
      const lengths = sentRecords(connection)
        .filter(({ type }) => type === 23)
        .map(({ length }) => length);
      const data = lengths.slice(-Math.ceil(1000 / content));
      expect(Math.max(...lengths)).toBe(most);
      expect(data.slice(0, -1)).toEqual(Array(data.length - 1).fill(most));
    },
  );

  test("a limit beyond what the version has changes nothing", async () => {
    const connection = await opened(answering("TLSv1.3", 65535));
    await write(connection, 20_000);
    const lengths = sentRecords(connection).map(({ length }) => length);
    expect(Math.max(...lengths)).toBe(2 ** 14 + 1 + tag13);
  });

  test("padding stays within it", async () => {
    const connection = await opened(answering("TLSv1.3", 100), { recordPadding: 64 });
    await write(connection, 70);
    await writeMore(connection, 10);
    const lengths = sentRecords(connection).map(({ length }) => length);
    expect(lengths.slice(-2)).toEqual([100 + tag13, 64 + tag13]);
  });
});

describe("the client's limit is kept to", () => {
  const fits = { "TLSv1.3": 99, "TLSv1.2": 100 };
  const sends = (length: number) => async (peer: Peer) => {
    await peer.data(new Uint8Array(length).fill(1));
    await peer.closeNotify();
  };
  const cut = (encoded: Uint8Array) => {
    const pieces = [];
    for (let at = 0; at < encoded.length; at += 99) pieces.push(encoded.slice(at, at + 99));
    return pieces;
  };
  const options = { recordSizeLimit: 100, cipherSuites: aes };

  describe.each(["TLSv1.3", "TLSv1.2"] as const)("%s", (version) => {
    const on = { certificate: { frame: cut } };
    const script = { ...answering(version, 16384), on };

    test("records as long as it are taken", async () => {
      const connection = connectToPeer(await identities.config(options), {
        identity,
        ...script,
        after: sends(fits[version]),
      });
      const { error, delivered } = await connection.outcome();
      expect(error).toBeUndefined();
      expect(delivered).toHaveLength(fits[version]);
    });

    test("a server that does not know the extension sends what it likes", async () => {
      const connection = connectToPeer(await identities.config(options), {
        version,
        identity,
        after: sends(16384),
      });
      const { error, delivered } = await connection.outcome();
      expect(error).toBeUndefined();
      expect(delivered).toHaveLength(16384);
    });

    testFaults({ identities, version, isProtected: true }, [
      fault(20, rfc, "a longer one", { ...script, after: sends(fits[version] + 1) }, overflow, {
        options,
      }),
    ]);
  });

  testFaults({ identities, version: "TLSv1.3", isProtected: true }, [
    fault(20, rfc, "a longer one in the handshake", answering("TLSv1.3", 64), overflow, {
      options,
    }),
    fault(10, rfc, "a limit of 63 bytes", answering("TLSv1.3", 63), illegal),
    fault(
      18,
      rfc,
      "a limit of three bytes' length",
      {
        encryptedExtensions: (list) => [
          ...list,
          extension("record_size_limit", (w) => w.u8(0).u16(64)),
        ],
      },
      undecodable,
    ),
  ]);
  testFaults({ identities, version: "TLSv1.2", isProtected: false }, [
    fault(10, rfc, "a limit of 63 bytes", answering("TLSv1.2", 63), illegal),
  ]);
});

describe("maxFragmentSize", () => {
  test.each(["TLSv1.3", "TLSv1.2"] as const)("%s: all records hold no more", async (version) => {
    const connection = await opened({ version }, { maxFragmentSize: 32 });
    await write(connection, 100);
    const most = version === "TLSv1.3" ? 32 + 1 + tag13 : 32 + tag12;
    const records = sentRecords(connection);
    expect(Math.max(...records.map(({ length }) => length))).toBe(most);
    // The ClientHello too: it is sent before there is a key.
    expect(records.filter(({ type }) => type === 22).length).toBeGreaterThan(4);
    expect(records[0]?.length).toBe(32);
  });
});

describe("recordPadding (RFC 8446 §5.4)", () => {
  test("all that TLS 1.3 protects is a multiple, up to the longest record", async () => {
    const connection = await opened({}, { recordPadding: 1000 });
    await write(connection, 1);
    await writeMore(connection, 999);
    await writeMore(connection, 1000);
    await writeMore(connection, 16384);
    await connection.client.closeWrite();
    await expect.poll(() => connection.received.alerts.length).toBe(1);
    const lengths = sentRecords(connection)
      .filter(({ type }) => type === 23)
      .map(({ length }) => length - tag13);
    // Finished, the four writes, close_notify.
    expect(lengths).toEqual([1000, 1000, 1000, 2000, 16385, 1000]);
  });

  test("TLS 1.2 has none", async () => {
    const connection = await opened({ version: "TLSv1.2" }, { recordPadding: 1000 });
    await write(connection, 1);
    expect(sentRecords(connection).at(-1)?.length).toBe(1 + tag12);
  });
});
