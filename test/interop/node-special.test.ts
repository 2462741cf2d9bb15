/** What only one or two of the real servers can show, from Node. */

import { describe, expect, test } from "vitest";
import { MemorySessionStore } from "../../src/stream/duplex.ts";
import { startSelfserv } from "../servers/nss.ts";
import { startOpenssl } from "../servers/openssl.ts";
import { exchangeData, some } from "./converse.ts";
import { identity, keep, openCore, useRig } from "./rig.ts";
import { Talk } from "./talk.ts";

useRig();

const key = Uint8Array.from({ length: 32 }, (_, index) => index);
const hex = Buffer.from(key).toString("hex");
const asBytes = (text: string) => new TextEncoder().encode(text);

describe("OpenSSL", () => {
  const args = ["-tls1_3", "-psk", hex, "-psk_identity", "webtls"];
  const psk = [{ identity: asBytes("webtls"), key }];

  test("an external PSK", async () => {
    const { port } = await keep(startOpenssl(identity(), args, "echo"));
    // Of a PSK that is nothing but a key, s_server takes it for one of TLS_AES_128_GCM_SHA256.
    const connection = await openCore(port, "echo", { psk, pskOnly: true });
    expect(await connection.opened).toMatchObject({
      cipherSuite: "TLS_AES_128_GCM_SHA256",
      pskIdentity: asBytes("webtls"),
      certificates: [],
    });
    await exchangeData(connection, "echo", some);
    await connection.close();
  });

  test("an external PSK that is not the server's", async () => {
    const { port } = await keep(startOpenssl(identity(), args, "echo"));
    const wrong = [{ identity: asBytes("webtls"), key: key.slice().reverse() }];
    const connection = await openCore(port, "echo", { psk: wrong });
    const refused = { code: "alert/received", alertReceived: "illegal_parameter" };
    await expect(connection.opened).rejects.toMatchObject(refused);
  });

  test("early data that is not accepted is sent behind the handshake", async () => {
    const limits = ["-tls1_3", "-early_data", "-no_anti_replay"];
    const server = await keep(startOpenssl(identity(), limits, "interactive"));
    const sessions = new MemorySessionStore();
    const first = await openCore(server.port, "echo", { sessions });
    await first.opened;
    server.type("webtls");
    await new Talk(first).lineLike(/^webtls$/);
    await first.close();
    await server.stop();

    // A server that has other ticket keys, and takes no early data.
    const other = await keep(startOpenssl(identity(), ["-tls1_3"], "echo"));
    const data = asBytes("not early\n");
    const earlyData = { data, otherwise: "send" } as const;
    const second = await openCore(other.port, "echo", { sessions, earlyData });
    expect(await second.opened).toMatchObject({ handshake: "full", earlyData: "rejected" });
    expect(await new Talk(second).line()).toBe("not early");
    await second.close();
  });
});

describe("NSS", () => {
  test("post-handshake authentication, which is not offered", async () => {
    const limits = { version: "TLSv1.3", asksAgain: true } as const;
    const { port } = await keep(startSelfserv(identity(), limits, { greeting: "webtls\n" }));
    const connection = await openCore(port, "selfserv");
    expect(await connection.opened).toMatchObject({ clientCertificate: "not-requested" });
    const talk = new Talk(connection);
    await talk.send("GET greeting HTTP/1.0\r\n\r\n");
    // The client does not offer it (RFC 8446 §4.2.6), so the server can't ask, and gives up.
    expect(await talk.end()).toBe(0);
    await connection.closed;
  });
});
