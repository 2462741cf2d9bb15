import { beforeAll, describe, expect, test } from "vitest";
import { type Authority, createAuthority, type Issued } from "../../../test/authority.ts";
import { crlOf, crlPem } from "../../../test/crls.ts";
import { platformCrypto } from "../../crypto/platform.ts";
import { type ClientConfig, resolveConfig } from "../config.ts";
import type { CertificateTransparency } from "../ct-options.ts";
import type { Identities, IdentitySelector } from "../identity/identity.ts";
import { readIdentity } from "../identity/read.ts";
import type { DangerousVerify } from "../presented.ts";
import type { ExternalPsk } from "../psk-options.ts";
import type { RevocationOptions } from "../revocation-options.ts";
import { nobody, readTrust } from "../trust.ts";
import type { TrustOptions } from "../trust-options.ts";
import { partitionOf } from "./partition.ts";

let root: Authority;
let other: Authority;
beforeAll(async () => {
  root = await createAuthority();
  other = await createAuthority();
});

const psk = [{ identity: Uint8Array.of(1), key: new Uint8Array(32) }];

async function config(
  hostname = "a.example",
  options: Parameters<typeof resolveConfig>[1] = {},
  roots = [root],
  sessionLabel?: string,
): Promise<ClientConfig> {
  const trust = await readTrust({ roots: roots.map(({ certificate }) => certificate) });
  return resolveConfig(hostname, options, trust, { sessionLabel });
}

describe("the partition of a configuration", () => {
  test("is the same for the same server and trust, whatever else is asked", async () => {
    const again = await config("a.example", { alpn: ["h2"], maxVersion: "TLSv1.2" });
    expect(await partitionOf(again)).toBe(await partitionOf(await config()));
  });

  test.each([
    ["another host", () => config("b.example")],
    ["another servername", () => config("a.example", { servername: "b.example" })],
    ["an address", () => config("127.0.0.1")],
    ["other roots", () => config("a.example", {}, [other])],
    ["more roots", () => config("a.example", {}, [root, other])],
    ["OCSP responses that were not asked for", () => config("a.example", { ocspStapling: false })],
    ["OCSP responses that must come", () => config("a.example", { ocspStapling: "required" })],
    ["a key of its own", () => config("a.example", { psk })],
    ["nothing but that key", () => config("a.example", { psk, pskOnly: true })],
    ["another label", () => config("a.example", {}, [root], "a.example:8443")],
  ])("differs for %s", async (_, changed) => {
    expect(await partitionOf(await changed())).not.toBe(await partitionOf(await config()));
  });

  test("differs for each set of raw public keys", async () => {
    const knowing = async (...known: Authority[]) => {
      const keys = known.map(({ keys }) => keys.publicKey.export({ type: "spki", format: "der" }));
      return partitionOf(resolveConfig("a.example", {}, await readTrust({ publicKeys: keys })));
    };
    const all = [await knowing(root), await knowing(other), await knowing(root, other)];
    expect(new Set(all).size).toBe(3);
    expect(await knowing(root)).toBe(all[0]);
  });

  test("differs for what has to show that certificates were made public", async () => {
    const { publicKey } = root.keys;
    const logs = [{ publicKey: publicKey.export({ type: "spki", format: "der" }), operator: "a" }];
    const asking = async (certificateTransparency?: CertificateTransparency) => {
      const trust = await readTrust({
        roots: root.certificate,
        ...(certificateTransparency === undefined ? {} : { certificateTransparency }),
      });
      return partitionOf(resolveConfig("a.example", {}, trust));
    };
    const all = [await asking({ logs }), await asking({ logs, timestamps: 1 }), await asking()];
    expect(new Set(all).size).toBe(3);
    expect(await asking({ logs })).toBe(all[0]);
  });

  test("differs for the CRLs that are asked", async () => {
    const crls = crlOf(root);
    const asking = async (revocation?: RevocationOptions) => {
      const roots = root.certificate;
      const trust = await readTrust(revocation === undefined ? { roots } : { roots, revocation });
      return partitionOf(resolveConfig("a.example", {}, trust));
    };
    const all = [
      await asking(),
      await asking({ crls }),
      await asking({ crls: [crls, crls] }),
      await asking({ crls, depth: "leaf" }),
      await asking({ crls, dangerousAllowUnknownStatus: true }),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(await asking({ crls: crlPem(crls), depth: "chain" })).toBe(all[1]);
  });

  test("differs for each set of exact certificates and of pins, and not for intermediates", async () => {
    const [one, two] = ["A", "E"].map((digit) => `sha256/${"A".repeat(42)}${digit}=`);
    const der = root.certificate;
    const trusting = async (options: TrustOptions) =>
      partitionOf(resolveConfig("a.example", {}, await readTrust({ roots: der, ...options })));
    const all = await Promise.all([
      trusting({}),
      trusting({ exactCertificates: [other.certificate] }),
      trusting({ exactCertificates: [other.certificate, der] }),
      trusting({ publicKeys: [other.keys.publicKey.export({ type: "spki", format: "der" })] }),
      trusting({ pins: [String(one)] }),
      trusting({ pins: [String(two)] }),
      trusting({ pins: [String(one), String(two)] }),
    ]);
    expect(new Set(all).size).toBe(all.length);
    expect(await trusting({ intermediates: other.certificate })).toBe(all[0]);
  });

  test("differs for each function that judges the server itself", async () => {
    const judging = async (dangerousVerify?: DangerousVerify) =>
      partitionOf(resolveConfig("a.example", {}, nobody, { dangerousVerify }));
    const judge = () => {};
    expect(await judging(judge)).toBe(await judging(judge));
    const all = [await judging(judge), await judging(() => {}), await judging()];
    expect(new Set(all).size).toBe(3);
  });

  test("differs for each client, and not for each time that its identity is read", async () => {
    const [first, second] = [await root.issue({ names: [] }), await root.issue({ names: [] })];
    const as = async (option?: Identities | IdentitySelector) => {
      const identity = option && (await readIdentity(option, platformCrypto));
      return partitionOf(resolveConfig("a.example", {}, nobody, { identity }));
    };
    const identityOf = ({ chain, privateKey }: Issued) => ({
      certificates: chain,
      key: privateKey,
    });
    const choose = () => identityOf(first);
    expect(await as(identityOf(first))).toBe(await as(identityOf(first)));
    expect(await as(choose)).toBe(await as(choose));
    const all = [
      await as(),
      await as(identityOf(first)),
      await as(identityOf(second)),
      await as([identityOf(first), identityOf(second)]),
      await as(choose),
      await as(() => identityOf(first)),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test("differs for each external key, however little of it is another", async () => {
    const [one] = psk;
    if (one === undefined) throw new Error("there is no key");
    const keys: ExternalPsk[] = [
      one,
      { ...one, identity: Uint8Array.of(2) },
      { ...one, key: new Uint8Array(32).fill(1) },
      { ...one, hash: "SHA-384" },
      { ...one, importer: {} },
      { ...one, importer: { context: Uint8Array.of(1) } },
    ];
    const named = async (key: ExternalPsk) =>
      partitionOf(await config("a.example", { psk: [key] }));
    const all = await Promise.all(keys.map(named));
    expect(new Set(all).size).toBe(keys.length);
    expect(await named({ ...one, hash: "SHA-256", key: new Uint8Array(32) })).toBe(all[0]);
  });

  test("tells nothing of the server", async () => {
    expect(await partitionOf(await config())).toMatch(/^[0-9a-f]{64}$/);
  });
});
