/**
 * The real servers of the matrix.
 *
 * @module
 */

import type { GroupName } from "../../src/tls/options.ts";
import { startDovecot } from "../servers/dovecot.ts";
import type { RealServerLimits } from "../servers/folder.ts";
import { startGnutls } from "../servers/gnutls.ts";
import { startNginx } from "../servers/nginx.ts";
import { echo, startNodeTls } from "../servers/node-tls.ts";
import { startSelfserv } from "../servers/nss.ts";
import { type ServerIdentity, startOpenssl } from "../servers/openssl.ts";
import { startPostgres } from "../servers/postgres.ts";
import { opensslGroup } from "../servers/suites.ts";
import type { LocalServer } from "../servers/tcp.ts";
import { bulk, some } from "./converse.ts";
import { manyLines, type SpeechName } from "./speeches.ts";

/** A server, and what there is to be said of it. */
export interface RealServer {
  readonly name: string;
  readonly speech: SpeechName;
  start(identity: ServerIdentity, limits?: RealServerLimits): Promise<LocalServer>;
  /** How it is made to send a HelloRetryRequest: by taking only the group `wants`. */
  readonly retry: { readonly limits: RealServerLimits; readonly wants: GroupName };
  /** The application protocol that it agrees on, where it knows ALPN (RFC 7301). */
  readonly alpn?: string;
  /** Whether it sends much and takes little, and ends right behind it. */
  readonly oneWay?: true;
}

const limitedToP384 = {
  limits: { version: "TLSv1.3", group: "secp384r1" },
  wants: "secp384r1",
} as const;

export const realServers: readonly RealServer[] = [
  {
    name: "OpenSSL",
    speech: "echo",
    start: (identity, { version, group } = {}) => {
      const args = ["-alpn", "webtls"];
      if (version !== undefined) args.push(version === "TLSv1.3" ? "-tls1_3" : "-tls1_2");
      if (group !== undefined) args.push("-groups", opensslGroup[group]);
      return startOpenssl(identity, args, "echo");
    },
    retry: limitedToP384,
    alpn: "webtls",
  },
  {
    name: "Node",
    speech: "echo",
    start: (identity, { version, group } = {}) =>
      startNodeTls(identity, echo, {
        ALPNProtocols: ["webtls"],
        ...(version === undefined ? {} : { minVersion: version, maxVersion: version }),
        ...(group === undefined ? {} : { ecdhCurve: opensslGroup[group] }),
      }),
    retry: limitedToP384,
    alpn: "webtls",
  },
  {
    name: "GnuTLS",
    speech: "echo",
    start: (identity, limits) => startGnutls(identity, limits, "webtls"),
    retry: limitedToP384,
    alpn: "webtls",
  },
  {
    name: "NSS",
    speech: "selfserv",
    start: (identity, limits) => {
      const files = Object.fromEntries([some, bulk].map((length) => [length, manyLines(length)]));
      return startSelfserv(identity, limits, { greeting: "webtls\n", ...files });
    },
    retry: limitedToP384,
    alpn: "http/1.1",
    oneWay: true,
  },
  { name: "nginx", speech: "http", start: startNginx, retry: limitedToP384, alpn: "http/1.1" },
  {
    name: "PostgreSQL",
    speech: "postgres",
    start: startPostgres,
    // As it comes, it takes P-256 only.
    retry: { limits: {}, wants: "secp256r1" },
  },
  { name: "Dovecot", speech: "imap", start: startDovecot, retry: limitedToP384 },
];
