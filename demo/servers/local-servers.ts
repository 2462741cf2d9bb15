/**
 * The TLS servers that run beside the demo, under an authority that is made anew at each start and
 * whose key never leaves the process.
 *
 * @module
 */

import type { TlsOptions } from "node:tls";
import { type Authority, createAuthority, type Issued, selfSigned } from "../../test/authority.ts";
import { certStatus, ocspResponse } from "../../test/ocsp.ts";
import type { DemoTarget } from "../setup.ts";
import { type ServerOptions, startTlsServer, type TlsServer } from "./tls-server.ts";

/** The running servers. */
export interface LocalServers {
  /** The authority's root, in PEM. */
  roots: string;
  /** What it has issued for most of the servers, in PEM. */
  intermediates: string;
  targets: DemoTarget[];
  close(): Promise<void>;
}

/** A server to be: how it is shown, and what makes it particular. */
interface Plan extends Omit<DemoTarget, "address"> {
  /** @param intermediate one that the authority has issued. */
  certificate(authority: Authority, intermediate: Authority): Promise<Presented>;
  options?: TlsOptions;
}

/** What a server presents of itself. */
type Presented = Pick<Issued, "chainPem" | "privateKey"> & Pick<ServerOptions, "staple">;

const names = ["localhost", "127.0.0.1", "::1"];
const day = 24 * 60 * 60 * 1000;
const daysAgo = (days: number) => new Date(Date.now() - days * day);
const ended = { notBefore: daysAgo(60), notAfter: daysAgo(30) };
/** CRLReason (RFC 5280 §5.3.1). */
const keyCompromise = 1;
const commonName = "webtls demo intermediate";

const plans: readonly Plan[] = [
  {
    name: "TLS 1.3",
    about: "Speaks TLS 1.3 only, with an ECDSA certificate from an intermediate authority.",
    expectation: "opened",
    certificate: (_authority, intermediate) => intermediate.issue({ names }),
    options: { minVersion: "TLSv1.3" },
  },
  {
    name: "TLS 1.2",
    about: "Speaks TLS 1.2 only, with an RSA certificate.",
    expectation: "opened",
    certificate: (authority) => authority.issue({ names, keyType: "rsa-2048" }),
    options: { maxVersion: "TLSv1.2" },
  },
  {
    name: "Another key share",
    about: "Takes P-384 only, so it answers with a HelloRetryRequest first.",
    expectation: "opened",
    certificate: (authority) => authority.issue({ names, keyType: "ecdsa-p384" }),
    options: { minVersion: "TLSv1.3", ecdhCurve: "secp384r1" },
  },
  {
    name: "Two ways up",
    about: "Presents its issuer's certificate twice, and the first of them has expired.",
    expectation: "opened",
    certificate: async (authority, intermediate) => {
      const expired = await authority.intermediate({
        commonName,
        keys: intermediate.keys,
        ...ended,
      });
      const leaf = await intermediate.issue({ names });
      return { ...leaf, chainPem: leaf.pem + expired.pem + intermediate.pem };
    },
  },
  {
    name: "Expired",
    about: "Its certificate ended a month ago.",
    expectation: "certificate/expired",
    certificate: (authority) => authority.issue({ names, ...ended }),
  },
  {
    name: "Wrong name",
    about: "Its certificate is for another host.",
    expectation: "certificate/wrong-name",
    certificate: (authority) => authority.issue({ names: ["somewhere-else.example"] }),
  },
  {
    name: "Revoked",
    about: "Its authority has taken its certificate back, and the server's stapled OCSP says so.",
    expectation: "certificate/revoked",
    certificate: async (authority) => {
      const leaf = await authority.issue({ names });
      const status = certStatus.revoked(daysAgo(7), keyCompromise);
      return { ...leaf, staple: () => ocspResponse(authority, leaf, { answers: [{ status }] }) };
    },
  },
  {
    name: "Missing intermediate",
    about: "Presents its own certificate only, not the one of who issued it.",
    expectation: "certificate/unknown-issuer",
    certificate: async (_authority, intermediate) => {
      const leaf = await intermediate.issue({ names });
      return { ...leaf, chainPem: leaf.pem };
    },
  },
  {
    name: "Unknown root",
    about: "Presents all up to a root, but one that is not trusted.",
    expectation: "certificate/unknown-issuer",
    certificate: async () => {
      const stranger = await createAuthority({ commonName: "another root" });
      const intermediate = await stranger.intermediate({ commonName: "another intermediate" });
      const leaf = await intermediate.issue({ names });
      return { ...leaf, chainPem: leaf.chainPem + stranger.pem };
    },
  },
  {
    name: "No way up",
    about: "Its issuer is vouched for by two: an expired certificate, and a root nobody trusts.",
    expectation: "certificate/expired",
    certificate: async (authority) => {
      const expired = await authority.intermediate({ commonName, ...ended });
      const stranger = await createAuthority({ commonName: "another root" });
      const cross = await stranger.intermediate({ commonName, keys: expired.keys });
      const leaf = await expired.issue({ names });
      return { ...leaf, chainPem: leaf.pem + cross.pem + expired.pem };
    },
  },
  {
    name: "Self-signed",
    about: "Its certificate vouches for itself.",
    expectation: "certificate/self-signed",
    certificate: () => selfSigned({ names }),
  },
];

/** First of the ports tried; each server has its own, and moves on by 20 where it is taken. */
const firstPort = 44301;
const portStep = 20;

/** Starts all of them. */
export async function startLocalServers(): Promise<LocalServers> {
  const authority = await createAuthority({ commonName: "webtls demo root" });
  const intermediate = await authority.intermediate({ commonName });
  const running = await Promise.all(
    plans.map(async (plan, index): Promise<{ server: TlsServer; target: DemoTarget }> => {
      const { name, about, expectation, options } = plan;
      const { chainPem, privateKey, staple } = await plan.certificate(authority, intermediate);
      const server = await startTlsServer(
        name,
        { ...options, cert: chainPem, key: privateKey, ...(staple ? { staple } : {}) },
        { first: firstPort + index, step: portStep, tries: 20 },
      );
      return { server, target: { name, about, expectation, address: `localhost:${server.port}` } };
    }),
  );
  return {
    roots: authority.pem,
    intermediates: intermediate.pem,
    targets: running.map(({ target }) => target),
    async close() {
      await Promise.all(running.map(({ server }) => server.close()));
    },
  };
}
