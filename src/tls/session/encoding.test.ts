import { describe, expect, test } from "vitest";
import { cipherSuites } from "../cipher-suite.ts";
import { namedGroup } from "../named-group.ts";
import { signatureSchemes } from "../signature-scheme.ts";
import { decodeSession, encodeSession } from "./encoding.ts";
import type { Session, SessionPeer } from "./session.ts";

const [scheme] = signatureSchemes;
if (scheme === undefined) throw new Error("no signature schemes");
const peer: SessionPeer = {
  certificateType: "X509",
  trustedBy: "root",
  certificates: [Uint8Array.of(1, 2), Uint8Array.of(3)],
  verifiedPath: [Uint8Array.of(1, 2)],
  signatureScheme: scheme,
  pskIdentity: undefined,
  clientCertificate: "not-requested",
  trustedUntil: 1_790_000_000_000,
};
const base = { secret: new Uint8Array(48).fill(7), peer, expires: 1_790_000_123_456 };

function sessions(): [string, Session][] {
  const suites = cipherSuites.map((suite): [string, Session] => {
    if (suite.version === "TLSv1.3") {
      const ticket = new Uint8Array(300).fill(9);
      const times = { ageAdd: 0xfedcba98, receivedAt: 1_790_000_000_123 };
      const early = { maxEarlyData: 0xffffffff, alpn: "h2" };
      return [suite.name, { version: "TLSv1.3", suite, ...base, ticket, ...times, ...early }];
    }
    const group = namedGroup("secp256r1");
    const handle = { kind: "id", bytes: new Uint8Array(32).fill(5) } as const;
    const extendedMasterSecret = true;
    const fields = { group, handle, extendedMasterSecret };
    return [suite.name, { version: "TLSv1.2", suite, ...base, ...fields }];
  });
  return suites;
}

describe("a session as bytes", () => {
  test.each(sessions())("comes back as it was: %s", (_, session) => {
    const stored = encodeSession(session);
    expect(stored.expires).toBe(session.expires);
    expect(decodeSession(stored)).toEqual(session);
  });

  test("with what came beside the certificate, and of a raw public key", () => {
    const [, first] = sessions()[0] ?? [];
    if (first === undefined) throw new Error("no sessions");
    const stapled: SessionPeer = {
      ...peer,
      certificateType: "RawPublicKey",
      verifiedPath: [],
      ocspResponse: Uint8Array.of(4, 5),
      signedCertificateTimestamps: [Uint8Array.of(6), Uint8Array.of(7, 8)],
    };
    const session: Session = { ...first, peer: stapled };
    expect(decodeSession(encodeSession(session))).toEqual(session);
  });

  test("with a path that was presented in part, or not at all", () => {
    const [, first] = sessions()[0] ?? [];
    if (first === undefined) throw new Error("no sessions");
    const many = Array.from({ length: 300 }, (_, index) => Uint8Array.of(index >> 8, index));
    const chains: Partial<SessionPeer>[] = [
      { verifiedPath: [Uint8Array.of(3), Uint8Array.of(9), Uint8Array.of(1, 2)] },
      { certificates: [] },
      { certificates: many, verifiedPath: many },
    ];
    for (const chain of chains) {
      const session: Session = { ...first, peer: { ...peer, ...chain } };
      expect(decodeSession(encodeSession(session))).toEqual(session);
    }
  });

  test.each(["not-requested", "declined", "sent"] as const)(
    "with what the client has shown: %s",
    (clientCertificate) => {
      const [, first] = sessions()[0] ?? [];
      if (first === undefined) throw new Error("no sessions");
      const session: Session = { ...first, peer: { ...peer, clientCertificate } };
      expect(decodeSession(encodeSession(session))).toEqual(session);
    },
  );

  test("has a certificate once, though it is presented and on the path", () => {
    const [, first] = sessions()[0] ?? [];
    if (first === undefined) throw new Error("no sessions");
    const chain = [new Uint8Array(7_000), new Uint8Array(7_000).fill(1)];
    const long = { ...first, peer: { ...peer, certificates: chain, verifiedPath: chain } };
    expect(encodeSession(long).bytes.length).toBeLessThan(15_000);
  });

  test("without what may be missing", () => {
    const [, first] = sessions()[0] ?? [];
    if (first?.version !== "TLSv1.3") throw new Error("the first suite is of TLS 1.3");
    const anonymous = { ...peer, certificates: [], verifiedPath: [], signatureScheme: undefined };
    const known = { ...anonymous, pskIdentity: Uint8Array.of(1) };
    const session: Session = { ...first, alpn: undefined, maxEarlyData: 0, peer: known };
    expect(decodeSession(encodeSession(session))).toEqual(session);
  });

  test.each(sessions())("is none when it is cut, or longer: %s", (_, session) => {
    const { bytes, expires } = encodeSession(session);
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeSession({ bytes: bytes.subarray(0, length), expires })).toBeUndefined();
    }
    expect(decodeSession({ bytes: Uint8Array.of(...bytes, 0), expires })).toBeUndefined();
  });

  test("is none in another format", () => {
    const [, first] = sessions()[0] ?? [];
    if (first === undefined) throw new Error("no sessions");
    const { bytes, expires } = encodeSession(first);
    bytes[0] = 0xff;
    expect(decodeSession({ bytes, expires })).toBeUndefined();
  });

  test("is none where a store hands out something else", () => {
    const foreign = JSON.parse('{ "bytes": null, "expires": 1 }');
    expect(decodeSession(foreign)).toBeUndefined();
  });
});
