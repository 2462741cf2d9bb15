/**
 * Inputs that fuzzers of other libraries have found worth keeping: each is read or refused by a
 * typed error, and none takes long.
 */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Bytes } from "../../src/crypto/bytes.ts";
import { ClientConnection } from "../../src/tls/connection.ts";
import {
  decodeCertificate12,
  decodeCertificate13,
  decodeCertificateVerify,
} from "../../src/tls/messages/certificate.ts";
import {
  decodeCertificateRequest12,
  decodeCertificateRequest13,
} from "../../src/tls/messages/certificate-request.ts";
import { extensionType } from "../../src/tls/messages/extension.ts";
import {
  decodeNewSessionTicket12,
  decodeNewSessionTicket13,
} from "../../src/tls/messages/new-session-ticket.ts";
import { contentType, handshakeType } from "../../src/tls/messages/registry.ts";
import {
  checkEmpty,
  decodeEncryptedExtensions,
  decodeKeyUpdate,
  decodeServerKeyExchange,
} from "../../src/tls/messages/server-flight.ts";
import { decodeServerHello } from "../../src/tls/messages/server-hello.ts";
import { Deframer } from "../../src/tls/record/deframer.ts";
import { HandshakeJoiner } from "../../src/tls/record/handshake-joiner.ts";
import { Inflow } from "../../src/tls/record/inflow.ts";
import { parseAnchor } from "../../src/x509/anchor.ts";
import { readOcspResponse } from "../fuzz/certificates/ocsp-responses.ts";
import { readCertificate as readWholeCertificate } from "../fuzz/certificates/readers.ts";
import { decodeClientHello } from "../peer/client-hello.ts";
import { createIdentities } from "../peer/identities.ts";
import { isRefusal, readOrRefused } from "../properties.ts";
import { skipWithoutVectors, vectorPath } from "./vectors.ts";

const identities = await createIdentities();
const config = await identities.config();

type Read = (bytes: Bytes) => Promise<void> | void;

const corpora: readonly (readonly [folder: string, files: number, read: Read])[] = [
  ["cert_corpus", 148, readCertificate],
  ["parse_certificate_fuzzer_corpus", 570, readCertificate],
  [
    "ocsp_parse_ocsp_response_fuzzer_corpus",
    37,
    (der) => void readOrRefused(() => readOcspResponse(der)),
  ],
  ["client_no_fuzzer_mode_corpus", 225, (bytes) => readStream(withoutSettings(bytes))],
  ["rustls-corpus/client", 2, readStream],
  ["rustls-corpus/server", 4, readStream],
  // A byte in front chooses what its driver does.
  ["rustls-corpus/unbuffered", 4, (bytes) => readStream(bytes.subarray(1))],
  ["rustls-corpus/message", 502, readStream],
];

describe("fuzz corpora", () => {
  for (const [folder, count, read] of corpora) {
    const path = vectorPath(`fuzz-corpora/${folder}`);
    if (path === undefined) {
      skipWithoutVectors(`fuzz-corpora/${folder}`);
      continue;
    }
    const files = readdirSync(path).filter((name) => statSync(join(path, name)).isFile());

    test(`${folder}: ${count} files`, async () => {
      expect(files.length).toBeGreaterThanOrEqual(count);
      for (const file of files) {
        try {
          await read(new Uint8Array(readFileSync(join(path, file))));
        } catch (error) {
          throw new Error(`${folder}/${file}`, { cause: error });
        }
      }
    });
  }
});

/** Reads a certificate, as a root too. */
function readCertificate(der: Bytes): void {
  readOrRefused(() => parseAnchor(der));
  readOrRefused(() => readWholeCertificate(der));
}

/** Gives a client the bytes as all that a server says, and reads the messages in them one by one. */
async function readStream(bytes: Bytes): Promise<void> {
  const delivered: Bytes[] = [];
  const client = new ClientConnection(config, {
    send() {},
    deliver: (chunks) => void delivered.push(...chunks),
  });
  const handshake = client.handshake();
  void client.push(bytes);
  void client.pushEnd();
  const end = await handshake.catch((error: unknown) => error);
  // Nobody knew the client's keys, so nobody can have completed its handshake.
  if (
    !isRefusal(end) &&
    !(end instanceof Error && "code" in end && end.code === "closed/truncated")
  ) {
    throw end;
  }
  expect(delivered).toEqual([]);
  await readMessages(bytes);
}

async function readMessages(bytes: Bytes): Promise<void> {
  const inflow = new Inflow();
  void inflow.push(bytes);
  void inflow.end();
  const deframer = new Deframer(inflow);
  const joiner = new HandshakeJoiner();
  try {
    for (;;) {
      const [record] = await deframer.take(1);
      if (record === undefined) return;
      if (record.type !== contentType.handshake) continue;
      joiner.push(record.fragment);
      for (let next = joiner.next(); next !== undefined; next = joiner.next()) {
        const { body } = next;
        for (const read of readers.get(next.type) ?? []) readOrRefused(() => read(body));
      }
    }
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

const offered = new Set<number>(Object.values(extensionType));

/** What reads each message, in either version. */
const readers: ReadonlyMap<number, readonly ((body: Bytes) => unknown)[]> = new Map([
  [handshakeType.hello_request, [(body: Bytes) => checkEmpty(body, "HelloRequest")]],
  [handshakeType.client_hello, [decodeClientHello]],
  [handshakeType.server_hello, [decodeServerHello]],
  [handshakeType.new_session_ticket, [decodeNewSessionTicket13, decodeNewSessionTicket12]],
  [handshakeType.encrypted_extensions, [decodeEncryptedExtensions]],
  [
    handshakeType.certificate,
    [decodeCertificate12, (body: Bytes) => decodeCertificate13(body, offered)],
  ],
  [handshakeType.server_key_exchange, [decodeServerKeyExchange]],
  [handshakeType.certificate_request, [decodeCertificateRequest12, decodeCertificateRequest13]],
  [handshakeType.certificate_verify, [decodeCertificateVerify]],
  [handshakeType.key_update, [decodeKeyUpdate]],
]);

/**
 * BoringSSL's fuzzers put settings in front of what the peer says: a tag of two bytes each, and for
 * some a value behind a length of three bytes; tag 0 ends them.
 */
function withoutSettings(bytes: Bytes): Bytes {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  while (at + 2 <= bytes.length) {
    const settingTag = view.getUint16(at);
    at += 2;
    if (settingTag === 0) return bytes.subarray(at);
    if (!tagsWithValue.has(settingTag)) continue;
    if (at + 3 > bytes.length) break;
    at += 3 + view.getUint8(at) * 65536 + view.getUint16(at + 1);
  }
  return bytes;
}

/** A session, and the others whose values are of no use here. */
const tagsWithValue: ReadonlySet<number> = new Set([1]);
