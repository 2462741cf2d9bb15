/**
 * Stapled OCSP responses end to end: OpenSSL's responder signs them, its `s_server` staples them, in
 * both versions. And OpenSSL's verdict on the responder that the other tests have.
 */

import { describe, expect, test, vi } from "vitest";
import type { Bytes } from "../src/crypto/bytes.ts";
import { platformCrypto } from "../src/crypto/platform.ts";
import { type ConnectTlsOptions, connectTls, type TlsError } from "../src/stream/duplex.ts";
import { parseCertificate } from "../src/x509/certificate.ts";
import { verifyOcspResponse } from "../src/x509/ocsp/verify.ts";
import { createAuthority, type Issued } from "./authority.ts";
import { failureOf } from "./failure.ts";
import { certStatus, failureResponse, mustStaple, ocspResponse, ocspSigning } from "./ocsp.ts";
import { startOpenssl } from "./servers/openssl.ts";
import { opensslResponse, opensslVerdict } from "./servers/openssl-responder.ts";
import { openSocket } from "./servers/socket.ts";

const root = await createAuthority();
const issuer = await root.intermediate();
const leaf = await issuer.issue({ names: ["localhost"] });
const demanding = await issuer.issue({ names: ["localhost"], extraExtensions: [mustStaple] });
const signer = await issuer.issue({
  names: [],
  commonName: "responder",
  extendedKeyUsage: [ocspSigning],
});
const since = new Date("2026-02-03T04:05:06Z");
const revoked = { revoked: since, reason: "keyCompromise" };
const day = 24 * 60 * 60 * 1000;

describe("a response of openssl ocsp", () => {
  const verdict = async (response: Bytes, now = new Date()) => {
    const { status } = await verifyOcspResponse(
      response,
      parseCertificate(leaf.certificate),
      parseCertificate(issuer.certificate),
      { crypto: platformCrypto, now, effort: { spend() {} } },
    );
    return status;
  };

  test.each([
    ["by the issuer", {}],
    ["by a responder", { signer }],
    ["by a responder, named by its key", { signer, args: ["-resp_key_id"] }],
    ["by the issuer, without certificates", { args: ["-resp_no_certs"] }],
    ["signed with SHA-384", { signer, args: ["-rmd", "sha384"] }],
    ["about SHA-256", { hash: "sha256" }],
    ["about SHA-512", { hash: "sha512" }],
    ["that holds for a day", { args: ["-ndays", "1"] }],
  ])("%s is good", async (_, answer) => {
    expect(await verdict(await opensslResponse({ issuer, leaf, ...answer }))).toBe("good");
  });

  test("holds for as long as it says, or for seven days", async () => {
    const inDays = (days: number) => new Date(Date.now() + days * day);
    const short = await opensslResponse({ issuer, leaf, args: ["-ndays", "1"] });
    expect(await verdict(short, inDays(0.9))).toBe("good");
    const open = await opensslResponse({ issuer, leaf });
    expect(await verdict(open, inDays(6.9))).toBe("good");
    for (const [response, days] of [[short, 1.1] as const, [open, 7.1] as const]) {
      const error = await failureOf(() => verdict(response, inDays(days)));
      expect(error.code).toBe("certificate/bad-status-response");
    }
  });

  test("says that a certificate is revoked, when and why", async () => {
    const response = await opensslResponse({ issuer, leaf, status: revoked, signer });
    const error = await failureOf(() => verdict(response));
    expect(error.code).toBe("certificate/revoked");
    expect(error.message).toContain("2026-02-03T04:05:06.000Z (keyCompromise)");
  });

  test.each([
    ["does not know the certificate", { status: "unlisted" }, /does not know/],
    ["has a wrong signature", { args: ["-badsig"] }, /not signed by/],
    ["is signed with SHA-1", { args: ["-rmd", "sha1"] }, /SHA-1/],
    ["is signed by the server", { signer: leaf }, /lacks OCSPSigning/],
    ["is about another certificate", { leaf: demanding }, /another certificate/],
  ] as const)("%s, and is refused", async (_, answer, message) => {
    const response = await opensslResponse({ issuer, leaf, ...answer });
    const error = await failureOf(() => verdict(response));
    expect(error.code).toBe("certificate/bad-status-response");
    expect(error.message).toMatch(message);
  });
});

describe("OpenSSL takes what the tests' own responder says", () => {
  test.each([
    ["good", {}, /: good\n/],
    ["good by a responder", { signer }, /: good\n/],
    [
      "revoked",
      { answers: [{ status: certStatus.revoked(since, 1) }] },
      /: revoked\n.*Reason: keyCompromise/s,
    ],
    ["unknown", { answers: [{ status: certStatus.unknown }] }, /: unknown\n/],
  ])("%s", async (_, pieces, words) => {
    const said = await opensslVerdict(ocspResponse(issuer, leaf, pieces), { issuer, leaf });
    expect(said).toMatch(/Response verify OK/);
    expect(said).toMatch(words);
  });
});

async function connect(
  version: string,
  identity: Issued,
  response: Bytes | undefined,
  options: Partial<ConnectTlsOptions> = {},
) {
  const files = response === undefined ? {} : { "-status_file": response };
  const server = await startOpenssl(identity, [version], "reverse", files);
  try {
    const all = { hostname: "localhost", roots: root.pem, ...options };
    const tls = connectTls(await openSocket(server.port), all);
    const end = await tls.opened.catch((error: TlsError) => error);
    if (!(end instanceof Error)) {
      // Tickets come before the answer.
      await tls.writable.getWriter().write(new TextEncoder().encode("one\n"));
      await tls.readable.getReader().read();
    }
    await tls.close().catch(() => {});
    return end;
  } finally {
    await server.stop();
  }
}

describe.each(["-tls1_3", "-tls1_2"])("s_server %s", (version) => {
  test("that staples that its certificate is good is taken", async () => {
    const response = await opensslResponse({ issuer, leaf: demanding, signer });
    const required = { ocspStapling: "required" } as const;
    expect(await connect(version, demanding, response, required)).toMatchObject({
      ocspResponse: response,
      verifiedPath: demanding.chain,
    });
  });

  test.each([
    [
      "that it is revoked",
      leaf,
      () => opensslResponse({ issuer, leaf, status: revoked }),
      "certificate/revoked",
      "certificate_revoked",
    ],
    [
      "what has expired",
      leaf,
      () => {
        const thisUpdate = new Date(Date.now() - 9 * day);
        const nextUpdate = new Date(Date.now() - day);
        return ocspResponse(issuer, leaf, { answers: [{ thisUpdate, nextUpdate }] });
      },
      "certificate/bad-status-response",
      "bad_certificate_status_response",
    ],
    [
      "nothing, though it has to",
      demanding,
      () => undefined,
      "certificate/status-missing",
      "bad_certificate_status_response",
    ],
    [
      "no answer, though it has to",
      demanding,
      () => failureResponse(3),
      "certificate/status-missing",
      "bad_certificate_status_response",
    ],
  ])("that staples %s is refused", async (_, identity, make, code, alertSent) => {
    const end = await connect(version, identity, await make());
    expect(end).toMatchObject({ code, alertSent, phase: "handshake" });
  });

  test("a session is good until the response runs out", async () => {
    const expiries: number[] = [];
    const sessions = {
      take: () => undefined,
      put: (_: string, { expires }: { expires: number }) => void expiries.push(expires),
    };
    const soon = new Date(Math.ceil(Date.now() / 1000) * 1000 + 60_000);
    const answers = [{ hash: "sha256" }, { nextUpdate: soon }] as const;
    await connect(version, leaf, ocspResponse(issuer, leaf, { answers }), { sessions });
    await vi.waitFor(() => expect(expiries).not.toEqual([]));
    expect(new Set(expiries)).toEqual(new Set([soon.getTime()]));
  });
});
