import { describe, expect, test } from "vitest";
import { connectToPeer } from "../../test/peer/connect.ts";
import { createIdentities } from "../../test/peer/identities.ts";
import { recordPeer } from "../../test/peer/replay.ts";
import type { Message, ServerMessageName } from "../../test/peer/script.ts";
import { seeded } from "../../test/peer/seeded.ts";
import type { Bytes } from "../crypto/bytes.ts";
import { TlsError } from "../errors.ts";

const identities = await createIdentities();
const identity = await identities.of();
const config = await identities.config();
const rounds = 40;

const flights: readonly ["TLSv1.3" | "TLSv1.2", readonly ServerMessageName[]][] = [
  [
    "TLSv1.3",
    [
      "hello_retry_request",
      "server_hello",
      "encrypted_extensions",
      "certificate_request",
      "certificate",
      "certificate_verify",
      "finished",
    ],
  ],
  [
    "TLSv1.2",
    [
      "server_hello",
      "certificate",
      "server_key_exchange",
      "certificate_request",
      "server_hello_done",
      "finished",
    ],
  ],
];

// A defect shows as `handshake/internal-error`, and a hang as a test that runs out of time.
describe.each(flights)("random changes of %s have an end with a reason", (version, names) => {
  test.each(names)("in %s", async (name) => {
    const random = seeded(name.length);
    for (let round = 0; round < rounds; round++) {
      const instead = ({ type, body }: Message) => [{ type, body: mutate(body, random) }];
      const connection = connectToPeer(config, {
        version,
        identity,
        requestCertificate: true,
        on: { [name]: { instead } },
        ...(name === "hello_retry_request" ? { retry: { group: "secp256r1" } } : {}),
      });
      // What the client makes of a changed message may make no sense to the server.
      await connection.outcome().catch(() => {});
      const end = await connection.client.closed.then(() => "closed", codeOf);
      expect(end, `round ${round}`).not.toBe("handshake/internal-error");
    }
  });

  test("of the bytes on the wire, and nothing is delivered that was not sent", async () => {
    const random = seeded(7);
    const { bytes, replay } = await recordPeer(identities, {
      version,
      identity,
      after: async (peer) => {
        await peer.data("the first record, ");
        await peer.data("the second record");
        await peer.closeNotify();
      },
    });
    const sent = new TextDecoder().decode((await replay([bytes])).delivered);
    for (let round = 0; round < 5 * rounds; round++) {
      const { delivered, handshake, end } = await replay([mutate(bytes, random)]);
      const text = new TextDecoder().decode(delivered);
      expect(sent.startsWith(text), text).toBe(true);
      expect([handshake, end], `round ${round}`).not.toContain("handshake/internal-error");
      // Nothing that is missing goes unnoticed.
      if (end === "closed") expect(text).toBe(sent);
    }
  });
});

function codeOf(error: unknown): string {
  if (error instanceof TlsError) return error.code;
  throw error;
}

/** One or a few bytes changed, left out, doubled, or the end cut off. */
function mutate(bytes: Bytes, random: () => number): Bytes {
  const at = Math.floor(random() * bytes.length);
  const length = 1 + Math.floor(random() * 4);
  const changed = Array.from(bytes);
  switch (Math.floor(random() * 5)) {
    case 0:
      changed[at] = Math.floor(random() * 256);
      break;
    case 1:
      changed[at] = (changed[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      break;
    case 2:
      changed.splice(at, length);
      break;
    case 3:
      changed.splice(at, 0, ...changed.slice(at, at + length));
      break;
    default:
      changed.length = at;
  }
  return Uint8Array.from(changed);
}
