/**
 * What the shim does on an established connection: it shows what it knows, then echoes.
 *
 * @module
 */

import { type ConnectionInfo, type TlsDuplex, TlsError } from "../../../src/stream/duplex.ts";
import { Unexpected } from "./expectations.ts";
import type { ConnectionFlags } from "./flags.ts";
import { initialWriteOf } from "./options.ts";

export interface ExchangeContext {
  readonly info: ConnectionInfo;
  readonly flags: ConnectionFlags;
  /** Secrets by their labels in the key log, in hex. */
  readonly secrets: ReadonlyMap<string, string>;
}

/** The keying material that the flags ask for. */
export async function exportMaterial(
  tls: TlsDuplex,
  flags: ConnectionFlags,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const length = flags.number("export-keying-material");
  if (length === undefined) return undefined;
  const context = new Uint8Array(Buffer.from(flags.text("export-context") ?? "", "latin1"));
  const label = flags.text("export-label") ?? "";
  return tls.exportKeyingMaterial(
    label,
    flags.has("use-export-context") ? context : undefined,
    length,
  );
}

export class Exchange {
  readonly #tls: TlsDuplex;
  readonly #context: ExchangeContext;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;

  constructor(tls: TlsDuplex, context: ExchangeContext) {
    this.#tls = tls;
    this.#context = context;
    this.#writer = tls.writable.getWriter();
    // Whoever writes is told by write().
    this.#writer.closed.catch(() => {});
  }

  /** @param isWriting whether what is written first was not sent ahead already. */
  async run(isWriting: boolean): Promise<void> {
    const { flags } = this.#context;
    const exported = await exportMaterial(this.#tls, flags);
    if (exported !== undefined) await this.#writer.write(exported);
    if (flags.has("export-traffic-secrets")) await this.#exportSecrets();
    if (flags.has("tls-unique")) {
      await this.#writer.write(await this.#tls.channelBinding("tls-unique"));
    }
    const first = initialWriteOf(flags);
    if (isWriting && first.length > 0) await this.#writer.write(first);
    if (!flags.has("shim-shuts-down")) await this.#echo();
    await this.#close();
  }

  /** The secrets of both directions, reading first, behind their length. */
  async #exportSecrets(): Promise<void> {
    const labels = ["SERVER_TRAFFIC_SECRET_0", "CLIENT_TRAFFIC_SECRET_0"];
    const secrets = labels.map((label) =>
      Buffer.from(this.#context.secrets.get(label) ?? "", "hex"),
    );
    const length = Buffer.alloc(2);
    length.writeUInt16LE(secrets[0]?.length ?? 0);
    await this.#writer.write(new Uint8Array(Buffer.concat([length, ...secrets])));
  }

  /** Gives back every byte turned around, until the server ends. */
  async #echo(): Promise<void> {
    const { flags } = this.#context;
    const reader = this.#tls.readable.getReader();
    try {
      for (;;) {
        if (flags.has("key-update-before-read")) await this.#tls.updateKeys();
        const { value, done } = await reader.read();
        if (done) return;
        if (flags.has("use-exporter-between-reads")) {
          await this.#tls.exportKeyingMaterial("EXPORTER-between-reads", undefined, 1);
        }
        if (flags.has("key-update")) await this.#tls.updateKeys();
        await this.#writer.write(value.map((byte) => byte ^ 0xff));
      }
    } catch (error) {
      if (!isTruncation(error) || flags.has("check-close-notify")) throw error;
    } finally {
      reader.releaseLock();
    }
  }

  async #close(): Promise<void> {
    try {
      if (this.#context.flags.has("check-close-notify")) await this.#closeBothWays();
      else await this.#tls.close();
    } catch (error) {
      if (!isTruncation(error) || this.#context.flags.has("check-close-notify")) throw error;
    }
  }

  /** Sends close_notify, and waits for the server's: nothing but that may come. */
  async #closeBothWays(): Promise<void> {
    await this.#tls.closeWrite();
    const reader = this.#tls.readable.getReader();
    const { done } = await reader.read();
    if (!done) throw new Unexpected("Data came after the shim had closed.");
    await this.#tls.closed;
  }
}

function isTruncation(error: unknown): boolean {
  return error instanceof TlsError && error.code === "closed/truncated";
}
