import { describe, expect, test } from "vitest";
import { connectToPeer } from "../../test/peer/connect.ts";
import { createIdentities } from "../../test/peer/identities.ts";
import { alpnAnswer } from "../../test/peer/messages.ts";
import type { Script } from "../../test/peer/script.ts";
import { type Bytes, concat } from "../crypto/bytes.ts";
import { TlsError } from "../errors.ts";
import type { TlsOptions } from "./options.ts";
import type { ProtocolStep } from "./trace.ts";

const identities = await createIdentities();
const identity = await identities.of();

/** Runs a connection to its end. @returns each step, and as words. */
async function traced(script: Omit<Script, "identity">, options: TlsOptions = {}) {
  const steps: ProtocolStep[] = [];
  const config = await identities.config(options, { trace: (step) => steps.push(step) });
  const connection = connectToPeer(config, { identity, ...script });
  await connection.outcome();
  return { steps, words: steps.map(inWords), connection };
}

function inWords({ kind, ...detail }: ProtocolStep): string {
  const direction = { "message-sent": "> ", "message-received": "< " }[kind as string];
  if (direction !== undefined && "name" in detail) return `${direction}${detail.name}`;
  return [kind, ...Object.values(detail).filter((value) => typeof value !== "object")].join(" ");
}

/** How many records stand in what was sent one way. */
function recordsIn(chunks: readonly Bytes[]): number {
  const bytes = concat(...chunks);
  let records = 0;
  for (let at = 0; at < bytes.length; records++) {
    at += 5 + (bytes[at + 3] ?? 0) * 256 + (bytes[at + 4] ?? 0);
  }
  return records;
}

test("TLS 1.3: every message both ways, what is agreed on and what is verified, in order", async () => {
  const { words } = await traced({
    after: async (peer) => {
      await peer.ticket();
      await peer.data("data");
      await peer.closeNotify();
    },
  });
  expect(words).toEqual([
    "> client_hello",
    "first-byte",
    "< server_hello",
    "settled TLSv1.3 TLS_AES_128_GCM_SHA256",
    "settled x25519",
    "> change_cipher_spec",
    "< change_cipher_spec",
    "< encrypted_extensions",
    "< certificate",
    "certificate-verified",
    "< certificate_verify",
    "settled ecdsa_secp256r1_sha256",
    "signature-verified",
    "< finished",
    "> finished",
    "settled full true",
    "handshake-done",
    "< new_session_ticket",
    "alert-received close_notify",
  ]);
});

test("TLS 1.2: the same", async () => {
  const { words } = await traced({ version: "TLSv1.2" });
  expect(words).toEqual([
    "> client_hello",
    "first-byte",
    "< server_hello",
    "settled TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "< certificate",
    "certificate-verified",
    "< server_key_exchange",
    "settled ecdsa_secp256r1_sha256",
    "signature-verified",
    "< server_hello_done",
    "settled x25519",
    "> client_key_exchange",
    "> change_cipher_spec",
    "> finished",
    "< change_cipher_spec",
    "< finished",
    "settled full true",
    "handshake-done",
    "alert-received close_notify",
  ]);
});

test("a HelloRetryRequest has a name of its own", async () => {
  const { words } = await traced({ retry: { group: "secp384r1" }, group: "secp384r1" });
  const first = words.slice(0, words.indexOf("< encrypted_extensions"));
  expect(first.filter((word) => !word.includes("change_cipher_spec"))).toEqual([
    "> client_hello",
    "first-byte",
    "< hello_retry_request",
    "> client_hello",
    "< server_hello",
    "settled TLSv1.3 TLS_AES_128_GCM_SHA256",
    "settled secp384r1",
  ]);
});

test("a refused certificate is the last message, and then the alert", async () => {
  const wrong = await identities.root.issue({ names: ["other.example"] });
  const steps: ProtocolStep[] = [];
  const config = await identities.config({}, { trace: (step) => steps.push(step) });
  await connectToPeer(config, { identity: wrong }).outcome();
  expect(steps.map(inWords).slice(-3)).toEqual([
    "< certificate",
    "alert-sent bad_certificate",
    "ended",
  ]);
});

test("an alert of the server is told", async () => {
  const refused = await traced({
    on: { server_hello: { before: (wire) => wire.alert("handshake_failure", "fatal") } },
  });
  expect(refused.words).toEqual([
    "> client_hello",
    "first-byte",
    "alert-received handshake_failure",
    "ended",
  ]);
});

test("an application protocol is told once it is agreed on", async () => {
  const encryptedExtensions = () => [alpnAnswer("h2")];
  const { words } = await traced({ encryptedExtensions }, { alpn: ["http/1.1", "h2"] });
  expect(words[words.indexOf("< encrypted_extensions") + 1]).toBe("settled h2");
});

test("messages after the handshake are told", async () => {
  const steps: ProtocolStep[] = [];
  const config = await identities.config({}, { trace: (step) => steps.push(step) });
  const connection = connectToPeer(config, {
    identity,
    after: async (peer) => {
      await peer.keyUpdate("requested");
      await peer.data("go");
      await peer.nextMessage();
      await peer.closeNotify();
    },
  });
  await connection.handshake;
  await expect.poll(() => connection.delivered.length).toBe(1);
  await connection.client.write([new Uint8Array(1)]);
  await connection.outcome();
  const words = steps.map(inWords);
  expect(words.slice(words.indexOf("handshake-done") + 1)).toEqual([
    "< key_update",
    "> key_update",
    "alert-received close_notify",
  ]);
});

describe.each(["TLSv1.3", "TLSv1.2"] as const)("%s", (version) => {
  test("records and bytes are those on the wire", async () => {
    const { steps, connection } = await traced(
      {
        version,
        after: async (peer) => {
          await peer.data(new Uint8Array(1000));
          await peer.closeNotify();
        },
      },
      { grease: true },
    );
    await connection.client.write([new Uint8Array(20_000)]);
    await connection.client.closeWrite();
    const { toClient, toServer } = connection.sent;
    const { sent, received } = connection.client.statistics;
    expect(sent).toEqual({ records: recordsIn(toServer), bytes: concat(...toServer).length });
    expect(received).toEqual({ records: recordsIn(toClient), bytes: concat(...toClient).length });
    const done = steps.find(({ kind }) => kind === "handshake-done");
    // Two records of data and an alert, and one of each.
    expect(done).toMatchObject({
      sent: { records: sent.records - 3 },
      received: { records: received.records - 2 },
    });
    // Once both directions have ended, and only once.
    const ended = steps.filter(({ kind }) => kind === "ended");
    expect(ended).toEqual([{ kind: "ended", sent, received }]);
    expect(steps.at(-1)).toBe(ended[0]);
    await connection.client.abort(new TlsError("aborted", "The caller gave up."));
    expect(steps.at(-1)).toBe(ended[0]);
  });

  test("lengths are those of the messages; steps survive structured clone", async () => {
    const { steps, connection } = await traced({ version });
    const [hello] = steps;
    // Behind the record's header stands the ClientHello alone.
    const onWire = connection.sent.toServer[1]?.length;
    expect(hello).toEqual({ kind: "message-sent", name: "client_hello", length: onWire });
    expect(structuredClone(steps)).toEqual(steps);
  });
});
