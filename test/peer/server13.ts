/**
 * The server of TLS 1.3, straight on (RFC 8446 §2, figure 1).
 *
 * @module
 */

import { type Bytes, concat, equalPublic } from "../../src/crypto/bytes.ts";
import { platformCrypto } from "../../src/crypto/platform.ts";
import { type CipherSuite13, cipherSuites } from "../../src/tls/cipher-suite.ts";
import { KeyLog } from "../../src/tls/keys/key-log.ts";
import { EarlyStage, type TrafficSecret } from "../../src/tls/keys/schedule.ts";
import { contentType, handshakeType, wireVersion } from "../../src/tls/messages/registry.ts";
import { type NamedGroup, namedGroups } from "../../src/tls/named-group.ts";
import { Opener13, Sealer13 } from "../../src/tls/record/protection13.ts";
import { readClientCertificate, receiveClientVerify } from "./client-auth.ts";
import { decodeClientHello, type ReceivedClientHello } from "./client-hello.ts";
import { exchangeKeys } from "./key-exchange.ts";
import {
  clientCertificateTypeAnswer,
  encodeCertificate13,
  encodeCertificateRequest13,
  encodeExtensions,
  encodeServerHello,
  encodeSignature,
  extension,
  keyShareAnswer,
  pskAnswer,
  type ServerHelloFields,
  versionAnswer,
} from "./messages.ts";
import { Peer } from "./peer.ts";
import type { Script } from "./script.ts";
import { scheme, signBy, usualScheme } from "./signing.ts";
import { type PeerWire, sendChangeCipherSpec } from "./wire.ts";

const empty = new Uint8Array(0);

/** SHA-256 of "HelloRetryRequest" (RFC 8446 §4.1.3). */
export async function helloRetryRandom(): Promise<Bytes> {
  return platformCrypto.digest("SHA-256", new TextEncoder().encode("HelloRetryRequest"));
}

/** @param firstHello is in the transcript already. */
export async function serve13(
  wire: PeerWire,
  firstHello: ReceivedClientHello,
  script: Script,
): Promise<Peer> {
  const suite = suiteOf(script);
  wire.ignoreChangeCipherSpec();
  const hello =
    script.retry === undefined ? firstHello : await askAgain(wire, firstHello, script, suite);
  const hash = () => wire.transcript.hash(platformCrypto, suite.hash);

  const { group, clientShare } = chooseGroup(hello, script);
  const exchange = await exchangeKeys(group, clientShare);
  const { psk } = script;
  const negotiated = { suite, keyLog: new KeyLog(undefined, hello.random) };
  const early = await EarlyStage.begin(platformCrypto, suite.hash, psk?.secret);
  const earlySecrets = await early.earlyData(negotiated, await hash());
  if (script.retry === undefined) await skipEarlyRecords(wire, script);
  const fields = {
    ...fieldsFor(hello, suite),
    random: platformCrypto.randomBytes(32),
    extensions: [versionAnswer(wireVersion.tls13), keyShareAnswer(group.number, exchange.share)],
  };
  if (psk !== undefined) fields.extensions.push(pskAnswer(psk.index ?? 0));
  await sendHello(wire, "server_hello", (script.serverHello ?? same)(fields, hello));
  await (script.changeCipherSpec ?? sendChangeCipherSpec)(wire);

  const stage = await early.handshake(negotiated, exchange.secret, await hash());
  await wire.sealWith(new Sealer13(await stage.server.key()));
  const clientOpener = new Opener13(await stage.client.key());
  wire.openWith(psk?.takesEarlyData ? new Opener13(await earlySecrets.client.key()) : clientOpener);
  await sendEncryptedExtensions(wire, script);
  if (psk === undefined || psk.isCertified) await authenticate(wire, script, hash);
  const verifyData = await stage.server.finished(await hash());
  await wire.message("finished", handshakeType.finished, (script.verifyData ?? same)(verifyData));

  const application = await stage.application(await hash());
  await wire.sealWith(new Sealer13(await application.server.key()));
  if (psk?.takesEarlyData) {
    const end = await wire.expect(handshakeType.end_of_early_data);
    wire.transcript.add(end.encoded);
    wire.openWith(clientOpener);
  }
  await receiveClientFlight(wire, script, stage.client, hash);
  wire.openWith(new Opener13(await application.client.key()));
  return new Peer(wire, application);
}

function same<T>(value: T): T {
  return value;
}

function suiteOf({ suite = "TLS_AES_128_GCM_SHA256" }: Script): CipherSuite13 {
  const found = cipherSuites.find(({ name }) => name === suite);
  if (found?.version === "TLSv1.3") return found;
  throw new Error(`${suite} is no suite of TLS 1.3: edit serverHello to send a wrong one`);
}

function fieldsFor(hello: ReceivedClientHello, suite: CipherSuite13) {
  return {
    legacyVersion: wireVersion.tls12,
    sessionId: hello.sessionId,
    cipherSuite: suite.number,
    compressionMethod: 0,
  };
}

function sendHello(
  wire: PeerWire,
  name: "server_hello" | "hello_retry_request",
  fields: ServerHelloFields,
): Promise<void> {
  return wire.message(name, handshakeType.server_hello, encodeServerHello(fields));
}

/** RFC 8446 §4.1.4. @returns the second ClientHello. */
async function askAgain(
  wire: PeerWire,
  hello: ReceivedClientHello,
  script: Script,
  suite: CipherSuite13,
): Promise<ReceivedClientHello> {
  const { group, cookie } = script.retry ?? {};
  const wanted = namedGroups.find(({ name }) => name === group);
  const extensions = [versionAnswer(wireVersion.tls13)];
  if (wanted !== undefined) extensions.push(extension("key_share", (w) => w.u16(wanted.number)));
  if (cookie !== undefined) {
    extensions.push(extension("cookie", (w) => w.vector(2, () => w.bytes(cookie))));
  }
  await skipEarlyRecords(wire, script);
  await wire.transcript.replaceByHash(platformCrypto, suite.hash);
  const fields = { ...fieldsFor(hello, suite), random: await helloRetryRandom(), extensions };
  await sendHello(wire, "hello_retry_request", (script.helloRetryRequest ?? same)(fields));
  const second = await wire.expect(handshakeType.client_hello);
  wire.transcript.add(second.encoded);
  return decodeClientHello(second.body);
}

function chooseGroup(
  { keyShares }: ReceivedClientHello,
  script: Script,
): { group: NamedGroup; clientShare: Bytes } {
  const wanted = script.group ?? script.retry?.group;
  for (const group of namedGroups) {
    const clientShare = keyShares.get(group.number);
    const isWanted = wanted === undefined || wanted === group.name;
    if (isWanted && clientShare !== undefined) return { group, clientShare };
  }
  throw new Error(`the client sent no key share for ${wanted ?? "any group known"}`);
}

/** RFC 8446 §4.3.1. */
async function sendEncryptedExtensions(wire: PeerWire, script: Script): Promise<void> {
  const honest = [...clientCertificateTypeAnswer(script.clientCertificateType)];
  if (script.psk?.takesEarlyData) honest.push(extension("early_data"));
  const encrypted = (script.encryptedExtensions ?? same)(honest);
  await wire.message(
    "encrypted_extensions",
    handshakeType.encrypted_extensions,
    encodeExtensions(encrypted),
  );
}

/** Lets early data pass that is not taken (RFC 8446 §4.2.10). */
async function skipEarlyRecords(wire: PeerWire, { skipsEarlyRecords = 0 }: Script): Promise<void> {
  for (let skipped = 0; skipped < skipsEarlyRecords; ) {
    const { type } = await wire.nextRecord();
    if (type === contentType.applicationData) skipped++;
  }
}

/** CertificateRequest to CertificateVerify (RFC 8446 §4.3.2, §4.4). */
async function authenticate(
  wire: PeerWire,
  script: Script,
  hash: () => Promise<Bytes>,
): Promise<void> {
  const { identity } = script;
  if (script.requestCertificate) {
    const asked = (script.certificateRequest ?? same)([
      extension("signature_algorithms", (w) =>
        w.vector(2, () => w.u16(scheme.ecdsa_secp256r1_sha256)),
      ),
    ]);
    const body = encodeCertificateRequest13(empty, asked);
    await wire.message("certificate_request", handshakeType.certificate_request, body);
  }
  const certificate = (script.certificate ?? same)({
    context: empty,
    entries: identity.chain.map((der) => ({ certificate: der, extensions: [] })),
  });
  await wire.message("certificate", handshakeType.certificate, encodeCertificate13(certificate));

  const number = script.signatureScheme ?? usualScheme[identity.keys.type];
  const context = new TextEncoder().encode(`${" ".repeat(64)}TLS 1.3, server CertificateVerify\0`);
  const signature = signBy(number, identity.keys.privateKey, concat(context, await hash()));
  const verify = (script.signature ?? same)({ scheme: number, signature });
  await wire.message(
    "certificate_verify",
    handshakeType.certificate_verify,
    encodeSignature(verify),
  );
}

/** A Certificate where one was asked for, and the client's Finished: both are checked. */
async function receiveClientFlight(
  wire: PeerWire,
  { clientCertificateType = "X509" }: Script,
  client: TrafficSecret,
  hash: () => Promise<Bytes>,
): Promise<void> {
  let message = await wire.nextMessage();
  if (message.type === handshakeType.certificate) {
    wire.transcript.add(message.encoded);
    const claim = readClientCertificate("TLSv1.3", clientCertificateType, message.body);
    if (claim !== undefined) {
      const context = `${" ".repeat(64)}TLS 1.3, client CertificateVerify\0`;
      const content = concat(new TextEncoder().encode(context), await hash());
      await receiveClientVerify(wire, claim, content);
    }
    message = await wire.nextMessage();
  }
  const isRight = equalPublic(message.body, await client.finished(await hash()));
  if (message.type !== handshakeType.finished || !isRight) {
    throw new Error("the client's Finished does not match");
  }
}
