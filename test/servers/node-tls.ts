/**
 * TLS servers on Node's `tls`, each on loopback and a port of its own.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import {
  createSecureContext,
  createServer as createTlsServer,
  type Server,
  TLSSocket,
  type TlsOptions,
} from "node:tls";
import type { ServerIdentity } from "./openssl.ts";
import { patternChunk } from "./pattern.ts";
import { type LocalServer, listen, startTcp } from "./tcp.ts";

/** What a server saw of one connection. */
export interface Seen {
  readonly version: string | null;
  /** IANA name. */
  readonly cipherSuite: string;
  readonly alpn: string | false | null;
  readonly servername: string | false;
}

/** A running TLS server. */
export interface NodeTlsServer extends LocalServer {
  /** The connections whose handshake was done, in order. */
  readonly seen: readonly Seen[];
  /** The alerts and other failures of handshakes, in order. */
  readonly failures: readonly Error[];
  /** Takes each line of the server's own key log. */
  readonly keyLog: readonly string[];
  /** The server itself, for those of its events that a test answers. */
  readonly events: Server;
}

/** What a server does with a connection whose handshake is done. */
export type Behaviour = (socket: TLSSocket) => void;

/** @param options as `tls.createServer()` takes them, e.g. `{ maxVersion: "TLSv1.2" }`. */
export async function startNodeTls(
  identity: ServerIdentity,
  behaviour: Behaviour,
  options: TlsOptions & { allowHalfOpen?: boolean } = {},
): Promise<NodeTlsServer> {
  const seen: Seen[] = [];
  const failures: Error[] = [];
  const keyLog: string[] = [];
  const server = createTlsServer(
    { cert: identity.chainPem, key: identity.privateKey, ...options },
    (socket) => {
      socket.on("error", (error) => failures.push(error));
      seen.push({
        version: socket.getProtocol(),
        cipherSuite: socket.getCipher().standardName,
        alpn: socket.alpnProtocol,
        servername: (socket as TLSSocket & { servername?: string }).servername ?? false,
      });
      behaviour(socket);
    },
  );
  server.on("tlsClientError", (error) => failures.push(error));
  server.on("keylog", (line) => keyLog.push(line.toString().trim()));
  return { ...(await listen(server)), seen, failures, keyLog, events: server };
}

/** Answers each line reversed, as `openssl s_server -rev` does. */
export const reverseLines: Behaviour = (socket) => {
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (text + chunk).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) socket.write(`${[...line].reverse().join("")}\n`);
  });
};

/** Answers every byte as it is, and ends when the client does. */
export const echo: Behaviour = (socket) => {
  socket.pipe(socket);
};

/** Reads to the end, then answers with the SHA-256 of it in hex, and ends. */
export const digest: Behaviour = (socket) => {
  const hash = createHash("sha256");
  socket.on("data", (chunk: Buffer) => hash.update(chunk));
  socket.on("end", () => socket.end(hash.digest("hex")));
};

/**
 * Sends so many bytes of the pattern as fast as the client takes them, and ends unless it is to
 * stay.
 *
 * @param onWritten is told, with each write, how many bytes were handed to the connection.
 */
export function source(
  length: number,
  onWritten: (total: number) => void = () => {},
  { stay = false }: { stay?: boolean } = {},
): Behaviour {
  return (socket) => {
    let sent = 0;
    const more = () => {
      while (sent < length) {
        const chunk = patternChunk(sent, Math.min(65536, length - sent));
        sent += chunk.length;
        const goOn = socket.write(chunk);
        onWritten(sent);
        if (!goOn) {
          socket.once("drain", more);
          return;
        }
      }
      if (!stay) socket.end();
    };
    more();
  };
}

/** Speaks TLS, sends the text once the handshake is done, and drops the TCP connection. */
export function startTruncating(
  identity: ServerIdentity,
  text: string,
  options: TlsOptions = {},
): Promise<LocalServer> {
  return startTcp((raw) => {
    const socket = secure(raw, identity, options);
    // The end of the transport beneath, without a close_notify of the TLS above it.
    socket.once("data", () => socket.write(text, () => raw.destroy()));
  });
}

/**
 * A mail server's manners (RFC 3207): greets in plain text, and after `STARTTLS` answers `220` and
 * speaks TLS, where it echoes.
 *
 * @param tail sent in plain text right behind the answer, as an attacker in between would.
 */
export function startStartTls(identity: ServerIdentity, tail = ""): Promise<LocalServer> {
  return startTcp((raw) => {
    raw.write("220 ready\r\n");
    const onLine = (chunk: Buffer) => {
      if (!chunk.toString().startsWith("STARTTLS")) {
        raw.write("500 unknown\r\n");
        return;
      }
      raw.off("data", onLine);
      raw.write(`220 go ahead\r\n${tail}`, () => echo(secure(raw, identity)));
    };
    raw.on("data", onLine);
  });
}

function secure(raw: Socket, identity: ServerIdentity, options: TlsOptions = {}): TLSSocket {
  const secureContext = createSecureContext({
    cert: identity.chainPem,
    key: identity.privateKey,
    ...options,
  });
  const socket = new TLSSocket(raw, { isServer: true, secureContext });
  socket.on("error", () => {});
  return socket;
}
