/**
 * What is compared: ways for a page to exchange bytes with a server.
 *
 * @module
 */

/** The server, and what stands before it. */
export interface Target {
  readonly bridge: "webtls" | "websockify" | "wisp";
  /** Of the bridge. */
  readonly url: string;
  readonly host: "localhost";
  readonly port: number;
  /** The root that the server's certificate comes from, in PEM. */
  readonly roots: string;
}

/** An open connection; what it carries is what the application reads and writes. */
export interface Pipe {
  /** The next bytes; undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export interface Contestant {
  readonly name: string;
  /** Whether it verifies the server's certificate. */
  readonly verifies: boolean;
  /** Resolves when application data can be exchanged. */
  open(target: Target): Promise<Pipe>;
}
