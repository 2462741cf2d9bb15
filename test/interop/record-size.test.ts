/** record_size_limit (RFC 8449) with GnuTLS, which knows it in either version: both limits are kept. */

import { describe, expect, test } from "vitest";
import { type ByteDuplex, connectTls } from "../../src/stream/duplex.ts";
import { startGnutls } from "../servers/gnutls.ts";
import { openSocket } from "../servers/socket.ts";
import { identity, keep, roots, useRig } from "./rig.ts";

useRig();

const ours = 512;
const theirs = 600;

describe("GnuTLS", () => {
  describe.each([
    // The type of the content is counted; the tag is not.
    { version: "TLSv1.3", sent: theirs + 1 + 16, received: ours + 16 },
    // An explicit nonce and a tag are not counted.
    { version: "TLSv1.2", sent: theirs + 24, received: ours + 24 },
  ] as const)("$version", ({ version, sent, received }) => {
    test("records are as long as the other side takes, and no longer", async () => {
      const server = await keep(
        startGnutls(identity(), { version }, undefined, [`--recordsize=${theirs}`]),
      );
      const { duplex, longest } = measured(await openSocket(server.port));
      const connection = connectTls(duplex, {
        hostname: "localhost",
        roots: roots(),
        recordSizeLimit: ours,
        cipherSuites: ["TLS_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"],
      });
      await connection.opened;
      const writer = connection.writable.getWriter();
      const line = new TextEncoder().encode(`${"x".repeat(4999)}\n`);
      const writing = writer.write(line);
      const reader = connection.readable.getReader();
      let echoed = 0;
      while (echoed < line.length) {
        const { done, value } = await reader.read();
        if (done) break;
        echoed += value.length;
      }
      await writing;
      expect(echoed).toBe(line.length);
      expect(longest).toEqual({ sent, received });
      await connection.close();
    });
  });
});

/** The duplex, and the longest fragments of data records that pass through it either way. */
function measured({ readable, writable }: ByteDuplex) {
  const longest = { sent: 0, received: 0 };
  const measure = (direction: keyof typeof longest) => {
    let rest = Buffer.alloc(0);
    return new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        rest = Buffer.concat([rest, chunk]);
        while (rest.length >= 5 && rest.length >= 5 + rest.readUInt16BE(3)) {
          const length = rest.readUInt16BE(3);
          if (rest[0] === 23) longest[direction] = Math.max(longest[direction], length);
          rest = rest.subarray(5 + length);
        }
        controller.enqueue(chunk);
      },
    });
  };
  const outward = measure("sent");
  void outward.readable.pipeTo(writable).catch(() => {});
  const duplex = {
    readable: readable.pipeThrough(measure("received")),
    writable: outward.writable,
  };
  return { duplex, longest };
}
