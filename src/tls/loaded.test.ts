/** What becomes of a connection where a part of the library that it needs can't be loaded. */

import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test, vi } from "vitest";
import { connectToPeer } from "../../test/peer/connect.ts";
import { createIdentities } from "../../test/peer/identities.ts";
import { settleConfig } from "./connection-options.ts";
import { nobody } from "./trust.ts";

const identities = await createIdentities();
const identity = await identities.of();
const notLoaded = {
  code: "configuration/unsupported-platform",
  message: expect.stringContaining("could not be loaded"),
};

function withoutNetwork(): never {
  throw new TypeError("Failed to fetch dynamically imported module");
}
vi.mock("./client/tls12.ts", withoutNetwork);
vi.mock("./client/client-auth.ts", withoutNetwork);
vi.mock("./channel-binding.ts", withoutNetwork);
vi.mock("./identity/read.ts", withoutNetwork);
vi.mock("../roots/index.ts", withoutNetwork);

/** For servers whose certificate is not what the test is about. */
const unverified = { dangerousVerify: () => {} };

describe("a part that can't be loaded is told in words", () => {
  test.each([
    ["TLS 1.2", { version: "TLSv1.2" }],
    ["the answer to a CertificateRequest", { requestCertificate: true }],
  ] as const)("%s, and the server by an alert", async (_, script) => {
    const config = await identities.config({}, unverified);
    const { error } = await connectToPeer(config, { identity, ...script }).outcome();
    expect(error).toMatchObject({ ...notLoaded, alertSent: "internal_error" });
  });

  test("channel bindings, and the connection goes on", async () => {
    const peer = connectToPeer(await identities.config({}, unverified), { identity });
    await peer.handshake;
    await expect(peer.client.channelBinding("tls-exporter")).rejects.toMatchObject(notLoaded);
    expect((await peer.outcome()).error).toBeUndefined();
  });

  test("the client's identity", async () => {
    const options = { identity: () => undefined };
    const settling = settleConfig("localhost", options, async () => nobody, {});
    await expect(settling).rejects.toMatchObject(notLoaded);
  });

  test("the bundled roots", async () => {
    const { readTrust } = await import("./trust.ts");
    await expect(readTrust({})).rejects.toMatchObject(notLoaded);
  });
});

test("no part is loaded in another way", async () => {
  const folder = fileURLToPath(new URL("..", import.meta.url));
  const files = await readdir(folder, { recursive: true });
  const sources = files.filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  const otherwise = await Promise.all(
    sources.map(async (file) => {
      const code = (await readFile(`${folder}/${file}`, "utf8")).replace(/^\s*(\*|\/\/).*$/gm, "");
      return [...code.matchAll(/(?<!\bloaded\(\s*)\bimport\(/g)].map(() => file);
    }),
  );
  expect(sources.length).toBeGreaterThan(100);
  expect(otherwise.flat()).toEqual([]);
});
