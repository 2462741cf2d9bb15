/**
 * What the operator of a bridge can see and find out, and what not: a page in Chromium sends and
 * receives through a real bridge, with recording relays before and behind it.
 */

import { randomBytes } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { deflateRawSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type {} from "../../e2e/page/main.ts";
import { type Authority, createAuthority, type Issued } from "../authority.ts";
import { type OpenPage, openPage } from "../interop/chromium.ts";
import { bridgeKinds, startBridge } from "../servers/bridges.ts";
import { startNodeTls } from "../servers/node-tls.ts";
import { type Recording, recordsOf } from "./recording.ts";
import { startBridgeRelay, startTcpRelay } from "./relays.ts";
import { decrypt } from "./tshark.ts";

const applicationProtocol = "webtls-capture/1";
/** A name of its own, to be looked for; it is never resolved. */
const servername = "hidden-service.example";
const lead = { request: "the request begins here;", answer: "the answer begins here;" };

/** A marker, then bytes without any order, then bytes of the greatest order. */
function secret(marker: string): Buffer {
  return Buffer.concat([Buffer.from(marker), randomBytes(65536), Buffer.alloc(65536, marker)]);
}

let root: Authority;
let identity: Issued;
let lab: OpenPage;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  root = await createAuthority();
  identity = await root.issue({ names: [servername] });
  lab = await keep(openPage("/e2e/page/", "rig"));
});

afterAll(async () => {
  await Promise.all(stops.map((stop) => stop()));
});

async function keep<T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> {
  const running = await starting;
  stops.push(running.stop);
  return running;
}

/**
 * Takes a request of so many bytes, and answers. It leaves the end to the page: websockify drops what
 * the page has not taken by then.
 */
function answering(length: number, answer: Buffer, requests: Buffer[]) {
  return (socket: TLSSocket) => {
    const chunks: Buffer[] = [];
    let received = 0;
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      received += chunk.length;
      if (received < length) return;
      requests.push(Buffer.concat(chunks));
      socket.write(answer);
    });
  };
}

describe.each(bridgeKinds)("through %s", (kind) => {
  describe.each(["TLSv1.3", "TLSv1.2"] as const)("%s", (version) => {
    const request = secret(lead.request);
    const answer = secret(lead.answer);
    let keyLog: readonly string[];
    let before: Recording;
    let behind: Recording;
    let asked: readonly string[];

    beforeAll(async () => {
      const requests: Buffer[] = [];
      const server = await keep(
        startNodeTls(identity, answering(request.length, answer, requests), {
          minVersion: version,
          maxVersion: version,
          ALPNProtocols: [applicationProtocol],
        }),
      );
      const wire = await keep(startTcpRelay(server.port));
      const bridge = await keep(startBridge(kind, lab.origin));
      await bridge.allow(wire.port);
      const relay = await keep(startBridgeRelay(bridge));
      const trial = {
        bridge: relay.address,
        address: `localhost:${wire.port}`,
        roots: root.pem,
        options: { servername, alpn: [applicationProtocol] },
      };
      const found = await lab.page.evaluate(
        async ([trial, request, length]) => {
          const keyLog: string[] = [];
          const tls = window.rig.create(trial, { keyLog: (line) => keyLog.push(line) });
          const socket = tls.connect(trial.address, trial.options);
          const writer = socket.writable.getWriter();
          await writer.write(Uint8Array.from(request));
          const answer: number[] = [];
          const reader = socket.readable.getReader();
          while (answer.length < length) {
            const { done, value } = await reader.read();
            if (done) break;
            for (const byte of value) answer.push(byte);
          }
          await socket.close();
          await tls.close();
          return { keyLog, answer };
        },
        [trial, [...request], answer.length] as const,
      );
      expect(Buffer.from(found.answer).equals(answer)).toBe(true);
      expect(requests).toHaveLength(1);
      expect(requests[0]?.equals(request)).toBe(true);
      keyLog = found.keyLog;
      asked = relay.requests;
      before = only(relay.recordings);
      behind = only(wire.recordings);
    });

    test("the bridge passes on what it gets, as it is", () => {
      // Each side's last word, its close_notify, may come when the other has gone.
      expectPassed(before.all("toServer"), behind.all("toServer"));
      expectPassed(behind.all("toClient"), before.all("toClient"));
    });

    test("it is told the address, and nothing else", () => {
      expect(asked).toHaveLength(1);
      const url = new URL(asked[0] ?? "", "ws://bridge");
      expect([...url.searchParams.values()]).toHaveLength(1);
      expect(url.search).toMatch(/^\?(token|address)=localhost%3A\d+$/);
    });

    test("no part of the plaintext is in what it sees", () => {
      for (const direction of ["toServer", "toClient"] as const) {
        const seen = before.all(direction);
        for (const plaintext of [request, answer]) {
          expect(partsFound(plaintext, seen)).toEqual([]);
          const leak = plaintext.subarray(1001, 1012);
          // In front of it must not stand, by chance, the byte that stands there in the plaintext.
          const other = Uint8Array.of((plaintext[1000] ?? 0) ^ 0xff);
          expect(partsFound(plaintext, Buffer.concat([seen, other, leak]))).toHaveLength(1);
        }
      }
    });

    test("what is encrypted has no order left, whatever order the plaintext had", () => {
      for (const direction of ["toServer", "toClient"] as const) {
        const records = recordsOf(before.all(direction));
        const data = Buffer.concat(
          records.filter(({ type }) => type === 23).map(({ fragment }) => fragment),
        );
        expect(data.length).toBeGreaterThan(131_072);
        // TLS 1.2 counts its records in each nonce, eight bytes of 16 KiB.
        expect(deflateRawSync(data).length).toBeGreaterThan(data.length * 0.999);
      }
    });

    test("the name and the protocols offered can be read, once", () => {
      const [hello, ...others] = recordsOf(before.all("toServer"));
      expect(hello?.fragment.includes(servername)).toBe(true);
      expect(hello?.fragment.includes(applicationProtocol)).toBe(true);
      for (const { fragment } of others) {
        expect(fragment.includes(servername)).toBe(false);
        expect(fragment.includes(applicationProtocol)).toBe(false);
      }
    });

    test("of the server's handshake, TLS 1.2 shows the certificate and the protocol chosen", () => {
      const seen = before.all("toClient");
      const isOpen = version === "TLSv1.2";
      expect(seen.includes(Buffer.from(identity.certificate))).toBe(isOpen);
      expect(seen.includes(servername)).toBe(isOpen);
      expect(seen.includes(applicationProtocol)).toBe(isOpen);
    });

    test("the records in the clear are those of the handshake's beginning", () => {
      const shapes = (["toServer", "toClient"] as const).map((direction) =>
        recordsOf(before.all(direction))
          .map(({ type }) => recordTypes[type] ?? String(type))
          .filter((name, index, all) => name !== all[index - 1]),
      );
      const inTls13 = ["handshake", "change_cipher_spec", "application_data"];
      // There the encrypted records of the handshake and of alerts say what they are.
      const inTls12 = ["handshake", "change_cipher_spec", "handshake", "application_data"];
      const expected = version === "TLSv1.3" ? inTls13 : inTls12;
      for (const shape of shapes) {
        expect(shape.filter((name) => name !== "alert")).toEqual(expected);
        if (shape.includes("alert")) expect(shape.at(-1)).toBe("alert");
      }
    });

    test("tshark finds the plaintext with the key log", async () => {
      const found = await decrypt(behind, keyLog);
      expect(found.toServer.equals(request)).toBe(true);
      expect(found.toClient.equals(answer)).toBe(true);
    });

    test("tshark finds nothing without it, nor with another connection's", async () => {
      const foreign = keyLog.map((line) => {
        const [label, random = "", secret = ""] = line.split(" ");
        return `${label} ${random} ${randomBytes(secret.length / 2).toString("hex")}`;
      });
      for (const keys of [[], foreign]) {
        const { toServer, toClient } = await decrypt(behind, keys);
        for (const plaintext of [request, answer]) {
          expect(partsFound(plaintext, toServer)).toEqual([]);
          expect(partsFound(plaintext, toClient)).toEqual([]);
        }
      }
    });
  });
});

const recordTypes: Readonly<Record<number, string>> = {
  20: "change_cipher_spec",
  21: "alert",
  22: "handshake",
  23: "application_data",
};

function expectPassed(sent: Buffer, arrived: Buffer): void {
  expect(sent.subarray(0, arrived.length).equals(arrived)).toBe(true);
  expect(sent.length - arrived.length).toBeLessThan(40);
}

function only(recordings: readonly Recording[]): Recording {
  const [recording, ...others] = recordings;
  if (recording === undefined || others.length > 0) throw new Error("expected one connection");
  return recording;
}

/**
 * The offsets of those pieces of the plaintext that are in what was seen. The pieces are eight bytes
 * at every fourth offset, so any eleven bytes in a row would be found; that eight bytes are there by
 * chance happens once in ten million runs.
 */
function partsFound(plaintext: Buffer, seen: Buffer): number[] {
  const windows = new Set<bigint>();
  for (let at = 0; at + 8 <= seen.length; at++) windows.add(seen.readBigUInt64BE(at));
  const found: number[] = [];
  for (let at = 0; at + 8 <= plaintext.length; at += 4) {
    if (windows.has(plaintext.readBigUInt64BE(at))) found.push(at);
  }
  return found;
}
