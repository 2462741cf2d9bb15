/**
 * One TLS server of the demo: tells a browser or a page in HTTP what it saw of the connection, and
 * sends everything else back as it came.
 *
 * @module
 */

import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer, type TLSSocket, type TlsOptions } from "node:tls";

/** A server that listens on 127.0.0.1. */
export interface TlsServer {
  port: number;
  /** Ends it and its connections. */
  close(): Promise<void>;
}

/** What a server presents of itself. */
export interface ServerOptions extends TlsOptions {
  /** Makes the OCSP response to staple, in DER (RFC 6066 §8). Default: none is stapled. */
  staple?: () => Uint8Array;
}

/** Where to look for a free port, and how often. */
export interface PortSearch {
  first: number;
  step: number;
  tries: number;
}

/** Longest time a connection may be silent, in milliseconds. */
const idleTimeout = 5 * 60_000;

/** Longest head of an HTTP request that is waited for, in bytes. */
const maxRequestHead = 16 * 1024;

/**
 * Starts a server on the first free port.
 *
 * @throws the error of listening, where no port of the search is free.
 */
export async function startTlsServer(
  name: string,
  { staple, ...options }: ServerOptions,
  { first, step, tries }: PortSearch,
): Promise<TlsServer> {
  const server = createServer({ ALPNProtocols: ["http/1.1"], ...options }, (socket) => {
    // A client that refuses the certificate or goes away is no matter of the server's.
    socket.on("error", () => {});
    socket.setTimeout(idleTimeout, () => socket.destroy());
    answer(socket, name);
  });
  server.on("tlsClientError", () => {});
  if (staple !== undefined) {
    server.on("OCSPRequest", (_certificate, _issuer, answer) => {
      answer(null, Buffer.from(staple()));
    });
  }
  // Those beneath TLS, so that handshakes still under way end with the server too.
  const connections = new Set<Socket>();
  server.on("connection", (connection) => {
    connections.add(connection);
    connection.once("close", () => connections.delete(connection));
  });
  for (let attempt = 1; ; attempt += 1) {
    try {
      server.listen(first + step * (attempt - 1), "127.0.0.1");
      await once(server, "listening");
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE" || attempt === tries) throw error;
    }
  }
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const connection of connections) connection.destroy();
      await closed;
    },
  };
}

/** The first bytes decide: an HTTP request is answered, all else is echoed. */
function answer(socket: TLSSocket, name: string): void {
  let head = "";
  const onData = (chunk: Buffer) => {
    head += chunk.toString("latin1");
    if (!mayBeHttp(head)) {
      socket.off("data", onData);
      socket.write(Buffer.from(head, "latin1"));
      socket.pipe(socket);
      return;
    }
    if (head.includes("\r\n\r\n")) {
      socket.off("data", onData);
      socket.resume();
      socket.end(httpAnswer(socket, name, head.startsWith("HEAD ")));
    } else if (head.length > maxRequestHead) {
      socket.destroy();
    }
  };
  socket.on("data", onData);
}

/** Whether the bytes are, or may still become, the start of an HTTP request (RFC 9112 §3). */
function mayBeHttp(head: string): boolean {
  const line = head.split("\r\n", 1)[0] ?? "";
  const methods = ["GET ", "HEAD "];
  if (line.length < 5) return methods.some((method) => method.startsWith(line) || line === method);
  if (!methods.some((method) => line.startsWith(method))) return false;
  return line.length === head.length ? !line.includes("\n") : / HTTP\/1\.[01]$/.test(line);
}

function httpAnswer(socket: TLSSocket, name: string, headOnly: boolean): string {
  const body = [
    `This is the demo server "${name}".`,
    `Protocol: ${socket.getProtocol()}`,
    `Cipher suite: ${socket.getCipher().standardName}`,
    `Application protocol: ${socket.alpnProtocol || "none"}`,
    `Name asked for: ${serverName(socket)}`,
    "",
  ].join("\n");
  return [
    "HTTP/1.1 200 OK",
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
    "",
    headOnly ? "" : body,
  ].join("\r\n");
}

/** The name of SNI (RFC 6066 §3), which Node's types leave out on the server's side. */
function serverName(socket: TLSSocket): string {
  const name: unknown = Reflect.get(socket, "servername");
  return typeof name === "string" ? name : "none";
}
