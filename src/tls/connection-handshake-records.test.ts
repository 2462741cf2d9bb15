import { describe, expect, test } from "vitest";
import { connectToPeer } from "../../test/peer/connect.ts";
import { fault, testFaults, verdict } from "../../test/peer/faults.ts";
import { createIdentities } from "../../test/peer/identities.ts";
import type { Script } from "../../test/peer/script.ts";
import { type PeerWire, sendChangeCipherSpec } from "../../test/peer/wire.ts";
import type { Bytes } from "../crypto/bytes.ts";
import {
  maxChangeCipherSpecs,
  maxCiphertext13,
  maxEmptyRecords,
  maxFragment,
  maxWarningAlerts,
} from "./limits.ts";
import { handshakeType } from "./messages/registry.ts";
import { recordHeader } from "./record/protection.ts";

const identities = await createIdentities();
const identity = await identities.of();
const { badMac, illegal, overflow, undecodable, unexpected, unexpectedType } = verdict;
const flood = { code: "record/flood", alert: "unexpected_message" } as const;
const malformed = { code: "record/malformed", alert: "decode_error" } as const;
const tooLong = { code: "handshake/message-too-long", alert: "illegal_parameter" } as const;

type Act = (wire: PeerWire) => Promise<void> | void;
const inFront = (name: keyof NonNullable<Script["on"]>, before: Act) => ({
  on: { [name]: { before } },
});
const repeat = async (count: number, act: () => Promise<void> | void) => {
  for (let index = 0; index < count; index++) await act();
};
const header =
  (type: number, length: number, version?: number): Act =>
  (wire) =>
    wire.raw(recordHeader(type, length, version));
const record =
  (type: number, ...content: number[]): Act =>
  (wire) =>
    wire.record(type, Uint8Array.from(content));
const inTheClear =
  (type: number, ...content: number[]): Act =>
  (wire) =>
    wire.plainRecord(type, Uint8Array.from(content));

describe.each(["TLSv1.3", "TLSv1.2"] as const)("in front of the ServerHello of %s", (version) => {
  const first = (act: Act) => inFront("server_hello", act);
  const rfc = "RFC 8446 §5.1";
  const text: Act = (wire) => wire.raw(new TextEncoder().encode("220 mail ready\r\n"));
  const announced = record(22, handshakeType.server_hello, 1, 0, 1);
  const empty: Act = (wire) => repeat(maxEmptyRecords + 1, () => record(22)(wire));
  const warnings: Act = (wire) =>
    repeat(maxWarningAlerts + 1, () => wire.alert("unrecognized_name", "warning"));
  testFaults({ identities, version, isProtected: false }, [
    fault(5, rfc, "data", first(record(23, 1)), unexpected),
    fault(18, rfc, "SSL 2", first(header(22, 3, 0x0002)), malformed),
    fault(18, rfc, "an alert of one byte", first(record(21, 2)), undecodable),
    fault(18, rfc, "an alert of three bytes", first(record(21, 2, 40, 0)), undecodable),
    fault(18, rfc, "an empty alert", first(record(21)), undecodable),
    fault(18, "RFC 8446 §6", "an alert of level 3", first(record(21, 3, 40)), illegal),
    fault(19, rfc, "text instead of TLS", first(text), unexpectedType),
    fault(19, rfc, "a heartbeat", first(header(24, 3)), unexpectedType),
    fault(20, rfc, "a header of 2^14 + 1", first(header(22, maxFragment + 1)), overflow),
    fault(20, rfc, "a header of 2^16 - 1", first(header(22, 2 ** 16 - 1)), overflow),
    fault(21, "RFC 8446 §4", "the header of a message over 64 KiB", first(announced), tooLong),
    fault(22, rfc, "empty handshake records", first(empty), flood),
    fault(22, "RFC 5246 §7.2", "warnings", first(warnings), flood),
    fault(25, rfc, "change_cipher_spec", first(sendChangeCipherSpec), unexpected),
  ]);
});

test("warnings up to the limit pass before the version is known", async () => {
  const { error } = await connectToPeer(await identities.config(), {
    identity,
    ...inFront("server_hello", (wire) =>
      repeat(maxWarningAlerts, () => wire.alert("unrecognized_name", "warning")),
    ),
  }).outcome();
  expect(error).toBeUndefined();
});

describe("under the handshake keys of TLS 1.3", () => {
  const flight = (act: Act) => inFront("certificate", act);
  const change = (edit: (record: Bytes) => Bytes) => ({ on: { certificate: { record: edit } } });
  const flipped = change((sealed) => sealed.with(-1, (sealed.at(-1) ?? 0) ^ 1));
  const shorter = change((sealed) => sealed.with(4, (sealed[4] ?? 0) - 1));
  const older = change((sealed) => sealed.with(2, 1));
  const padding = (length: number) => flight((wire) => wire.record(0, new Uint8Array(length)));
  const long: Act = (wire) => wire.record(22, new Uint8Array(maxFragment + 1));
  const cancels: Act = (wire) =>
    repeat(maxWarningAlerts + 1, () => wire.alert("user_canceled", "warning"));
  // The first one stands behind the ServerHello.
  const often: Act = (wire) => repeat(maxChangeCipherSpecs, () => inTheClear(20, 1)(wire));
  const amid = (act: Act) =>
    flight(async (wire) => {
      await record(22, handshakeType.certificate, 0)(wire);
      await act(wire);
    });
  const rfc = "RFC 8446 §5";
  testFaults({ identities, version: "TLSv1.3", isProtected: true }, [
    fault(5, "RFC 8446 §5.2", "a changed record", flipped, badMac),
    fault(5, "RFC 8446 §5.2", "a changed length", shorter, badMac),
    fault(18, "RFC 8446 §5.2", "a record of version 0x0301", older, malformed),
    fault(5, "RFC 8446 §5.2", "a record without a tag", flight(inTheClear(23, 1, 2)), badMac),
    fault(5, "RFC 8446 §5.2", "an empty record", flight(inTheClear(23)), badMac),
    fault(5, rfc, "a message in the clear", flight(inTheClear(22, 8, 0, 0, 0)), badMac),
    fault(5, rfc, "an alert in the clear", flight(inTheClear(21, 2, 40)), badMac),
    fault(19, "RFC 8446 §5.4", "20 bytes of nothing but padding", padding(20), unexpectedType),
    fault(19, "RFC 8446 §5.4", "a byte of nothing but padding", padding(0), unexpectedType),
    fault(19, "RFC 8446 §5.1", "an unknown type inside", flight(record(24, 1)), unexpected),
    fault(
      20,
      "RFC 8446 §5.2",
      "a header too long",
      flight(header(23, maxCiphertext13 + 1)),
      overflow,
    ),
    fault(20, "RFC 8446 §5.4", "2^14 + 1 bytes inside", flight(long), overflow),
    fault(
      21,
      "RFC 8446 §4",
      "the header of a message over 64 KiB",
      flight(record(22, 11, 1, 0, 1)),
      tooLong,
    ),
    fault(22, "RFC 8446 §5.1", "an empty handshake record", flight(record(22)), flood),
    fault(22, "RFC 8446 §6.1", "user_canceled again and again", flight(cancels), flood),
    fault(24, "RFC 8446 §5.1", "an alert amid a message", amid(record(21, 1, 90)), unexpected),
    fault(24, "RFC 8446 §5.1", "data amid a message", amid(record(23, 1)), unexpected),
    fault(25, rfc, "change_cipher_spec of 2", flight(inTheClear(20, 2)), unexpected),
    fault(25, rfc, "change_cipher_spec of two bytes", flight(inTheClear(20, 1, 1)), unexpected),
    fault(25, rfc, "an empty change_cipher_spec", flight(inTheClear(20)), unexpected),
    fault(25, rfc, "change_cipher_spec under a key", flight(record(20, 1)), unexpected),
    fault(25, rfc, "change_cipher_spec amid a message", amid(inTheClear(20, 1)), unexpected),
    fault(25, rfc, "change_cipher_spec too often", flight(often), unexpected),
  ]);

  test("change_cipher_spec passes until the server's Finished (RFC 8446 §5)", async () => {
    const { error } = await connectToPeer(await identities.config(), {
      identity,
      ...inFront("finished", inTheClear(20, 1)),
    }).outcome();
    expect(error).toBeUndefined();
  });
});

describe("under the keys of TLS 1.2", () => {
  const older = { on: { finished: { record: (sealed: Bytes) => sealed.with(2, 1) } } };
  testFaults({ identities, version: "TLSv1.2", isProtected: true }, [
    fault(18, "RFC 5246 §6.2.1", "a record of version 0x0301", older, malformed),
  ]);

  test("in the clear the version's second byte has no meaning (RFC 8446 §5.1)", async () => {
    const odd = { record: (plain: Bytes) => plain.with(2, 1) };
    for (const version of ["TLSv1.3", "TLSv1.2"] as const) {
      const script = { version, identity, on: { server_hello: odd } };
      const { error } = await connectToPeer(await identities.config(), script).outcome();
      expect(error).toBeUndefined();
    }
  });
});
