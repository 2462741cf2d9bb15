import { expect, test } from "vitest";
import { decodeClientHello } from "../../test/peer/client-hello.ts";
import { connectToPeer } from "../../test/peer/connect.ts";
import { createIdentities } from "../../test/peer/identities.ts";
import type { CipherSuiteName } from "./options.ts";

const identities = await createIdentities();
const identity = await identities.of();
const labels13 = [
  "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
  "SERVER_HANDSHAKE_TRAFFIC_SECRET",
  "CLIENT_TRAFFIC_SECRET_0",
  "SERVER_TRAFFIC_SECRET_0",
  "EXPORTER_SECRET",
];

const cases: readonly ["TLSv1.3" | "TLSv1.2", CipherSuiteName, string[], secretLength: number][] = [
  ["TLSv1.3", "TLS_AES_128_GCM_SHA256", labels13, 32],
  ["TLSv1.3", "TLS_AES_256_GCM_SHA384", labels13, 48],
  ["TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", ["CLIENT_RANDOM"], 48],
];

test.each(cases)(
  "the key log of %s with %s (RFC 9850 §2)",
  async (version, suite, labels, length) => {
    const lines: string[] = [];
    const config = await identities.config({}, { keyLog: (line) => lines.push(line) });
    const { received } = await connectToPeer(config, { version, suite, identity }).outcome();
    const [hello] = received.messages;
    const random = Buffer.from(decodeClientHello(hello?.body ?? new Uint8Array(0)).random);
    const fields = lines.map((line) => line.split(" "));
    expect(fields.map(([label]) => label)).toEqual(labels);
    for (const [, clientRandom, secret] of fields) {
      expect(clientRandom).toBe(random.toString("hex"));
      expect(secret).toMatch(new RegExp(`^[0-9a-f]{${2 * length}}$`));
    }
    expect(new Set(fields.map(([, , secret]) => secret)).size).toBe(labels.length);
  },
);
