/**
 * A pipe in memory between a TLS client and Node's TLS server, which passes nothing on until it is
 * told to: so the time of each side can be taken by itself.
 */

import { Duplex } from "node:stream";

export class HeldPipe {
  /** What the client has written, and nobody has passed on. */
  readonly fromClient: Uint8Array[] = [];
  readonly fromServer: Uint8Array[] = [];
  /** The server's end. */
  readonly server: Duplex;
  readonly #arrived = new Set<() => void>();
  #clientBytes = 0;

  constructor() {
    this.server = collecting((chunk) => {
      this.fromServer.push(chunk);
      this.#wake();
    });
  }

  /** Takes what the client sends. */
  take(chunk: Uint8Array): void {
    this.#clientBytes += chunk.length;
    this.fromClient.push(chunk);
    this.#wake();
  }

  /** How many bytes the client has sent so far. */
  get clientBytes(): number {
    return this.#clientBytes;
  }

  /** Resolves as soon as something that was written makes the condition true. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => this.#arrived.add(resolve));
    }
  }

  passToServer(): void {
    for (const chunk of this.fromClient.splice(0)) this.server.push(chunk);
  }

  #wake(): void {
    for (const resolve of this.#arrived) resolve();
    this.#arrived.clear();
  }
}

/** A duplex that is pushed to from outside, and gives what is written to a function. */
export function collecting(take: (chunk: Uint8Array) => void): Duplex {
  return new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      take(chunk);
      done();
    },
  });
}
