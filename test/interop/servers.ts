/**
 * The real servers of the matrix.
 *
 * @module
 */

import type { GroupName } from "../../src/tls/options.ts";
import { startDovecot } from "../servers/dovecot.ts";
import type { RealServerLimits } from "../servers/folder.ts";
import { startGnutls } from "../servers/gnutls.ts";
import {
  buildGoProgram,
  type GoLimits,
  type GoProgram,
  type GoServer,
  whyNoGo,
} from "../servers/go.ts";
import { startNginx } from "../servers/nginx.ts";
import { echo, startNodeTls } from "../servers/node-tls.ts";
import { startSelfserv } from "../servers/nss.ts";
import { type ServerIdentity, startOpenssl } from "../servers/openssl.ts";
import { startPostgres } from "../servers/postgres.ts";
import { startPyopenssl, whyNoPyopenssl } from "../servers/pyopenssl.ts";
import { opensslGroup } from "../servers/suites.ts";
import type { LocalServer } from "../servers/tcp.ts";
import { bulk, type EarlyFate, some } from "./converse.ts";
import { manyLines, type SpeechName } from "./speeches.ts";

/** What not every server can do. */
export type Ability =
  | "a client certificate in TLSv1.3"
  | "a client certificate in TLSv1.2"
  | "resumption in TLSv1.3"
  | "resumption in TLSv1.2"
  | "early data";

/** How `s_server` prints early data of {@link speeches}. */
export const earlyPrinted = /sent early\n[\s\S]*End of early data/;

/** A server that runs. */
export interface RunningServer extends LocalServer {
  /** Waits for what it prints to match, where that is known. */
  printed?(pattern: RegExp): Promise<RegExpExecArray>;
  /** Has it send a line, where it can be told to. */
  type?(line: string): void;
}

/** A server, and what there is to be said of it. */
export interface RealServer {
  readonly name: string;
  readonly speech: SpeechName;
  start(identity: ServerIdentity, limits?: RealServerLimits): Promise<RunningServer>;
  /** Why it can't run here; missing where it can. */
  readonly missing?: string | undefined;
  /** What it needs once, before it is started. */
  readonly prepare?: () => Promise<{ stop(): Promise<void> }>;
  /** How it is made to send a HelloRetryRequest: by taking only the group `wants`. */
  readonly retry: { readonly limits: RealServerLimits; readonly wants: GroupName };
  /** The application protocol that it agrees on, where it knows ALPN (RFC 7301). */
  readonly alpn?: string;
  /** Whether it has X25519MLKEM768. */
  readonly hybrid?: true;
  /** Whether it sends much and takes little, and ends right behind it. */
  readonly oneWay?: true;
  /** What becomes of early data that it takes. Default: it is answered. */
  readonly early?: EarlyFate;
  /** What it can't do, or is never asked to, and why. */
  readonly cannot: Partial<Record<Ability, string>>;
}

const limitedToP384 = {
  limits: { version: "TLSv1.3", group: "secp384r1" },
  wants: "secp384r1",
} as const;

const noEarlyData = (what: string) => ({ "early data": `${what} has no way to take early data` });

const ownProcess = "Dovecot has a process for each connection, with ticket keys of its own";

/** Why there is no Go server; undefined where there is. */
export const noGo = await whyNoGo();

let goProgram: GoProgram | undefined;

export const realServers: readonly RealServer[] = [
  {
    name: "OpenSSL",
    speech: "echo",
    start: startSServer,
    retry: limitedToP384,
    alpn: "webtls",
    early: "printed",
    cannot: {},
  },
  {
    name: "OpenSSL 4",
    speech: "echo",
    start: (identity, limits) => startPyopenssl(identity, limits, "webtls"),
    missing: whyNoPyopenssl(),
    retry: limitedToP384,
    alpn: "webtls",
    hybrid: true,
    cannot: {},
  },
  {
    name: "Go",
    speech: "echo",
    start: startGo,
    missing: noGo,
    async prepare() {
      const program = await buildGoProgram();
      goProgram = program;
      return { stop: program.remove };
    },
    retry: limitedToP384,
    alpn: "webtls",
    hybrid: true,
    cannot: noEarlyData("crypto/tls"),
  },
  {
    name: "Node",
    speech: "echo",
    start: (identity, { version, group, clients } = {}) =>
      startNodeTls(identity, echo, {
        ALPNProtocols: ["webtls"],
        ...(version === undefined ? {} : { minVersion: version, maxVersion: version }),
        ...(group === undefined ? {} : { ecdhCurve: opensslGroup[group] }),
        ...(clients === undefined ? {} : { ca: clients, requestCert: true }),
      }),
    retry: limitedToP384,
    alpn: "webtls",
    cannot: noEarlyData("Node's tls"),
  },
  {
    name: "GnuTLS",
    speech: "echo",
    start: (identity, limits) => startGnutls(identity, limits, "webtls"),
    retry: limitedToP384,
    alpn: "webtls",
    early: "dropped",
    cannot: {},
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
    cannot: {},
  },
  {
    name: "nginx",
    speech: "http",
    start: startNginx,
    retry: limitedToP384,
    alpn: "http/1.1",
    cannot: {},
  },
  {
    name: "PostgreSQL",
    speech: "postgres",
    start: startPostgres,
    // As it comes, it takes P-256 only.
    retry: { limits: {}, wants: "secp256r1" },
    cannot: {
      ...noEarlyData("PostgreSQL"),
      "resumption in TLSv1.3": "PostgreSQL switches tickets off",
      "resumption in TLSv1.2": "PostgreSQL switches tickets and its session cache off",
    },
  },
  {
    name: "Dovecot",
    speech: "imap",
    start: startDovecot,
    retry: limitedToP384,
    cannot: {
      ...noEarlyData("Dovecot"),
      "resumption in TLSv1.3": ownProcess,
      "resumption in TLSv1.2": ownProcess,
    },
  },
];

/** The Go server, once it is prepared. */
export async function startGo(identity: ServerIdentity, limits: GoLimits = {}): Promise<GoServer> {
  if (goProgram === undefined) throw new Error("the Go server was not built");
  return goProgram.start(identity, { ...limits, alpn: "webtls" });
}

/** Only where it prints what it receives does it take early data. */
function startSServer(
  identity: ServerIdentity,
  { version, group, clients, earlyData }: RealServerLimits = {},
): Promise<RunningServer> {
  const args = ["-alpn", "webtls"];
  if (version !== undefined) args.push(version === "TLSv1.3" ? "-tls1_3" : "-tls1_2");
  if (group !== undefined) args.push("-groups", opensslGroup[group]);
  if (earlyData) args.push("-early_data");
  if (clients !== undefined) args.push("-Verify", "1", "-verify_return_error");
  const files: Record<string, string> = clients === undefined ? {} : { "-CAfile": clients };
  return startOpenssl(identity, args, earlyData ? "interactive" : "echo", files);
}
