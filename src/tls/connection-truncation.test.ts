import { describe } from "vitest";
import { type Fault, fault, testFaults, verdict } from "../../test/peer/faults.ts";
import { createIdentities } from "../../test/peer/identities.ts";
import type { MessageHooks, ServerMessageName } from "../../test/peer/script.ts";

const identities = await createIdentities();
const { truncated } = verdict;
const rfc = "RFC 8446 §6.1";

const flights: readonly ["TLSv1.3" | "TLSv1.2", readonly ServerMessageName[]][] = [
  [
    "TLSv1.3",
    ["server_hello", "encrypted_extensions", "certificate", "certificate_verify", "finished"],
  ],
  [
    "TLSv1.2",
    ["server_hello", "certificate", "server_key_exchange", "server_hello_done", "finished"],
  ],
];

/** Ends of the transport around one message. */
function ends(name: ServerMessageName): Fault[] {
  const on = (hooks: MessageHooks) => ({ on: { [name]: hooks } });
  return [
    fault(2, rfc, `in front of ${name}`, on({ before: (wire) => wire.hangUp() }), truncated),
    fault(
      2,
      rfc,
      `in the record header of ${name}`,
      on({ record: (sealed) => sealed.subarray(0, 3), after: (wire) => wire.hangUp() }),
      truncated,
    ),
    fault(
      2,
      rfc,
      `in the record of ${name}`,
      on({ record: (sealed) => sealed.subarray(0, -1), after: (wire) => wire.hangUp() }),
      truncated,
    ),
    fault(
      2,
      rfc,
      `in ${name}, at the end of a record`,
      on({ frame: (encoded) => [encoded.subarray(0, -1)], after: (wire) => wire.hangUp() }),
      truncated,
    ),
  ];
}

describe.each(flights)(
  "truncation of %s is told, and nothing partial delivered",
  (version, names) => {
    const delivered = { delivered: "data" };
    const inRecord: Fault["script"] = {
      after: async (peer) => {
        await peer.data("data");
        await peer.wire.record(23, new Uint8Array(100), (sealed) => sealed.subarray(0, -1));
      },
    };
    const inHeader: Fault["script"] = {
      after: async (peer) => {
        await peer.data("data");
        peer.wire.raw(Uint8Array.of(23, 3));
      },
    };
    testFaults({ identities, version, isProtected: true }, [
      ...names.flatMap(ends),
      fault(1, rfc, "behind data", { after: (peer) => peer.data("data") }, truncated, delivered),
      fault(1, rfc, "without data", { after: () => {} }, truncated),
      fault(2, rfc, "in a record of data", inRecord, truncated, delivered),
      fault(2, rfc, "in a record header", inHeader, truncated, delivered),
    ]);
  },
);
