import { brotliCompressSync, deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { decodeClientHello } from "../../../test/peer/client-hello.ts";
import { connectToPeer } from "../../../test/peer/connect.ts";
import { type Fault, fault, testFaults, verdict } from "../../../test/peer/faults.ts";
import { createIdentities, peerName } from "../../../test/peer/identities.ts";
import { encodeCompressedCertificate } from "../../../test/peer/messages.ts";
import type { Script } from "../../../test/peer/script.ts";
import { type Bytes, concat } from "../../crypto/bytes.ts";
import type { CertificateDecompressor } from "../compression/decompressor.ts";
import { extensionType } from "../messages/extension.ts";
import { handshakeType } from "../messages/registry.ts";
import type { TlsOptions } from "../options.ts";

const identities = await createIdentities();
const identity = await (await identities.root.intermediate()).issue({ names: [peerName] });

/** Sends CompressedCertificate instead of Certificate. */
function compressed(
  algorithm: number,
  compress: (certificate: Bytes) => Uint8Array,
  lengthOf = (certificate: Bytes) => certificate.length,
): Omit<Script, "identity"> {
  return {
    on: {
      certificate: {
        instead: ({ body }) => [
          {
            type: handshakeType.compressed_certificate,
            body: encodeCompressedCertificate(algorithm, lengthOf(body), compress(body)),
          },
        ],
      },
    },
  };
}

async function connect(
  script: Omit<Script, "identity">,
  options: TlsOptions = {},
  certificateDecompressors?: readonly CertificateDecompressor[],
) {
  const config = await identities.config(options, { certificateDecompressors });
  const outcome = await connectToPeer(config, { identity, ...script }).outcome();
  const hello = decodeClientHello(outcome.received.messages[0]?.body ?? new Uint8Array());
  return { ...outcome, offered: hello.extensions.get(extensionType.compress_certificate) };
}

describe("compress_certificate (RFC 8879 §3)", () => {
  const reversing = (algorithm: number): CertificateDecompressor => ({
    algorithm,
    decompress: (bytes) => bytes.toReversed(),
  });

  test("offers zlib and brotli, or what is asked for", async () => {
    expect((await connect({})).offered).toEqual(Uint8Array.of(4, 0, 1, 0, 2));
    const brotli = await connect({}, { certificateCompression: ["brotli"] });
    expect(brotli.offered).toEqual(Uint8Array.of(2, 0, 2));
    expect((await connect({}, { certificateCompression: [] })).offered).toBeUndefined();
    const old = await connect({ version: "TLSv1.2" }, { maxVersion: "TLSv1.2" });
    expect(old.offered).toBeUndefined();
  });

  test("offers the caller's own first, also in place of ours", async () => {
    const { offered } = await connect({}, {}, [reversing(0xff01), reversing(2)]);
    expect(offered).toEqual(Uint8Array.of(6, 0xff, 1, 0, 2, 0, 1));
  });

  test("takes a certificate compressed in the caller's own way", async () => {
    const script = compressed(0xff01, (certificate) => certificate.toReversed());
    const { info, error } = await connect(script, {}, [reversing(0xff01)]);
    expect(error).toBeUndefined();
    expect(info?.certificates).toEqual(identity.chain);
  });
});

describe("a compressed certificate is taken", () => {
  test.each([
    ["zlib", compressed(1, (certificate) => deflateSync(certificate))],
    ["brotli", compressed(2, (certificate) => brotliCompressSync(certificate))],
  ])("by %s", async (_, script) => {
    const { info, error } = await connect(script);
    expect(error).toBeUndefined();
    expect(info?.certificates).toEqual(identity.chain);
  });

  test("and what it does with what it is given is its own affair", async () => {
    const script = compressed(0xff01, (certificate) => certificate.toReversed());
    const { error } = await connect(script, {}, [
      { algorithm: 0xff01, decompress: (bytes) => bytes.reverse() },
    ]);
    expect(error).toBeUndefined();
  });

  test("behind a CertificateRequest", async () => {
    const script = compressed(1, (certificate) => deflateSync(certificate));
    const { error } = await connect({ ...script, requestCertificate: true });
    expect(error).toBeUndefined();
  });

  test("or not compressed, as the server likes", async () => {
    const { error } = await connect({});
    expect(error).toBeUndefined();
  });
});

describe("refused is", () => {
  const source = "RFC 8879 §4";
  const bad = { code: "certificate/bad-compression", alert: "bad_certificate" } as const;
  const deflated = (certificate: Bytes) => deflateSync(certificate);
  const row = (what: string, script: Fault["script"], due = bad as Parameters<typeof fault>[4]) =>
    fault(21, source, what, script, due);
  testFaults({ identities, version: "TLSv1.3", isProtected: true }, [
    row(
      "a length of a byte less",
      compressed(1, deflated, ({ length }) => length - 1),
    ),
    row(
      "a length of a byte more",
      compressed(1, deflated, ({ length }) => length + 1),
    ),
    row(
      "a length of 65537 bytes",
      compressed(1, deflated, () => 65537),
    ),
    row(
      "a length of 2^24 - 1 bytes",
      compressed(2, deflated, () => 2 ** 24 - 1),
    ),
    row(
      "no zlib",
      compressed(1, (certificate) => certificate),
    ),
    row(
      "no brotli",
      compressed(2, (certificate) => certificate),
    ),
    row(
      "a byte behind the end",
      compressed(1, (certificate) => concat(deflated(certificate), Uint8Array.of(0))),
    ),
    row("zstd, which was not offered", compressed(3, deflated), verdict.illegal),
    row(
      "nothing compressed",
      compressed(1, () => new Uint8Array()),
      verdict.undecodable,
    ),
    row(
      "a Certificate with a byte too many",
      compressed(
        1,
        (certificate) => deflateSync(concat(certificate, Uint8Array.of(0))),
        ({ length }) => length + 1,
      ),
      verdict.undecodable,
    ),
    fault(19, source, "compression not offered", compressed(1, deflated), verdict.unexpected, {
      options: { certificateCompression: [] },
    }),
    fault(
      19,
      source,
      "CompressedCertificate and Certificate",
      {
        on: {
          certificate: {
            instead: (message) => [
              {
                type: handshakeType.compressed_certificate,
                body: encodeCompressedCertificate(
                  1,
                  message.body.length,
                  deflateSync(message.body),
                ),
              },
              message,
            ],
          },
        },
      },
      verdict.unexpected,
    ),
  ]);

  test("what the caller's own way gives in another length", async () => {
    const script = compressed(0xff01, (certificate) => certificate);
    const { error } = await connect(script, {}, [
      { algorithm: 0xff01, decompress: (bytes) => concat(bytes, bytes) },
    ]);
    expect(error).toMatchObject({ ...{ code: bad.code }, alertSent: bad.alert });
  });

  test.each([undefined, "text", [1, 2]])(
    "what comes of the caller's own way as %j",
    async (given) => {
      const script = compressed(0xff01, (certificate) => certificate);
      const decompress = () => given as unknown as Bytes;
      const { error } = await connect(script, {}, [{ algorithm: 0xff01, decompress }]);
      expect(error).toMatchObject({ code: bad.code, alertSent: bad.alert });
    },
  );

  test("what the caller's own way throws at", async () => {
    const script = compressed(0xff01, (certificate) => certificate);
    const cause = new Error("no");
    const decompress = () => Promise.reject(cause);
    const { error } = await connect(script, {}, [{ algorithm: 0xff01, decompress }]);
    expect(error).toMatchObject({ code: bad.code, alertSent: bad.alert, cause });
  });
});
