import fc from "fast-check";
import { describe } from "vitest";
import { decodeClientHello } from "../../../test/peer/client-hello.ts";
import {
  encodeCertificate12,
  encodeCertificate13,
  encodeCertificateRequest12,
  encodeCertificateRequest13,
  encodeCertificateStatus,
  encodeCompressedCertificate,
  encodeExtensions,
  encodeServerHello,
  encodeServerParams,
  encodeSignature,
  encodeTicket12,
  encodeTimestamps,
} from "../../../test/peer/messages.ts";
import { anyBytes, testCodec, testTotal, unsigned } from "../../../test/properties.ts";
import { concat } from "../../crypto/bytes.ts";
import {
  decodeCertificate12,
  decodeCertificate13,
  decodeCertificateVerify,
} from "./certificate.ts";
import { decodeCertificateRequest12, decodeCertificateRequest13 } from "./certificate-request.ts";
import type { CertificateStatus } from "./certificate-status.ts";
import { decodeOcspResponse, decodeTimestamps } from "./certificate-status.ts";
import {
  alpnExtension,
  cookieExtension,
  encodeClientHello,
  keyShareExtension,
  serverNameExtension,
  signatureAlgorithmsExtension,
  supportedGroupsExtension,
  supportedVersionsExtension,
} from "./client-hello.ts";
import { decodeCompressedCertificate } from "./compressed-certificate.ts";
import { extensionType, readExtensions } from "./extension.ts";
import { decodeCookie, decodeSelectedGroup } from "./hello-retry-request.ts";
import { decodeNewSessionTicket12, decodeNewSessionTicket13 } from "./new-session-ticket.ts";
import { Reader } from "./reader.ts";
import { emptyRenegotiationInfoScsv } from "./registry.ts";
import {
  checkEmpty,
  checkPointFormats,
  checkRenegotiationInfo,
  checkSupportedGroups,
  decodeAlpn,
  decodeEncryptedExtensions,
  decodeKeyUpdate,
  decodeServerKeyExchange,
} from "./server-flight.ts";
import { decodeSelectedVersion, decodeServerHello, decodeServerShare } from "./server-hello.ts";
import { Writer } from "./writer.ts";

const number = unsigned(2);
const extension = fc.record({ type: number, body: anyBytes() });
const extensions = fc.uniqueArray(extension, { maxLength: 6, selector: ({ type }) => type });
const asMap = (list: readonly { type: number; body: Uint8Array }[]) =>
  new Map(list.map(({ type, body }) => [type, body]));
const signed = fc.record({ scheme: number, signature: anyBytes() });
const list = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 1, maxLength: 8 });

describe("numbers and vectors", () => {
  testCodec("nested lists", {
    value: fc.array(
      fc.tuple(unsigned(1), unsigned(4), fc.array(fc.tuple(number, anyBytes()), { maxLength: 4 })),
      { maxLength: 4 },
    ),
    encode: (value) =>
      Writer.build((w) =>
        w.vector(3, () => {
          for (const [small, large, inner] of value) {
            w.u8(small)
              .u16(large >>> 16)
              .u16(large & 0xffff);
            w.vector(2, () => {
              for (const [type, body] of inner) w.u16(type).vector(1, () => w.bytes(body));
            });
          }
        }),
      ),
    decode: (bytes) =>
      Reader.parse(bytes, "list", (r) =>
        r.list(3, 0, (o) => [o.u8(), o.u32(), o.list(2, 0, (i) => [i.u16(), i.vector(1)])]),
      ),
  });
});

describe("hellos", () => {
  testCodec("ClientHello", {
    value: fc.record({
      random: anyBytes(32, 32),
      sessionId: anyBytes(0, 32),
      cipherSuites: list(number),
      offersTls12: fc.boolean(),
      extensions: fc.uniqueArray(
        fc.record({ type: unsigned(1).map((type) => 0x7f00 + type), body: anyBytes() }),
        { maxLength: 6, selector: ({ type }) => type },
      ),
    }),
    encode: encodeClientHello,
    decode: decodeClientHello,
    expected: (hello) => ({
      legacyVersion: 0x0303,
      random: hello.random,
      sessionId: hello.sessionId,
      cipherSuites: [
        ...hello.cipherSuites,
        ...(hello.offersTls12 ? [emptyRenegotiationInfoScsv] : []),
      ],
      compressionMethods: [0],
      extensions: asMap(hello.extensions),
      groups: [],
      keyShares: new Map(),
    }),
  });

  testCodec("ServerHello", {
    value: fc.record({
      legacyVersion: number,
      random: anyBytes(32, 32),
      sessionId: anyBytes(0, 32),
      cipherSuite: number,
      compressionMethod: unsigned(1),
      extensions,
    }),
    encode: encodeServerHello,
    decode: decodeServerHello,
    expected: (hello) => ({ ...hello, extensions: asMap(hello.extensions) }),
  });

  testCodec("a list of extensions", {
    value: extensions,
    encode: encodeExtensions,
    decode: (bytes) => Reader.parse(bytes, "extensions", readExtensions),
    expected: asMap,
  });
});

describe("extensions of the ClientHello", () => {
  const numbers = (size: 1 | 2) => (body: Uint8Array<ArrayBuffer>) =>
    Reader.parse(body, "numbers", (r) => r.list(size, 2, (inner) => inner.u16()));
  const text = new TextDecoder();

  testCodec("supported_groups", {
    value: list(number),
    encode: (groups) => supportedGroupsExtension(groups).body,
    decode: numbers(2),
  });
  testCodec("signature_algorithms", {
    value: list(number),
    encode: (schemes) => signatureAlgorithmsExtension(schemes).body,
    decode: numbers(2),
  });
  testCodec("supported_versions", {
    value: list(number),
    encode: (versions) => supportedVersionsExtension(versions).body,
    decode: numbers(1),
  });
  testCodec("key_share", {
    value: fc.array(fc.record({ group: number, keyExchange: anyBytes(1) }), { maxLength: 4 }),
    encode: (entries) => keyShareExtension(entries).body,
    decode: (body) =>
      Reader.parse(body, "key_share", (r) =>
        r.list(2, 0, (entry) => ({ group: entry.u16(), keyExchange: entry.vector(2, 1) })),
      ),
  });
  testCodec("application_layer_protocol_negotiation", {
    value: list(fc.string({ minLength: 1, maxLength: 20, unit: "grapheme-ascii" })),
    encode: (protocols) => alpnExtension(protocols).body,
    decode: (body) =>
      Reader.parse(body, "ALPN", (r) => r.list(2, 2, (inner) => text.decode(inner.vector(1, 1)))),
  });
  testCodec("server_name", {
    value: fc.domain(),
    encode: (name) => serverNameExtension(name).body,
    decode: (body) =>
      Reader.parse(body, "server_name", (r) =>
        r.list(2, 1, (name) => [name.u8(), text.decode(name.vector(2, 1))]),
      ),
    expected: (name) => [[0, name]],
  });
  testCodec("cookie", {
    value: anyBytes(1),
    encode: (cookie) => cookieExtension(cookie).body,
    decode: decodeCookie,
  });
});

describe("extensions of the server", () => {
  testCodec("supported_versions", {
    value: number,
    encode: (version) => Writer.build((w) => w.u16(version)),
    decode: decodeSelectedVersion,
  });
  testCodec("key_share of a ServerHello", {
    value: fc.record({ group: number, keyExchange: anyBytes(1) }),
    encode: ({ group, keyExchange }) =>
      Writer.build((w) => w.u16(group).vector(2, () => w.bytes(keyExchange))),
    decode: decodeServerShare,
  });
  testCodec("key_share of a HelloRetryRequest", {
    value: number,
    encode: (group) => Writer.build((w) => w.u16(group)),
    decode: decodeSelectedGroup,
  });
  testCodec("application_layer_protocol_negotiation", {
    value: anyBytes(1),
    encode: (protocol) =>
      Writer.build((w) => w.vector(2, () => w.vector(1, () => w.bytes(protocol)))),
    decode: decodeAlpn,
  });
  testCodec("EncryptedExtensions", {
    value: extensions,
    encode: encodeExtensions,
    decode: decodeEncryptedExtensions,
    expected: asMap,
  });
  for (const check of [checkEmpty, checkSupportedGroups, checkPointFormats]) {
    testTotal(check.name, (body) => check(body, "test"), supportedGroups());
  }
  testTotal("renegotiation_info", checkRenegotiationInfo, anyBytes(0, 20));
});

function supportedGroups() {
  return list(number).map((groups) => supportedGroupsExtension(groups).body);
}

describe("authentication", () => {
  const certificate = anyBytes(1);
  const context = new Uint8Array(0);
  const status = fc.record(
    { ocspResponse: anyBytes(1), signedCertificateTimestamps: list(anyBytes(1)) },
    { requiredKeys: [] },
  );
  const answers = ({ ocspResponse, signedCertificateTimestamps }: CertificateStatus) => [
    ...(ocspResponse === undefined
      ? []
      : [{ type: extensionType.status_request, body: encodeCertificateStatus(ocspResponse) }]),
    ...(signedCertificateTimestamps === undefined
      ? []
      : [
          {
            type: extensionType.signed_certificate_timestamp,
            body: encodeTimestamps(signedCertificateTimestamps),
          },
        ]),
  ];
  const offered = new Set([
    extensionType.status_request,
    extensionType.signed_certificate_timestamp,
  ]);

  testCodec("Certificate of TLS 1.3", {
    value: list(fc.record({ certificate, status })),
    encode: (list) => {
      const entries = list.map(({ certificate, status }) => ({
        certificate,
        extensions: answers(status),
      }));
      return encodeCertificate13({ context, entries });
    },
    decode: (body) => decodeCertificate13(body, offered),
    expected: (entries) => ({
      certificates: entries.map((entry) => entry.certificate),
      status: entries[0]?.status,
    }),
  });
  testCodec("CompressedCertificate", {
    value: fc.record({
      algorithm: number,
      uncompressedLength: unsigned(3),
      compressed: anyBytes(1),
    }),
    encode: ({ algorithm, uncompressedLength, compressed }) =>
      encodeCompressedCertificate(algorithm, uncompressedLength, compressed),
    decode: decodeCompressedCertificate,
  });
  testCodec("Certificate of TLS 1.2", {
    value: list(certificate),
    encode: (certificates) =>
      encodeCertificate12({
        context,
        entries: certificates.map((der) => ({ certificate: der, extensions: [] })),
      }),
    decode: decodeCertificate12,
  });
  testCodec("CertificateVerify", {
    value: signed,
    encode: encodeSignature,
    decode: decodeCertificateVerify,
  });
  testCodec("ServerKeyExchange", {
    value: fc.record({ group: number, publicKey: anyBytes(1), signed }),
    encode: ({ group, publicKey, signed }) =>
      concat(encodeServerParams({ curveType: 3, group, publicKey }), encodeSignature(signed)),
    decode: decodeServerKeyExchange,
    expected: ({ group, publicKey, signed }) => ({
      group,
      publicKey,
      params: encodeServerParams({ curveType: 3, group, publicKey }),
      ...signed,
    }),
  });

  const numbers = (type: number, values: readonly number[]) => ({
    type,
    body: supportedGroupsExtension(values).body,
  });
  const names = list(anyBytes(1));
  testCodec("CertificateRequest of TLS 1.3", {
    value: fc.record({
      schemes: list(number),
      certificateSchemes: fc.option(list(number), { nil: undefined }),
      authorities: fc.option(names, { nil: undefined }),
    }),
    encode: ({ schemes, certificateSchemes, authorities }) =>
      encodeCertificateRequest13(context, [
        numbers(extensionType.signature_algorithms, schemes),
        ...(certificateSchemes === undefined
          ? []
          : [numbers(extensionType.signature_algorithms_cert, certificateSchemes)]),
        ...(authorities === undefined
          ? []
          : [{ type: extensionType.certificate_authorities, body: writeVectors(authorities) }]),
      ]),
    decode: decodeCertificateRequest13,
    expected: ({ authorities = [], ...others }) => ({
      ...others,
      authorities,
      keyTypes: undefined,
    }),
  });
  testCodec("CertificateRequest of TLS 1.2", {
    value: fc.record({
      keyTypes: list(unsigned(1)),
      schemes: list(number),
      authorities: fc.array(anyBytes(1)),
    }),
    encode: encodeCertificateRequest12,
    decode: decodeCertificateRequest12,
    expected: (request) => ({ ...request, certificateSchemes: undefined }),
  });
  testCodec("CertificateStatus", {
    value: anyBytes(1),
    encode: (response) => Writer.build((w) => w.u8(1).vector(3, () => w.bytes(response))),
    decode: decodeOcspResponse,
  });
  testCodec("signed_certificate_timestamp", {
    value: names,
    encode: writeVectors,
    decode: decodeTimestamps,
  });
});

/** A list of vectors, each with a length of two bytes as the list itself. */
function writeVectors(vectors: readonly Uint8Array[]) {
  return Writer.build((w) =>
    w.vector(2, () => {
      for (const vector of vectors) w.vector(2, () => w.bytes(vector));
    }),
  );
}

describe("after the handshake", () => {
  testCodec("KeyUpdate", {
    value: fc.boolean(),
    encode: (isRequested) => Uint8Array.of(isRequested ? 1 : 0),
    decode: decodeKeyUpdate,
  });
  testCodec("NewSessionTicket of TLS 1.3", {
    value: fc.record({
      lifetime: unsigned(4),
      ageAdd: unsigned(4),
      nonce: anyBytes(),
      ticket: anyBytes(1),
      maxEarlyData: fc.option(unsigned(4), { nil: undefined }),
    }),
    encode: ({ lifetime, ageAdd, nonce, ticket, maxEarlyData }) =>
      Writer.build((w) => {
        w.u32(lifetime).u32(ageAdd);
        w.vector(1, () => w.bytes(nonce));
        w.vector(2, () => w.bytes(ticket));
        w.vector(2, () => {
          if (maxEarlyData === undefined) return;
          w.u16(extensionType.early_data).vector(2, () => w.u32(maxEarlyData));
        });
      }),
    decode: decodeNewSessionTicket13,
    expected: ({ maxEarlyData = 0, ...others }) => ({ ...others, maxEarlyData }),
  });
  testCodec("NewSessionTicket of TLS 1.2", {
    value: fc.record({ lifetime: unsigned(4), ticket: anyBytes() }),
    encode: encodeTicket12,
    decode: decodeNewSessionTicket12,
  });
});
