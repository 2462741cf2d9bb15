import { describe, expect, test } from "vitest";
import { createAuthority, type Issued, selfSigned } from "../../../test/authority.ts";
import { connectToPeer } from "../../../test/peer/connect.ts";
import { createIdentities, peerName } from "../../../test/peer/identities.ts";
import type { TlsErrorCode } from "../../errors.ts";
import type { AlertName } from "../alert.ts";

const identities = await createIdentities();
const { root } = identities;
const names = [peerName];
const hour = 3_600_000;

interface BadIdentity {
  readonly fault: number;
  readonly what: string;
  make(): Promise<Issued>;
  readonly code: TlsErrorCode;
  readonly alert: AlertName;
}

/** Certificates that must be refused; the validation itself is tested beside its code. */
const faults: readonly BadIdentity[] = [
  {
    fault: 31,
    what: "an expired certificate",
    make: () => root.issue({ names, notAfter: new Date(Date.now() - hour) }),
    code: "certificate/expired",
    alert: "certificate_expired",
  },
  {
    fault: 31,
    what: "a certificate not yet valid",
    make: () => root.issue({ names, notBefore: new Date(Date.now() + hour) }),
    code: "certificate/not-yet-valid",
    alert: "certificate_expired",
  },
  {
    fault: 31,
    what: "an unknown issuer",
    make: async () => (await createAuthority({ commonName: "unknown" })).issue({ names }),
    code: "certificate/unknown-issuer",
    alert: "unknown_ca",
  },
  {
    fault: 31,
    what: "a self-signed certificate",
    make: () => selfSigned({ names }),
    code: "certificate/self-signed",
    alert: "unknown_ca",
  },
  {
    fault: 31,
    what: "an issuer that is no authority",
    make: async () => (await root.intermediate({ ca: false })).issue({ names }),
    code: "certificate/not-a-ca",
    alert: "bad_certificate",
  },
  {
    fault: 31,
    what: "a certificate for clients",
    make: () => root.issue({ names, extendedKeyUsage: ["1.3.6.1.5.5.7.3.2"] }),
    code: "certificate/wrong-purpose",
    alert: "unsupported_certificate",
  },
  {
    fault: 31,
    what: "a key that may not sign",
    make: () => root.issue({ names, keyUsage: ["keyAgreement"] }),
    code: "certificate/wrong-key-usage",
    alert: "unsupported_certificate",
  },
  {
    fault: 32,
    what: "another name",
    make: () => root.issue({ names: ["other.example"] }),
    code: "certificate/wrong-name",
    alert: "bad_certificate",
  },
  {
    fault: 32,
    what: "a name in the subject alone",
    make: () => root.issue({ names: [], commonName: peerName }),
    code: "certificate/wrong-name",
    alert: "bad_certificate",
  },
  {
    fault: 33,
    what: "an RSA key of 1024 bits",
    make: () => root.issue({ names, keyType: "rsa-1024" }),
    code: "certificate/weak-key",
    alert: "bad_certificate",
  },
];

describe.each(["TLSv1.3", "TLSv1.2"] as const)("%s refuses a server with", (version) => {
  test.each(faults)("fault $fault: $what", async ({ make, code, alert }) => {
    const identity = await make();
    const { error, info, received } = await connectToPeer(await identities.config(), {
      version,
      identity,
    }).outcome();
    expect(info).toBeUndefined();
    expect(error).toMatchObject({ code, alertSent: alert, phase: "handshake" });
    expect(error?.certificates).toEqual(identity.chain);
    expect(received.alerts.map(({ name }) => name)).toEqual([alert]);
    // No key exchange and no Finished: the server learns nothing but the alert.
    expect(received.messages).toHaveLength(1);
  });

  test("no more than its chain: what was presented is in the information, as is the path", async () => {
    const identity = await (await root.intermediate()).issue({ names });
    const { info } = await connectToPeer(await identities.config(), {
      version,
      identity,
    }).outcome();
    expect(info?.certificates).toEqual(identity.chain);
    expect(info?.verifiedPath).toEqual(identity.chain);
  });
});
