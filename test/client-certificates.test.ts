/**
 * Client certificates against Node's `tls` and OpenSSL's `s_server`: every kind of key and of its
 * container, in both versions.
 */

import { createPrivateKey, sign, type X509Certificate } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import {
  type CertificateIdentity,
  type ConnectTlsOptions,
  connectTls,
  type ExternalSigner,
  type IdentityRequest,
  MemorySessionStore,
  type TlsDuplex,
} from "../src/stream/duplex.ts";
import { privateKeyFromPem } from "../src/x509/private-key.ts";
import { createAuthority, type Issued, type KeyType, purposes } from "./authority.ts";
import { failureOf } from "./failure.ts";
import { scheme, signBy } from "./peer/signing.ts";
import { startNodeTls } from "./servers/node-tls.ts";
import { startOpenssl } from "./servers/openssl.ts";
import { openSocket } from "./servers/socket.ts";

const versions = ["TLSv1.3", "TLSv1.2"] as const;
const root = await createAuthority({ commonName: "Staff CA" });
const server = await root.issue({ names: ["localhost"] });
const issued = new Map<KeyType, Promise<Issued>>();
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** A client's certificate of a kind, the same at each call. */
function clientOf(keyType: KeyType): Promise<Issued> {
  const known =
    issued.get(keyType) ??
    root.issue({
      names: [],
      keyType,
      commonName: "somebody",
      extendedKeyUsage: [purposes.clientAuth],
    });
  issued.set(keyType, known);
  return known;
}

async function open(port: number, options: Partial<ConnectTlsOptions>): Promise<TlsDuplex> {
  const tls = connectTls(await openSocket(port), {
    hostname: "localhost",
    roots: root.pem,
    ...options,
  });
  tls.closed.catch(() => {});
  stops.push(() => tls.close().catch(() => {}));
  await tls.opened;
  return tls;
}

/** What a Node server that insists on a certificate has seen. */
async function seenByNode(
  options: Partial<ConnectTlsOptions>,
): Promise<{ tls: TlsDuplex; certificate: X509Certificate | undefined }> {
  let accept: (socket: TLSSocket) => void = () => {};
  const accepted = new Promise<TLSSocket>((resolve) => {
    accept = resolve;
  });
  const { port, stop } = await startNodeTls(server, accept, {
    requestCert: true,
    rejectUnauthorized: true,
    ca: root.pem,
  });
  stops.push(stop);
  const tls = await open(port, options);
  return { tls, certificate: (await accepted).getPeerX509Certificate() };
}

function identityOf(issuedTo: Issued): CertificateIdentity {
  return { certificates: issuedTo.chainPem, key: issuedTo.privateKey };
}

const rsaKey = (name: string, hash: string) => ({ name, hash });

/** The key as one that WebCrypto keeps to itself. */
function importKey({ privateKey }: Issued, algorithm: object): Promise<CryptoKey> {
  const read = privateKeyFromPem(privateKey);
  // WebCrypto takes no key that is marked as one for PSS alone, so its numbers are taken out.
  const key =
    "rsaPrivateKey" in read
      ? createPrivateKey({ key: Buffer.from(read.rsaPrivateKey), format: "der", type: "pkcs1" })
      : createPrivateKey(privateKey);
  const pkcs8 = key.export({ type: "pkcs8", format: "der" });
  return crypto.subtle.importKey("pkcs8", pkcs8, algorithm as EcKeyImportParams, false, ["sign"]);
}

/** The root's certificate as a file. */
async function rootFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "webtls-client-"));
  stops.push(() => rm(folder, { recursive: true }));
  const file = join(folder, "root.pem");
  await writeFile(file, root.pem);
  return file;
}

describe.each(versions)("%s", (version) => {
  const only = { minVersion: version, maxVersion: version };

  test.each<KeyType>([
    "ecdsa-p256",
    "ecdsa-p384",
    "ecdsa-p521",
    "ed25519",
    "rsa-2048",
    "rsa-4096",
    "rsa-pss-2048",
  ])("a key of type %s in PKCS#8", async (keyType) => {
    const client = await clientOf(keyType);
    const { tls, certificate } = await seenByNode({ ...only, identity: identityOf(client) });
    expect(certificate?.raw).toEqual(Buffer.from(client.certificate));
    expect(await tls.opened).toMatchObject({ version, clientCertificate: "sent" });
  });

  test.each([
    ["rsa-2048", "pkcs1"],
    ["ecdsa-p256", "sec1"],
    ["ecdsa-p521", "sec1"],
  ] as const)("a key of type %s in %s", async (keyType, type) => {
    const client = await clientOf(keyType);
    const key = client.keys.privateKey.export({ type, format: "pem" }).toString();
    const identity = { certificates: client.chain, key };
    const { certificate } = await seenByNode({ ...only, identity });
    expect(certificate?.raw).toEqual(Buffer.from(client.certificate));
  });

  test("a key and a chain with an intermediate as openssl writes them", async () => {
    const intermediate = await root.intermediate();
    const client = await intermediate.issue({ names: [], extendedKeyUsage: [purposes.clientAuth] });
    const { certificate } = await seenByNode({ ...only, identity: identityOf(client) });
    expect(certificate?.raw).toEqual(Buffer.from(client.certificate));
  });

  test.each([
    ["ecdsa-p384", { name: "ECDSA", namedCurve: "P-384" }],
    ["ed25519", { name: "Ed25519" }],
    ["rsa-2048", rsaKey("RSA-PSS", "SHA-384")],
    ["rsa-pss-2048", rsaKey("RSA-PSS", "SHA-256")],
  ] as const)("a CryptoKey that is not extractable, of type %s", async (keyType, algorithm) => {
    const client = await clientOf(keyType);
    const key = await importKey(client, algorithm);
    expect(key.extractable).toBe(false);
    await expect(crypto.subtle.exportKey("pkcs8", key)).rejects.toThrow();
    const identity = { certificates: client.chainPem, key };
    const { certificate } = await seenByNode({ ...only, identity });
    expect(certificate?.raw).toEqual(Buffer.from(client.certificate));
  });

  test("a CryptoKey for PKCS#1 signs in TLS 1.2 alone", async () => {
    const client = await clientOf("rsa-2048");
    const key = await importKey(client, rsaKey("RSASSA-PKCS1-v1_5", "SHA-256"));
    const connected = seenByNode({ ...only, identity: { certificates: client.chain, key } });
    if (version === "TLSv1.2") {
      expect((await connected).certificate?.raw).toEqual(Buffer.from(client.certificate));
    } else {
      expect(await failureOf(() => connected)).toMatchObject({
        code: "identity/not-usable",
        alertSent: "handshake_failure",
        message: expect.stringContaining("rsa_pkcs1_sha256"),
      });
    }
  });

  test("a signer elsewhere", async () => {
    const client = await clientOf("ecdsa-p256");
    const asked: string[] = [];
    const key: ExternalSigner = {
      schemes: ["ecdsa_secp256r1_sha256"],
      async sign(name, content) {
        asked.push(name);
        await new Promise((resolve) => setTimeout(resolve, 5));
        return signBy(scheme.ecdsa_secp256r1_sha256, client.keys.privateKey, content);
      },
    };
    const { certificate } = await seenByNode({
      ...only,
      identity: { certificates: client.chain, key },
    });
    expect(certificate?.raw).toEqual(Buffer.from(client.certificate));
    expect(asked).toEqual(["ecdsa_secp256r1_sha256"]);
  });

  test.each<[string, ExternalSigner["sign"]]>([
    [
      "fails",
      () => {
        throw new Error("no token");
      },
    ],
    ["signs with another key", (_, content) => sign("sha256", content, server.privateKey)],
    ["answers nonsense", () => new Uint8Array(3)],
    ["answers nothing", () => undefined as unknown as Uint8Array],
  ])("a signer elsewhere that %s ends the handshake", async (_, signing) => {
    const client = await clientOf("ecdsa-p256");
    const key: ExternalSigner = { schemes: ["ecdsa_secp256r1_sha256"], sign: signing };
    const identity = { certificates: client.chain, key };
    expect(await failureOf(() => seenByNode({ ...only, identity }))).toMatchObject({
      code: "identity/signing-failed",
      alertSent: "internal_error",
    });
  });

  test("a function chooses, by what the server asked for", async () => {
    const client = await clientOf("ecdsa-p256");
    const requests: IdentityRequest[] = [];
    const { certificate } = await seenByNode({
      ...only,
      identity: async (request) => {
        requests.push(request);
        return identityOf(client);
      },
    });
    expect(certificate?.raw).toEqual(Buffer.from(client.certificate));
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      version,
      servername: "localhost",
      certificateType: "X509",
      authorities: [{ text: "CN=Staff CA" }],
      signatureSchemes: expect.arrayContaining(["ecdsa_secp256r1_sha256", "rsa_pss_rsae_sha256"]),
      ...(version === "TLSv1.2" && {
        keyTypes: expect.arrayContaining(["rsa_sign", "ecdsa_sign"]),
      }),
    });
  });

  test("of several the first that fits is used", async () => {
    const [first, second] = await Promise.all([clientOf("rsa-2048"), clientOf("ed25519")]);
    const identity = [
      { ...identityOf(first), signatureSchemes: ["rsa_pkcs1_sha512"] as const },
      identityOf(second),
    ];
    const { certificate } = await seenByNode({ ...only, identity });
    const expected = version === "TLSv1.2" ? first : second;
    expect(certificate?.raw).toEqual(Buffer.from(expected.certificate));
  });

  test("one for its authorities only is not used for others", async () => {
    const other = await createAuthority({ commonName: "Other CA" });
    const stranger = await other.issue({ names: [], extendedKeyUsage: [purposes.clientAuth] });
    const known = await clientOf("ecdsa-p256");
    const strict = { ...identityOf(stranger), onlyForItsAuthorities: true };
    const { certificate } = await seenByNode({
      ...only,
      identity: [strict, { ...identityOf(known), onlyForItsAuthorities: true }],
    });
    expect(certificate?.raw).toEqual(Buffer.from(known.certificate));
    expect(await failureOf(() => seenByNode({ ...only, identity: strict }))).toMatchObject({
      code: "identity/not-usable",
      alertSent: "handshake_failure",
    });
  });

  test("s_server -Verify takes it", async () => {
    const client = await clientOf("rsa-2048");
    const { port, stop, printed } = await startOpenssl(
      server,
      ["-Verify", "2", "-verify_return_error", "-CAfile", await rootFile()],
      "interactive",
    );
    stops.push(stop);
    const tls = await open(port, { ...only, identity: identityOf(client) });
    expect(await tls.opened).toMatchObject({ clientCertificate: "sent" });
    await printed(/Peer signature type: RSA-PSS/);
    await printed(/subject=CN = somebody/);
  });

  test("a server that insists, and none is given: the alert is the first read's error", async () => {
    const { port, stop } = await startNodeTls(server, () => {}, {
      requestCert: true,
      rejectUnauthorized: true,
      ca: root.pem,
    });
    stops.push(stop);
    const attempt = async () => {
      const tls = await open(port, { ...only, identity: () => undefined });
      expect(await tls.opened).toMatchObject({ clientCertificate: "declined" });
      await tls.readable.getReader().read();
    };
    expect(await failureOf(attempt)).toMatchObject({
      code: "alert/received",
      alertReceived: version === "TLSv1.3" ? "certificate_required" : "handshake_failure",
    });
  });

  test("a server that asks no client is told nothing", async () => {
    const client = await clientOf("ecdsa-p256");
    const { port, stop } = await startNodeTls(server, () => {});
    stops.push(stop);
    const tls = await open(port, { ...only, identity: identityOf(client) });
    expect(await tls.opened).toMatchObject({ clientCertificate: "not-requested" });
  });

  test("a session stands for the client it was made by", async () => {
    const [client, other] = await Promise.all([clientOf("ecdsa-p256"), clientOf("ed25519")]);
    const subjects: (Buffer | undefined)[] = [];
    const { port, stop } = await startNodeTls(
      server,
      (socket) => {
        subjects.push(socket.getPeerX509Certificate()?.raw);
        socket.write("x");
      },
      { requestCert: true, rejectUnauthorized: true, ca: root.pem },
    );
    stops.push(stop);
    const sessions = new MemorySessionStore();
    const handshakes: string[] = [];
    for (const who of [client, client, other]) {
      const tls = await open(port, { ...only, sessions, identity: identityOf(who) });
      handshakes.push((await tls.opened).handshake);
      // The tickets come in front of the data.
      await tls.readable.getReader().read();
      await tls.close().catch(() => {});
    }
    expect(handshakes).toEqual(["full", "resumed", "full"]);
    expect(subjects).toEqual([client, client, other].map((who) => Buffer.from(who.certificate)));
  });
});
