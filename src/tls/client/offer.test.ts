import { describe, expect, test } from "vitest";
import { createAuthority } from "../../../test/authority.ts";
import { decodeClientHello, type ReceivedClientHello } from "../../../test/peer/client-hello.ts";
import { type Bytes, concat } from "../../crypto/bytes.ts";
import { platformCrypto } from "../../crypto/platform.ts";
import { resolveConfig } from "../config.ts";
import { ClientConnection } from "../connection.ts";
import { extensionType } from "../messages/extension.ts";
import { namedGroup } from "../named-group.ts";
import type { TlsOptions } from "../options.ts";
import { readTrust } from "../trust.ts";

const trust = await readTrust({ roots: (await createAuthority()).certificate });
const name = (type: number) =>
  Object.entries(extensionType).find(([, number]) => number === type)?.[0];

/** The ClientHello that a client sends, as it stands on the wire. */
async function helloOf(options: TlsOptions = {}, host = "server.example") {
  const config = resolveConfig(host, options, trust);
  const sent: Bytes[] = [];
  const client = new ClientConnection(config, {
    send: (records) => void sent.push(...records),
    deliver: () => {},
  });
  client.handshake().catch(() => {});
  await expect.poll(() => sent.length).toBeGreaterThan(0);
  await client.pushEnd();
  const record = concat(...sent);
  return { record, hello: decodeClientHello(record.subarray(9)) };
}

const extensionNames = ({ extensions }: ReceivedClientHello) => [...extensions.keys()].map(name);

describe("the ClientHello (RFC 8446 §4.1.2)", () => {
  const common = [
    "record_size_limit",
    "server_name",
    "signature_algorithms",
    "status_request",
    "supported_groups",
  ];
  const of12 = ["ec_point_formats", "extended_master_secret"];
  const of13 = [
    "compress_certificate",
    "key_share",
    "psk_key_exchange_modes",
    "supported_versions",
  ];

  test("offers both versions in one record, its header that of TLS 1.0 (RFC 8446 §5.1)", async () => {
    const { record, hello } = await helloOf();
    expect([...record.subarray(0, 3)]).toEqual([22, 3, 1]);
    expect((record[3] ?? 0) * 256 + (record[4] ?? 0)).toBe(record.length - 5);
    expect(hello.legacyVersion).toBe(0x0303);
    expect(hello.sessionId).toHaveLength(32);
    expect(hello.compressionMethods).toEqual([0]);
    expect(extensionNames(hello).sort()).toEqual([...common, ...of12, ...of13].sort());
    expect([...(hello.extensions.get(extensionType.supported_versions) ?? [])]).toEqual([
      4, 3, 4, 3, 3,
    ]);
    // Nine suites and TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746 §3.3).
    expect(hello.cipherSuites).toHaveLength(10);
    expect(hello.cipherSuites.at(-1)).toBe(0x00ff);
  });

  test("of TLS 1.3 alone has nothing of TLS 1.2", async () => {
    const { hello } = await helloOf({ minVersion: "TLSv1.3" });
    expect(extensionNames(hello).sort()).toEqual([...common, ...of13].sort());
    expect(hello.cipherSuites).toEqual([0x1301, 0x1302, 0x1303]);
    expect([...(hello.extensions.get(extensionType.supported_versions) ?? [])]).toEqual([2, 3, 4]);
  });

  test("of TLS 1.2 alone has nothing of TLS 1.3, hybrid groups and session id included", async () => {
    const { hello } = await helloOf({ maxVersion: "TLSv1.2" });
    expect(extensionNames(hello).sort()).toEqual([...common, ...of12].sort());
    expect(hello.sessionId).toHaveLength(0);
    expect(hello.groups).not.toContain(namedGroup("X25519MLKEM768").number);
    expect(hello.cipherSuites.every((suite) => suite >> 8 !== 0x13)).toBe(true);
  });

  test("has shares of X25519MLKEM768 and X25519 from one X25519 key", async () => {
    const { hello } = await helloOf();
    const [hybrid, alone] = [0x11ec, 0x001d].map((group) => hello.keyShares.get(group));
    expect([...hello.keyShares.keys()]).toEqual([0x11ec, 0x001d]);
    expect(hybrid).toHaveLength(1184 + 32);
    expect(hybrid?.subarray(1184)).toEqual(alone);
  });

  test("has one share of the first group otherwise", async () => {
    const { hello } = await helloOf({ groups: ["secp384r1", "x25519"] });
    expect([...hello.keyShares.keys()]).toEqual([namedGroup("secp384r1").number]);
    expect(hello.groups).toEqual([0x0018, 0x001d]);
  });

  test("has shares of the most wanted group with ML-KEM and of that without", async () => {
    const shares = async (options: TlsOptions) =>
      [...(await helloOf(options)).hello.keyShares].map(([group, key]) => [group, key.length]);
    expect(await shares({ groups: ["secp384r1", "x25519", "X25519MLKEM768"] })).toEqual([
      [0x0018, 97],
      [0x11ec, 1216],
    ]);
    expect(await shares({ groups: ["MLKEM1024", "X25519MLKEM768"] })).toEqual([[0x0202, 1568]]);
  });

  test("has shares of the groups that the caller names", async () => {
    const shares = async (options: TlsOptions) => [
      ...(await helloOf(options)).hello.keyShares.keys(),
    ];
    expect(await shares({ keyShares: [] })).toEqual([]);
    expect(await shares({ keyShares: ["secp521r1", "x25519"] })).toEqual([0x0019, 0x001d]);
    const groups = ["X25519MLKEM768", "secp256r1"] as const;
    expect(await shares({ groups, keyShares: ["secp256r1"] })).toEqual([0x0017]);
  });

  test("names the server without the dot at its end, in A-labels (RFC 6066 §3)", async () => {
    for (const [host, sent] of [
      ["server.example.", "server.example"],
      ["SERVER.example", "server.example"],
      ["bücher.example", "xn--bcher-kva.example"],
    ] as const) {
      const { hello } = await helloOf({}, host);
      const body = hello.extensions.get(extensionType.server_name) ?? new Uint8Array(0);
      expect(new TextDecoder().decode(body.subarray(5))).toBe(sent);
    }
  });

  test("names no address (RFC 6066 §3)", async () => {
    for (const host of ["192.0.2.1", "2001:db8::1"]) {
      const { hello } = await helloOf({}, host);
      expect(extensionNames(hello)).not.toContain("server_name");
    }
  });

  test("limits records to the most that the versions offered have (RFC 8449 §4)", async () => {
    const limit = async (options: TlsOptions) =>
      (await helloOf(options)).hello.extensions.get(extensionType.record_size_limit);
    expect(await limit({})).toEqual(Uint8Array.of(0x40, 0x01));
    expect(await limit({ maxVersion: "TLSv1.2" })).toEqual(Uint8Array.of(0x40, 0x00));
    expect(await limit({ maxVersion: "TLSv1.2", recordSizeLimit: 16385 })).toEqual(
      Uint8Array.of(0x40, 0x00),
    );
    expect(await limit({ recordSizeLimit: 64 })).toEqual(Uint8Array.of(0, 64));
  });

  test("lists protocols in the order given (RFC 7301 §3.1)", async () => {
    const { hello } = await helloOf({ alpn: ["h2", "http/1.1"] });
    const body = hello.extensions.get(extensionType.application_layer_protocol_negotiation);
    expect(new TextDecoder().decode(body)).toBe("\0\x0c\x02h2\x08http/1.1");
  });

  test("has its extensions in another order each time, and randoms of its own", async () => {
    const hellos = await Promise.all(Array.from({ length: 12 }, () => helloOf()));
    const orders = new Set(hellos.map(({ hello }) => extensionNames(hello).join()));
    const randoms = new Set(hellos.map(({ hello }) => hello.random.join()));
    expect(orders.size).toBeGreaterThan(6);
    expect(randoms.size).toBe(12);
  });

  test("offers ChaCha20-Poly1305 first where AES is not on the platform", async () => {
    const crypto = { ...platformCrypto, hasPlatformAes: false };
    const { suites } = resolveConfig("server.example", {}, trust, { crypto });
    expect(suites.slice(0, 3).every(({ aead }) => aead === "ChaCha20-Poly1305")).toBe(true);
    expect(suites).toHaveLength(9);
  });
});
