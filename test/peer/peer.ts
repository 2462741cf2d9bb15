/**
 * The scripted server after its handshake: what a test's `after` speaks through.
 *
 * @module
 */

import { type Bytes, concat } from "../../src/crypto/bytes.ts";
import type { AlertName } from "../../src/tls/alert.ts";
import type { TrafficSecrets } from "../../src/tls/client/established.ts";
import { contentType, handshakeType } from "../../src/tls/messages/registry.ts";
import { encodeHandshake, type HandshakeMessage } from "../../src/tls/record/handshake-joiner.ts";
import { Opener13, Sealer13 } from "../../src/tls/record/protection13.ts";
import { encodeTicket } from "./messages.ts";
import type { PeerWire } from "./wire.ts";

export class Peer {
  /** For what has no method of its own here. */
  readonly wire: PeerWire;
  #secrets: TrafficSecrets | undefined;

  /** @param secrets of TLS 1.3, whose keys can change. */
  constructor(wire: PeerWire, secrets?: TrafficSecrets) {
    this.wire = wire;
    this.#secrets = secrets;
  }

  /** Sends application data as one record. */
  data(content: Uint8Array | string): Promise<void> {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    return this.wire.record(contentType.applicationData, bytes);
  }

  alert(name: AlertName, level: "warning" | "fatal" = "fatal"): Promise<void> {
    return this.wire.alert(name, level);
  }

  closeNotify(): Promise<void> {
    return this.wire.alert("close_notify", "warning");
  }

  /** Sends a message of a handshake type, e.g. a HelloRequest. */
  handshake(type: number, body: Uint8Array = new Uint8Array(0)): Promise<void> {
    return this.wire.record(contentType.handshake, encodeHandshake(type, body).encoded);
  }

  ticket(): Promise<void> {
    return this.handshake(handshakeType.new_session_ticket, encodeTicket(new Uint8Array(64)));
  }

  /**
   * Changes the sending key (RFC 8446 §4.6.3).
   *
   * @param behind bytes in the same record, where none may be.
   */
  async keyUpdate(request: "requested" | "not requested", behind?: Bytes): Promise<void> {
    const { encoded } = encodeHandshake(
      handshakeType.key_update,
      Uint8Array.of(request === "requested" ? 1 : 0),
    );
    await this.wire.record(contentType.handshake, concat(encoded, behind ?? new Uint8Array(0)));
    const { client, server } = this.#traffic();
    const next = await server.next();
    this.#secrets = { client, server: next };
    await this.wire.sealWith(new Sealer13(await next.key()));
  }

  /** The client's next message; a KeyUpdate changes the key it is read with. */
  async nextMessage(): Promise<HandshakeMessage> {
    const message = await this.wire.nextMessage();
    if (message.type === handshakeType.key_update) {
      const { client, server } = this.#traffic();
      const next = await client.next();
      this.#secrets = { client: next, server };
      this.wire.openWith(new Opener13(await next.key()));
    }
    return message;
  }

  /** Reads on, for what the client sends to be noted, until it stops. */
  async drain(): Promise<never> {
    for (;;) await this.nextMessage();
  }

  #traffic(): TrafficSecrets {
    if (this.#secrets === undefined) throw new Error("TLS 1.2 has no KeyUpdate");
    return this.#secrets;
  }
}
