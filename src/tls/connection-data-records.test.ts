import { describe, expect, test, vi } from "vitest";
import { connectToPeer } from "../../test/peer/connect.ts";
import { fault, testFaults, verdict } from "../../test/peer/faults.ts";
import { createIdentities } from "../../test/peer/identities.ts";
import type { Peer } from "../../test/peer/peer.ts";
import { readAhead } from "../../test/peer/read-ahead.ts";
import { concat } from "../crypto/bytes.ts";
import {
  maxCiphertext12,
  maxCiphertext13,
  maxEmptyRecords,
  maxFragment,
  maxHandshakeMessage,
  maxWarningAlerts,
} from "./limits.ts";
import { contentType } from "./messages/registry.ts";
import { recordHeader } from "./record/protection.ts";
import type { RecordReader } from "./record/reader.ts";

/** Whatever comes is given away where records are read ahead. */
vi.mock("./record/ahead-limits.ts", async (original) => ({
  ...(await original<typeof import("./record/ahead-limits.ts")>()),
  leastJob: 0,
}));

const identities = await createIdentities();
const identity = await identities.of();
const { badMac, overflow, unexpected, unexpectedType } = verdict;
const flood = { code: "record/flood", alert: "unexpected_message" } as const;
const delivered = { delivered: "data" };

type Act = (peer: Peer) => Promise<void> | void;
/** Between two records of data: the first has to be delivered, the second may not be. */
const amid = (act: Act) => ({
  after: async (peer: Peer) => {
    await peer.data("data");
    await act(peer);
    await peer.data("more");
  },
});
const repeat = (count: number, act: Act): Act => {
  return async (peer) => {
    for (let index = 0; index < count; index++) await act(peer);
  };
};
const header =
  (type: number, length: number): Act =>
  ({ wire }) =>
    wire.raw(recordHeader(type, length));
const record =
  (type: number, ...content: number[]): Act =>
  ({ wire }) =>
    wire.record(type, Uint8Array.from(content));
const inTheClear =
  (type: number, ...content: number[]): Act =>
  ({ wire }) =>
    wire.plainRecord(type, Uint8Array.from(content));

const changed: Act = ({ wire }) =>
  wire.record(23, new Uint8Array(9), (sealed) => sealed.with(-1, (sealed.at(-1) ?? 0) ^ 1));
const replayed: Act = ({ wire }) =>
  wire.record(23, new Uint8Array(9), (sealed) => concat(sealed, sealed));
const long: Act = (peer) => peer.data(new Uint8Array(maxFragment + 1));
const empties = repeat(maxEmptyRecords + 1, record(23));

const ways = [
  ["", {}],
  [", read ahead", { readsAhead: (reader: RecordReader) => readAhead(reader) }],
] as const;

describe.each(ways)("among application data of TLS 1.3%s", (_, connection) => {
  const cancels = repeat(maxWarningAlerts + 1, record(21, 1, 90));
  const halfMessage: Act = async (peer) => {
    await record(22, 4, 0)(peer);
    await peer.data("behind");
  };
  const rfc = "RFC 8446 §5";
  testFaults({ identities, version: "TLSv1.3", isProtected: true, connection }, [
    fault(5, "RFC 8446 §5.2", "a changed record", amid(changed), badMac, delivered),
    fault(5, "RFC 8446 §5.2", "data in the clear", amid(inTheClear(23, 1)), badMac, delivered),
    fault(
      18,
      "RFC 8446 §6",
      "an alert of a byte",
      amid(record(21, 1)),
      verdict.undecodable,
      delivered,
    ),
    fault(5, rfc, "an alert in the clear", amid(inTheClear(21, 1, 0)), badMac, delivered),
    fault(19, rfc, "an unknown type inside", amid(record(24, 1)), unexpectedType, delivered),
    fault(
      20,
      "RFC 8446 §5.2",
      "a header too long",
      amid(header(23, maxCiphertext13 + 1)),
      overflow,
      delivered,
    ),
    fault(20, "RFC 8446 §5.4", "2^14 + 1 bytes inside", amid(long), overflow, delivered),
    fault(22, "RFC 8446 §5.1", "empty records", amid(empties), flood, delivered),
    fault(22, "RFC 8446 §6.1", "user_canceled again and again", amid(cancels), flood, delivered),
    fault(
      22,
      "RFC 8446 §5.1",
      "an empty handshake record",
      amid(record(22)),
      unexpectedType,
      delivered,
    ),
    fault(24, "RFC 8446 §5.1", "data amid a message", amid(halfMessage), unexpected, delivered),
    fault(
      25,
      rfc,
      "change_cipher_spec in the clear",
      amid(inTheClear(20, 1)),
      unexpectedType,
      delivered,
    ),
    fault(
      25,
      rfc,
      "change_cipher_spec under the key",
      amid(record(20, 1)),
      unexpectedType,
      delivered,
    ),
  ]);

  test("padding is taken off (RFC 8446 §5.4)", async () => {
    const { error, delivered } = await connectToPeer(
      await identities.config(),
      {
        identity,
        after: async (peer) => {
          const inner = Uint8Array.of(1, 0, 2, 0, contentType.applicationData);
          await peer.wire.record(0, concat(inner, new Uint8Array(500)));
          await peer.closeNotify();
        },
      },
      connection,
    ).outcome();
    expect(error).toBeUndefined();
    expect(delivered).toEqual(Uint8Array.of(1, 0, 2, 0));
  });
});

describe.each(ways)("among application data of TLS 1.2%s", (_, connection) => {
  const warnings = repeat(maxWarningAlerts + 1, record(21, 1, 112));
  const plainData = inTheClear(23, ...new Uint8Array(30));
  testFaults({ identities, version: "TLSv1.2", isProtected: true, connection }, [
    fault(5, "RFC 5246 §6.2.3.3", "a changed record", amid(changed), badMac, delivered),
    fault(5, "RFC 5246 §6.2.3.3", "data in the clear", amid(plainData), badMac, delivered),
    fault(
      5,
      "RFC 5246 §6.2.3.3",
      "an alert in the clear",
      amid(inTheClear(21, 1, 0)),
      badMac,
      delivered,
    ),
    fault(
      20,
      "RFC 5246 §6.2.3",
      "a header too long",
      amid(header(23, maxCiphertext12 + 1)),
      overflow,
      delivered,
    ),
    fault(20, "RFC 5246 §6.2.1", "2^14 + 1 bytes inside", amid(long), overflow, delivered),
    fault(22, "RFC 5246 §6.2.1", "empty records", amid(empties), flood, delivered),
    fault(22, "RFC 5246 §7.2", "warnings", amid(warnings), flood, delivered),
    fault(
      25,
      "RFC 5246 §7.1",
      "change_cipher_spec",
      amid(record(20, 1)),
      unexpectedType,
      delivered,
    ),
  ]);
});

describe.each(["TLSv1.3", "TLSv1.2"] as const)("%s", (version) => {
  test("fault 5, RFC 8446 §5.3: a record sent again is refused, the first one delivered", async () => {
    const { error, delivered } = await connectToPeer(await identities.config(), {
      version,
      identity,
      after: replayed,
    }).outcome();
    expect(error?.code).toBe("record/bad-mac");
    expect(delivered).toEqual(new Uint8Array(9));
  });

  test("records of 2^14 bytes pass, and empty records and warnings between data", async () => {
    const full = new Uint8Array(maxFragment).fill(7);
    const warning = version === "TLSv1.3" ? "user_canceled" : "unrecognized_name";
    const { error, delivered } = await connectToPeer(await identities.config(), {
      version,
      identity,
      after: async (peer) => {
        for (let round = 0; round < 2; round++) {
          await repeat(maxEmptyRecords, record(23))(peer);
          await repeat(maxWarningAlerts, () => peer.alert(warning, "warning"))(peer);
          await peer.data(full);
        }
        await peer.closeNotify();
      },
    }).outcome();
    expect(error).toBeUndefined();
    expect(delivered).toEqual(concat(full, full));
  });

  test("a Certificate of 64 KiB is read to its end", async () => {
    const length = maxHandshakeMessage - (version === "TLSv1.3" ? 9 : 6);
    const { error } = await connectToPeer(await identities.config(), {
      version,
      identity,
      certificate: (fields) => ({
        ...fields,
        entries: [{ certificate: new Uint8Array(length), extensions: [] }],
      }),
    }).outcome();
    expect(error?.code).toBe("certificate/malformed");
  });
});
