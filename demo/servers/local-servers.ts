/**
 * The TLS servers that run beside the demo, under an authority that is made anew at each start and
 * whose key never leaves the process.
 *
 * @module
 */

import type { TlsOptions } from "node:tls";
import { type Authority, createAuthority, type Issued, selfSigned } from "../../test/authority.ts";
import type { DemoTarget } from "../setup.ts";
import { startTlsServer, type TlsServer } from "./tls-server.ts";

/** The running servers. */
export interface LocalServers {
  /** The authority's root, in PEM. */
  roots: string;
  targets: DemoTarget[];
  close(): Promise<void>;
}

/** A server to be: how it is shown, and what makes it particular. */
interface Plan extends Omit<DemoTarget, "address"> {
  certificate(authority: Authority): Promise<Issued>;
  options?: TlsOptions;
}

const names = ["localhost", "127.0.0.1", "::1"];
const day = 24 * 60 * 60 * 1000;
const daysAgo = (days: number) => new Date(Date.now() - days * day);

const plans: readonly Plan[] = [
  {
    name: "TLS 1.3",
    about: "Speaks TLS 1.3 only, with an ECDSA certificate from an intermediate authority.",
    expectation: "opened",
    certificate: async (authority) => {
      const intermediate = await authority.intermediate({ commonName: "webtls demo intermediate" });
      return intermediate.issue({ names });
    },
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
    name: "Expired",
    about: "Its certificate ended a month ago.",
    expectation: "certificate/expired",
    certificate: (authority) =>
      authority.issue({ names, notBefore: daysAgo(60), notAfter: daysAgo(30) }),
  },
  {
    name: "Wrong name",
    about: "Its certificate is for another host.",
    expectation: "certificate/wrong-name",
    certificate: (authority) => authority.issue({ names: ["somewhere-else.example"] }),
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
  const running = await Promise.all(
    plans.map(async (plan, index): Promise<{ server: TlsServer; target: DemoTarget }> => {
      const { name, about, expectation, options } = plan;
      const { chainPem, privateKey } = await plan.certificate(authority);
      const server = await startTlsServer(
        name,
        { ...options, cert: chainPem, key: privateKey },
        { first: firstPort + index, step: portStep, tries: 20 },
      );
      return { server, target: { name, about, expectation, address: `localhost:${server.port}` } };
    }),
  );
  return {
    roots: authority.pem,
    targets: running.map(({ target }) => target),
    async close() {
      await Promise.all(running.map(({ server }) => server.close()));
    },
  };
}
