/**
 * The server of TLS 1.2, straight on (RFC 5246 §7.3, figure 1; RFC 8422).
 *
 * @module
 */

import { type Bytes, concat, equalPublic } from "../../src/crypto/bytes.ts";
import { platformCrypto } from "../../src/crypto/platform.ts";
import type { DhKeyPair } from "../../src/crypto/provider.ts";
import { type CipherSuite12, cipherSuites } from "../../src/tls/cipher-suite.ts";
import { MasterSecret12, type Randoms } from "../../src/tls/keys/prf.ts";
import { Reader } from "../../src/tls/messages/reader.ts";
import { contentType, handshakeType, wireVersion } from "../../src/tls/messages/registry.ts";
import { type NamedGroup, namedGroups } from "../../src/tls/named-group.ts";
import type { TrafficKey } from "../../src/tls/record/protection.ts";
import { Opener12, Sealer12 } from "../../src/tls/record/protection12.ts";
import { type Claim, readClientCertificate, receiveClientVerify } from "./client-auth.ts";
import type { ReceivedClientHello } from "./client-hello.ts";
import {
  clientCertificateTypeAnswer,
  encodeCertificate12,
  encodeCertificateRequest12,
  encodeServerHello,
  encodeServerParams,
  encodeSignature,
  encodeTicket12,
  extension,
  type ServerHelloFields,
} from "./messages.ts";
import { Peer } from "./peer.ts";
import type { Script } from "./script.ts";
import { scheme, signBy, usualScheme } from "./signing.ts";
import { type PeerWire, sendChangeCipherSpec } from "./wire.ts";

const empty = new Uint8Array(0);

/** @param hello is in the transcript already. */
export async function serve12(
  wire: PeerWire,
  hello: ReceivedClientHello,
  script: Script,
): Promise<Peer> {
  const suite = suiteOf(script);
  const hash = () => wire.transcript.hash(platformCrypto, suite.hash);
  const isExtended = script.extendedMasterSecret ?? true;

  const fields = await sendServerHello(wire, hello, script, suite, isExtended);
  const randoms: Randoms = { client: hello.random, server: fields.random };
  if (script.resumes !== undefined) return resume(wire, script, suite, randoms, script.resumes);
  await sendCertificate(wire, script);
  const group = chooseGroup(hello, script);
  if (group.dh === undefined) throw new Error(`${group.name} is not for TLS 1.2`);
  const pair = await platformCrypto.generateDhKeyPair(group.dh);
  await sendKeyExchange(wire, script, group, pair, randoms);
  if (script.requestCertificate) {
    const body = encodeCertificateRequest12(
      (script.certificateRequest12 ?? same)({
        keyTypes: [64, 1],
        schemes: [scheme.ecdsa_secp256r1_sha256, scheme.rsa_pkcs1_sha256],
        authorities: [],
      }),
    );
    await wire.message("certificate_request", handshakeType.certificate_request, body);
  }
  await wire.message("server_hello_done", handshakeType.server_hello_done, empty);

  const { premaster, claim } = await receiveKeyExchange(wire, script, pair);
  const master = await MasterSecret12.derive(
    platformCrypto,
    suite,
    premaster,
    randoms,
    isExtended ? { kind: "extended", sessionHash: await hash() } : { kind: "classic" },
  );
  const keys = await master.keys(randoms);
  if (claim !== undefined) await receiveClientVerify(wire, claim, wire.transcript.bytes());
  await receiveChangeCipherSpec(wire);
  wire.openWith(new Opener12(keys.client));
  await receiveFinished(wire, await master.finished("client", await hash()));

  await sendEnd(wire, script, keys.server, () => hash().then((h) => master.finished("server", h)));
  return new Peer(wire);
}

/** The abbreviated handshake (RFC 5246 §7.3, figure 2). */
async function resume(
  wire: PeerWire,
  script: Script,
  suite: CipherSuite12,
  randoms: Randoms,
  secret: Bytes,
): Promise<Peer> {
  const hash = () => wire.transcript.hash(platformCrypto, suite.hash);
  const master = await MasterSecret12.resume(platformCrypto, suite, secret);
  const keys = await master.keys(randoms);
  await sendEnd(wire, script, keys.server, () => hash().then((h) => master.finished("server", h)));
  await receiveChangeCipherSpec(wire);
  wire.openWith(new Opener12(keys.client));
  await receiveFinished(wire, await master.finished("client", await hash()));
  return new Peer(wire);
}

/** A ticket where one is given out, change_cipher_spec and Finished. */
async function sendEnd(
  wire: PeerWire,
  script: Script,
  key: TrafficKey,
  finished: () => Promise<Bytes>,
): Promise<void> {
  const { ticket12 } = script;
  if (ticket12 !== undefined) {
    const body = encodeTicket12(ticket12);
    await wire.message("new_session_ticket", handshakeType.new_session_ticket, body);
  }
  await (script.changeCipherSpec ?? sendChangeCipherSpec)(wire);
  await wire.sealWith(new Sealer12(key));
  const verifyData = (script.verifyData ?? same)(await finished());
  await wire.message("finished", handshakeType.finished, verifyData);
}

function same<T>(value: T): T {
  return value;
}

function suiteOf({ suite, identity }: Script): CipherSuite12 {
  const isRsa = identity.keys.type.startsWith("rsa");
  const usual = isRsa
    ? "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    : "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
  const found = cipherSuites.find(({ name }) => name === (suite ?? usual));
  if (found?.version === "TLSv1.2") return found;
  throw new Error(`${suite} is no suite of TLS 1.2: edit serverHello to send a wrong one`);
}

async function sendServerHello(
  wire: PeerWire,
  hello: ReceivedClientHello,
  script: Script,
  suite: CipherSuite12,
  isExtended: boolean,
): Promise<ServerHelloFields> {
  const extensions = [extension("renegotiation_info", (w) => w.u8(0))];
  if (isExtended) extensions.push(extension("extended_master_secret"));
  if (script.ticket12 !== undefined) extensions.push(extension("session_ticket"));
  extensions.push(...clientCertificateTypeAnswer(script.clientCertificateType));
  const honest: ServerHelloFields = {
    legacyVersion: wireVersion.tls12,
    random: platformCrypto.randomBytes(32),
    // By repeating the client's it says that it resumes.
    sessionId: script.resumes === undefined ? empty : hello.sessionId,
    cipherSuite: suite.number,
    compressionMethod: 0,
    extensions,
  };
  const fields = (script.serverHello ?? same)(honest, hello);
  await wire.message("server_hello", handshakeType.server_hello, encodeServerHello(fields));
  return fields;
}

function sendCertificate(wire: PeerWire, script: Script): Promise<void> {
  const fields = (script.certificate ?? same)({
    context: empty,
    entries: script.identity.chain.map((der) => ({ certificate: der, extensions: [] })),
  });
  return wire.message("certificate", handshakeType.certificate, encodeCertificate12(fields));
}

function chooseGroup({ groups }: ReceivedClientHello, script: Script): NamedGroup {
  const candidates = namedGroups.filter(
    ({ number, kem }) => groups.includes(number) && kem === undefined,
  );
  const group =
    script.group === undefined
      ? candidates[0]
      : candidates.find(({ name }) => name === script.group);
  if (group === undefined) throw new Error("the client does not support the group");
  return group;
}

/** RFC 8422 §5.4: what is signed are both randoms and the parameters, as they are sent. */
async function sendKeyExchange(
  wire: PeerWire,
  script: Script,
  group: NamedGroup,
  pair: DhKeyPair,
  randoms: Randoms,
): Promise<void> {
  const { keys } = script.identity;
  const params = encodeServerParams(
    (script.serverParams ?? same)({
      curveType: 3,
      group: group.number,
      publicKey: pair.publicKey,
    }),
  );
  const number = script.signatureScheme ?? usualScheme[keys.type];
  const content = concat(randoms.client, randoms.server, params);
  const signature = (script.signature ?? same)({
    scheme: number,
    signature: signBy(number, keys.privateKey, content),
  });
  const body = concat(params, encodeSignature(signature));
  await wire.message("server_key_exchange", handshakeType.server_key_exchange, body);
}

/** A Certificate where one was asked for, and ClientKeyExchange. */
async function receiveKeyExchange(
  wire: PeerWire,
  { clientCertificateType = "X509" }: Script,
  pair: DhKeyPair,
): Promise<{ premaster: Bytes; claim: Claim | undefined }> {
  let message = await wire.nextMessage();
  let claim: Claim | undefined;
  if (message.type === handshakeType.certificate) {
    wire.transcript.add(message.encoded);
    claim = readClientCertificate("TLSv1.2", clientCertificateType, message.body);
    message = await wire.nextMessage();
  }
  if (message.type !== handshakeType.client_key_exchange) {
    throw new Error("the client sent no ClientKeyExchange");
  }
  wire.transcript.add(message.encoded);
  const point = Reader.parse(message.body, "ClientKeyExchange", (r) => r.vector(1, 1));
  const premaster = await pair.agree(point);
  if (premaster === undefined) throw new Error("the client's key share is not valid");
  return { premaster, claim };
}

async function receiveChangeCipherSpec(wire: PeerWire): Promise<void> {
  const { type } = await wire.nextRecord();
  if (type !== contentType.changeCipherSpec) throw new Error("the client did not change its key");
}

async function receiveFinished(wire: PeerWire, expected: Bytes): Promise<void> {
  const message = await wire.expect(handshakeType.finished);
  if (!equalPublic(message.body, expected)) throw new Error("the client's Finished does not match");
  wire.transcript.add(message.encoded);
}
