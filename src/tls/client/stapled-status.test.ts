import { describe, expect, test } from "vitest";
import type { Issued } from "../../../test/authority.ts";
import { extension as derExtension } from "../../../test/der-writer.ts";
import { certStatus, failureResponse, mustStaple, ocspResponse } from "../../../test/ocsp.ts";
import { connectToPeer } from "../../../test/peer/connect.ts";
import { createIdentities, peerName } from "../../../test/peer/identities.ts";
import { encodeCertificateStatus, extension } from "../../../test/peer/messages.ts";
import type { Script } from "../../../test/peer/script.ts";
import { createLog, oids, timestampExtension } from "../../../test/transparency-log.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { resolveConfig } from "../config.ts";
import { handshakeType } from "../messages/registry.ts";
import type { TlsOptions } from "../options.ts";
import type { ProtocolStep } from "../trace.ts";
import { nobody, readTrust } from "../trust.ts";

const identities = await createIdentities();
const { root } = identities;
const authority = await root.intermediate();
const leaf = await authority.issue({ names: [peerName] });
const demanding = await authority.issue({ names: [peerName], extraExtensions: [mustStaple] });
const below = await root.intermediate({ extraExtensions: [mustStaple] });
const inheriting = await below.issue({ names: [peerName] });

type Versioned = "TLSv1.3" | "TLSv1.2";

/** The server staples this response. */
function staples(version: Versioned, response: Bytes | undefined): Omit<Script, "identity"> {
  if (response === undefined) return { version };
  const body = encodeCertificateStatus(response);
  if (version === "TLSv1.3") {
    return {
      certificate: ({ context, entries }) => ({
        context,
        entries: entries.map((entry, index) => ({
          ...entry,
          extensions: index === 0 ? [extension("status_request", (w) => w.bytes(body))] : [],
        })),
      }),
    };
  }
  return {
    version,
    serverHello: (hello) => ({
      ...hello,
      extensions: [...hello.extensions, extension("status_request")],
    }),
    on: {
      certificate: {
        instead: (message) => [message, { type: handshakeType.certificate_status, body }],
      },
    },
  };
}

async function connect(
  version: Versioned,
  identity: Issued,
  response: Bytes | undefined,
  options: TlsOptions = {},
) {
  const steps: ProtocolStep[] = [];
  const trace = (step: ProtocolStep) => void steps.push(step);
  const config = await identities.config(options, { trace });
  const script = { identity, ...staples(version, response) };
  return { ...(await connectToPeer(config, script).outcome()), steps };
}

const good = (identity: Issued, issuer = authority) => ocspResponse(issuer, identity);
const revoked = ocspResponse(authority, leaf, { answers: [{ status: certStatus.revoked() }] });
const unknown = ocspResponse(authority, leaf, { answers: [{ status: certStatus.unknown }] });
const ofAnother = ocspResponse(authority, demanding);
const tryLater = failureResponse(3);

const required = { ocspStapling: "required" } as const;

describe.each(["TLSv1.3", "TLSv1.2"] as const)("%s", (version) => {
  test.each<[string, Issued, Bytes | undefined, TlsOptions]>([
    ["that its certificate is good", leaf, good(leaf), {}],
    ["that, where the certificate demands it", demanding, good(demanding), {}],
    ["that, where an authority demands it", inheriting, good(inheriting, below), {}],
    ["that, where the caller demands it", leaf, good(leaf), required],
  ])("a server that staples %s is taken", async (_, identity, response, options) => {
    const { info, error, steps } = await connect(version, identity, response, options);
    expect(error).toBeUndefined();
    expect(info).toHaveProperty("ocspResponse", response);
    expect(steps).toContainEqual({ kind: "certificate-status", ocsp: "good" });
    const kinds = steps.map(({ kind }) => kind);
    expect(kinds.indexOf("certificate-status")).toBeLessThan(kinds.indexOf("certificate-verified"));
  });

  test.each<[string, Issued, Bytes | undefined, TlsOptions]>([
    ["nothing", leaf, undefined, {}],
    ["a response without an answer", leaf, tryLater, {}],
    [
      "nothing, unasked, though its certificate demands it",
      demanding,
      undefined,
      { ocspStapling: false },
    ],
  ])("a server that staples %s is taken", async (_, identity, response, options) => {
    const { info, error } = await connect(version, identity, response, options);
    expect(error).toBeUndefined();
    expect(info?.verifiedPath).toHaveLength(2);
  });

  test("tells why a response has no answer", async () => {
    const { steps } = await connect(version, leaf, tryLater);
    expect(steps).toContainEqual({ kind: "certificate-status", ocsp: "tryLater" });
  });

  test.each<[string, Issued, Bytes | undefined, TlsOptions, string, string]>([
    ["that it is revoked", leaf, revoked, {}, "certificate/revoked", "certificate_revoked"],
    [
      "that nobody knows it",
      leaf,
      unknown,
      {},
      "certificate/bad-status-response",
      "bad_certificate_status_response",
    ],
    [
      "what is about another certificate",
      leaf,
      ofAnother,
      {},
      "certificate/bad-status-response",
      "bad_certificate_status_response",
    ],
    [
      "what is none",
      leaf,
      Uint8Array.of(1),
      {},
      "certificate/bad-status-response",
      "bad_certificate_status_response",
    ],
    [
      "nothing, though its certificate demands it",
      demanding,
      undefined,
      {},
      "certificate/status-missing",
      "bad_certificate_status_response",
    ],
    [
      "no answer, though its certificate demands it",
      demanding,
      tryLater,
      {},
      "certificate/status-missing",
      "bad_certificate_status_response",
    ],
    [
      "nothing, though its authority demands it",
      inheriting,
      undefined,
      {},
      "certificate/status-missing",
      "bad_certificate_status_response",
    ],
    [
      "nothing, though the caller demands it",
      leaf,
      undefined,
      required,
      "certificate/status-missing",
      "bad_certificate_status_response",
    ],
    [
      "no answer, though the caller demands it",
      leaf,
      tryLater,
      required,
      "certificate/status-missing",
      "bad_certificate_status_response",
    ],
  ])("a server that staples %s is refused", async (_, identity, response, options, code, alert) => {
    const { error, delivered, received } = await connect(version, identity, response, options);
    expect(error).toMatchObject({ code, alertSent: alert, certificates: identity.chain });
    expect(received.alerts.map(({ name }) => name)).toEqual([alert]);
    expect(delivered).toHaveLength(0);
  });
});

test.each<[string, Issued, Bytes | undefined, TlsOptions, RegExp]>([
  [
    "the certificate",
    demanding,
    undefined,
    {},
    /The server's certificate demands .* was nothing\./,
  ],
  ["an authority", inheriting, undefined, {}, /An authority above .* demands/],
  ["the caller", leaf, tryLater, required, /ocspStapling demands .* no answer \(tryLater\)\./],
])("says that %s demands a response", async (_, identity, response, options, message) => {
  const { error } = await connect("TLSv1.3", identity, response, options);
  expect(error?.message).toMatch(message);
  expect(error?.message).toMatch(/OCSP stapling has to be turned on in the server/);
});

test("a response of the issuer's namesake is about another certificate", async () => {
  const { error } = await connect("TLSv1.3", leaf, ocspResponse(below, leaf));
  expect(error).toHaveProperty("code", "certificate/bad-status-response");
  expect(error?.message).toMatch(/about another certificate/);
});

const logs = await Promise.all([createLog("one"), createLog("two")]);

describe("timestamps in a stapled response (RFC 6962 §3.3)", () => {
  const timestamps = (certificate: Bytes) =>
    timestampExtension(logs.map((log) => log.timestamp({ certificate })));
  const list = oids.stapledTimestamps;

  const stapling = async (value: Bytes, status = certStatus.good) => {
    const answers = [{ status, extensions: [derExtension(list, false, value)] }];
    const script = staples("TLSv1.3", ocspResponse(authority, leaf, { answers }));
    const certificateTransparency = { logs: logs.map((log) => log.option()) };
    const trust = await readTrust({ roots: root.certificate, certificateTransparency });
    const config = { ...(await identities.config()), ...trust };
    return connectToPeer(config, { identity: leaf, ...script }).outcome();
  };

  test("count for certificateTransparency", async () => {
    expect((await stapling(timestamps(leaf.certificate))).error).toBeUndefined();
  });

  test.each([
    ["of another certificate", timestamps(demanding.certificate)],
    ["that can't be read", Uint8Array.of(1)],
  ])("do not count %s", async (_, value) => {
    expect((await stapling(value)).error).toHaveProperty("code", "certificate/not-logged");
  });

  test("do not help a certificate that is revoked", async () => {
    const { error } = await stapling(timestamps(leaf.certificate), certStatus.revoked());
    expect(error).toHaveProperty("code", "certificate/revoked");
  });
});

test("a response can be required only where there are roots", async () => {
  const publicKeys = [new Uint8Array(leaf.keys.publicKey.export({ type: "spki", format: "der" }))];
  for (const trust of [nobody, await readTrust({ publicKeys })]) {
    expect(() => resolveConfig(peerName, required, trust)).toThrow(/"ocspStapling"/);
    expect(resolveConfig(peerName, {}, trust).ocspStapling).toBe(true);
  }
});
