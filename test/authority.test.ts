import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer, type TLSSocket, connect as tlsConnect } from "node:tls";
import { describe, expect, it } from "vitest";
import { createAuthority, type KeyType, selfSigned } from "./authority.ts";

describe("the test authority", () => {
  it.each<KeyType>([
    "ecdsa-p256",
    "ecdsa-p384",
    "ecdsa-p521",
    "ed25519",
    "rsa-2048",
    "rsa-pss-2048",
  ])("issues a leaf with %s that Node's TLS accepts under an intermediate", async (keyType) => {
    const root = await createAuthority();
    const intermediate = await root.intermediate();
    const leaf = await intermediate.issue({
      names: ["localhost", "127.0.0.1", "2001:db8::1"],
      keyType,
    });
    const server = createServer({ cert: leaf.chainPem, key: leaf.privateKey }, (socket) => {
      socket.end("hello");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    let socket: TLSSocket | undefined;
    try {
      socket = tlsConnect({ host: "127.0.0.1", port, servername: "localhost", ca: root.pem });
      await once(socket, "secureConnect");
      expect(socket.authorized).toBe(true);
    } finally {
      socket?.destroy();
      server.close();
    }
  });

  it.each<KeyType>(["ecdsa-p384", "ed25519", "rsa-2048"])("signs with %s", async (keyType) => {
    const root = await createAuthority({ keyType });
    const leaf = await root.issue({ names: ["a.example"] });
    const issuer = new X509Certificate(root.certificate);
    expect(new X509Certificate(leaf.certificate).verify(issuer.publicKey)).toBe(true);
    expect(leaf.chain).toHaveLength(1);
  });

  it("names addresses as addresses", async () => {
    const { certificate } = await selfSigned({ names: ["a.example", "192.0.2.1", "2001:db8::1"] });
    expect(new X509Certificate(certificate).subjectAltName).toBe(
      "DNS:a.example, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1",
    );
  });
});
