import { describe, expect, test } from "vitest";
import { codeThrown } from "../../../test/failure.ts";
import { concat } from "../../crypto/bytes.ts";
import { decodeCertificate12, decodeCertificate13 } from "./certificate.ts";
import { decodeCertificateRequest12, decodeCertificateRequest13 } from "./certificate-request.ts";
import { checkAnswers, extensionType, readExtensions } from "./extension.ts";
import { decodeNewSessionTicket13 } from "./new-session-ticket.ts";
import { Reader } from "./reader.ts";
import {
  checkPointFormats,
  checkRenegotiationInfo,
  decodeAlpn,
  decodeKeyUpdate,
  decodeServerKeyExchange,
} from "./server-flight.ts";
import { decodeServerHello, downgradeSentinel, isHelloRetryRequest } from "./server-hello.ts";

const fromHex = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"));

/** ServerHello of RFC 8448 §3, without its header. */
const serverHello = fromHex(
  "0303 a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e26928 00 1301 00" +
    "002e 0033 0024 001d 0020 c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f" +
    "002b 0002 0304",
);

describe("ServerHello", () => {
  test("reads the one of RFC 8448 §3", () => {
    const hello = decodeServerHello(serverHello);
    expect(hello.cipherSuite).toBe(0x1301);
    expect([...hello.extensions.keys()]).toEqual([
      extensionType.key_share,
      extensionType.supported_versions,
    ]);
    expect(isHelloRetryRequest(hello)).toBe(false);
  });

  test("refuses every truncation and trailing bytes", () => {
    for (let length = 0; length < serverHello.length; length++) {
      // TLS 1.2 may end before the extensions (RFC 5246 §7.4.1.3).
      const isWithoutExtensions = length === 38;
      expect(codeThrown(() => decodeServerHello(serverHello.slice(0, length)))).toBe(
        isWithoutExtensions ? undefined : "handshake/decode-error",
      );
    }
    expect(codeThrown(() => decodeServerHello(concat(serverHello, Uint8Array.of(0))))).toBe(
      "handshake/decode-error",
    );
  });

  test("refuses a session id of more than 32 bytes", () => {
    const long = concat(serverHello.slice(0, 34), Uint8Array.of(33), new Uint8Array(36));
    expect(codeThrown(() => decodeServerHello(long))).toBe("handshake/decode-error");
  });

  test.each([
    ["444f574e47524401", "TLSv1.2"],
    ["444f574e47524400", "TLSv1.1 or below"],
    ["444f574e47524402", undefined],
    ["454f574e47524401", undefined],
  ])("downgrade sentinel %s (RFC 8446 §4.1.3)", (end, expected) => {
    expect(downgradeSentinel(concat(new Uint8Array(24), fromHex(end)))).toBe(expected);
  });
});

describe("extensions", () => {
  const read = (hex: string) => Reader.parse(fromHex(hex), "test", readExtensions);
  const { key_share, cookie, extended_master_secret } = extensionType;

  test("refuses one that stands twice", () => {
    expect(codeThrown(() => read("0008 0017 0000 0017 0000"))).toBe("handshake/decode-error");
  });

  test("refuses one in a message it does not belong to, offered or not", () => {
    const extensions = read("0004 0033 0000");
    for (const offered of [new Set<number>([key_share]), new Set<number>()]) {
      expect(codeThrown(() => checkAnswers(extensions, "EncryptedExtensions", offered))).toBe(
        "handshake/unsupported-extension",
      );
      expect(codeThrown(() => checkAnswers(extensions, "Certificate", offered))).toBe(
        "handshake/illegal-parameter",
      );
    }
  });

  test("refuses one that was not offered, known or unknown", () => {
    for (const hex of ["0004 0010 0000", "0004 4a4a 0000"]) {
      expect(codeThrown(() => checkAnswers(read(hex), "EncryptedExtensions", new Set()))).toBe(
        "handshake/unsupported-extension",
      );
    }
  });

  test("takes a cookie unasked, in a HelloRetryRequest only", () => {
    const extensions = read("0004 002c 0000");
    expect(extensions.has(cookie)).toBe(true);
    expect(
      codeThrown(() => checkAnswers(extensions, "HelloRetryRequest", new Set())),
    ).toBeUndefined();
    expect(codeThrown(() => checkAnswers(extensions, "ServerHello", new Set()))).toBe(
      "handshake/illegal-parameter",
    );
  });

  test("takes an answer where it belongs", () => {
    const offered = new Set<number>([extended_master_secret]);
    const check = () => checkAnswers(read("0004 0017 0000"), "ServerHello of TLS 1.2", offered);
    expect(codeThrown(check)).toBeUndefined();
  });
});

describe("Certificate", () => {
  test("reads the chain of either version", () => {
    expect(decodeCertificate12(fromHex("000009 000001 aa 000002 bbcc"))).toEqual([
      fromHex("aa"),
      fromHex("bbcc"),
    ]);
    const offered = new Set<number>();
    expect(decodeCertificate13(fromHex("00 000006 000001 aa 0000"), offered)).toEqual({
      certificates: [fromHex("aa")],
      status: {},
    });
  });

  test.each([
    ["none (RFC 8446 §4.4.2.4)", "00 000000", "certificate/missing"],
    ["a request context", "01 07 000006 000001 aa 0000", "handshake/illegal-parameter"],
    ["an empty certificate", "00 000005 000000 0000", "handshake/decode-error"],
    [
      "an entry's extension not asked for",
      "00 00000a 000001 aa 0004 0005 0000",
      "handshake/unsupported-extension",
    ],
    [
      "an entry's extension of elsewhere",
      "00 00000a 000001 aa 0004 0033 0000",
      "handshake/illegal-parameter",
    ],
  ])("of TLS 1.3 with %s is refused", (_, hex, code) => {
    expect(codeThrown(() => decodeCertificate13(fromHex(hex), new Set()))).toBe(code);
  });

  test("request of either version is read", () => {
    const lists = "000d 0004 0002 0403 0032 0004 0002 0601 002f 0008 0006 0001 30 0001 31";
    expect(decodeCertificateRequest13(fromHex(`00 001c ${lists}`))).toEqual({
      schemes: [0x0403],
      certificateSchemes: [0x0601],
      authorities: [fromHex("30"), fromHex("31")],
      keyTypes: undefined,
    });
    expect(decodeCertificateRequest13(fromHex("00 0008 000d 0004 0002 0403"))).toMatchObject({
      certificateSchemes: undefined,
      authorities: [],
    });
    expect(decodeCertificateRequest12(fromHex("02 40 01 0002 0403 0003 0001 30"))).toEqual({
      keyTypes: [64, 1],
      schemes: [0x0403],
      authorities: [fromHex("30")],
      certificateSchemes: undefined,
    });
  });

  test.each([
    ["without signature_algorithms", "00 0000", "handshake/missing-extension"],
    ["with a context", "01 07 0000", "handshake/illegal-parameter"],
  ])("request of TLS 1.3 %s", (_, body, code) => {
    expect(codeThrown(() => decodeCertificateRequest13(fromHex(body)))).toBe(code);
  });

  test.each([
    ["kinds of key", "00 0002 0403 0000"],
    ["signature schemes", "01 40 0000 0000"],
    ["a name in its place", "01 40 0002 0403 0002 0000"],
  ])("request of TLS 1.2 without %s", (_, body) => {
    expect(codeThrown(() => decodeCertificateRequest12(fromHex(body)))).toBe(
      "handshake/decode-error",
    );
  });
});

describe("extensions that are the server's own", () => {
  const request = (extensions: string) => () =>
    decodeCertificateRequest13(fromHex(`00 ${extensions}`));

  test.each([
    ["empty signature_algorithms", "0006 000d 0002 0000", "handshake/decode-error"],
    [
      "no names in certificate_authorities",
      "000e 000d 0004 0002 0403 002f 0002 0000",
      "handshake/decode-error",
    ],
    [
      "key_share in a CertificateRequest",
      "000c 000d 0004 0002 0403 0033 0000",
      "handshake/illegal-parameter",
    ],
    ["an unknown one, which is ignored", "000c 000d 0004 0002 0403 4a4a 0000", undefined],
    [
      "a name in certificate_authorities",
      "0011 000d 0004 0002 0403 002f 0005 0003 0001 30",
      undefined,
    ],
  ])("%s", (_, extensions, code) => {
    expect(codeThrown(request(extensions))).toBe(code);
  });

  test.each([
    ["none", "0000", undefined],
    ["early_data", "0008 002a 0004 00004000", undefined],
    [
      "early_data twice",
      "0010 002a 0004 00004000 002a 0004 00004000",
      "handshake/illegal-parameter",
    ],
    ["early_data without its number", "0004 002a 0000", "handshake/decode-error"],
    ["key_share", "0004 0033 0000", "handshake/illegal-parameter"],
    ["an unknown one, which is ignored", "0004 4a4a 0000", undefined],
  ])("of a NewSessionTicket: %s", (_, extensions, code) => {
    const ticket = fromHex(`00000e10 00000000 00 0001 aa ${extensions}`);
    expect(codeThrown(() => decodeNewSessionTicket13(ticket))).toBe(code);
  });
});

describe("the rest of the server's flight", () => {
  test("ALPN has one protocol, and not an empty one (RFC 7301 §3.1)", () => {
    expect(decodeAlpn(fromHex("0003 02 6832"))).toEqual(fromHex("6832"));
    expect(codeThrown(() => decodeAlpn(fromHex("0006 02 6832 02 6833")))).toBe(
      "handshake/illegal-parameter",
    );
    expect(codeThrown(() => decodeAlpn(fromHex("0002 00 00")))).toBe("handshake/decode-error");
  });

  test("ServerKeyExchange: the parameters are what is signed (RFC 8422 §5.4)", () => {
    const exchange = decodeServerKeyExchange(fromHex("03 001d 02 aabb 0403 0001 cc"));
    expect(exchange.params).toEqual(fromHex("03 001d 02 aabb"));
    expect(exchange.scheme).toBe(0x0403);
    expect(codeThrown(() => decodeServerKeyExchange(fromHex("01 001d 02 aabb 0403 0001 cc")))).toBe(
      "handshake/illegal-parameter",
    );
  });

  test("KeyUpdate asks for one in return or does not (RFC 8446 §4.6.3)", () => {
    expect(decodeKeyUpdate(fromHex("00"))).toBe(false);
    expect(decodeKeyUpdate(fromHex("01"))).toBe(true);
    expect(codeThrown(() => decodeKeyUpdate(fromHex("02")))).toBe("handshake/illegal-parameter");
    expect(codeThrown(() => decodeKeyUpdate(fromHex("0000")))).toBe("handshake/decode-error");
  });

  test("point formats and renegotiation_info", () => {
    expect(codeThrown(() => checkPointFormats(fromHex("02 01 00")))).toBeUndefined();
    expect(codeThrown(() => checkPointFormats(fromHex("01 01")))).toBe(
      "handshake/illegal-parameter",
    );
    expect(codeThrown(() => checkRenegotiationInfo(fromHex("00")))).toBeUndefined();
    expect(codeThrown(() => checkRenegotiationInfo(fromHex("01 07")))).toBe(
      "handshake/bad-renegotiation-info",
    );
  });
});
