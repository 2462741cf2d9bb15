/**
 * The client: its connections one after another, with the sessions they share.
 *
 * @module
 */

import { type ConnectionInfo, connectTls } from "../../../src/stream/duplex.ts";
import { Credentials } from "./credentials.ts";
import { Exchange, exportMaterial } from "./exchange.ts";
import { checkEchRejection, checkInfo, checkSessions, Unexpected } from "./expectations.ts";
import type { ConnectionFlags, Invocation } from "./flags.ts";
import { MessageLog } from "./message-log.ts";
import { earlyDataOf, tlsOptions } from "./options.ts";
import { Sessions } from "./sessions.ts";
import { RunnerSocket } from "./socket.ts";
import { Verifier } from "./verifier.ts";

/** What a connection is to be, and which of several. */
interface Turn {
  readonly index: number;
  readonly flags: ConnectionFlags;
  /** The flags once the server has rejected early data that the flags expect it to. */
  readonly afterRejection: ConnectionFlags;
}

export class Client {
  readonly #invocation: Invocation;
  readonly #sessions = new Sessions();
  // One for all connections: sessions are kept apart by who verifies.
  readonly #verifier = new Verifier();
  /** The protocol of the last connection. */
  #agreed: string | undefined;
  readonly #credentials = new Map<string, Credentials>();

  constructor(invocation: Invocation) {
    this.#invocation = invocation;
  }

  /** Makes a connection, the first or one that resumes, and does with it what the flags say. */
  async connect(index: number): Promise<void> {
    const { initial, resume, retry } = this.#invocation;
    const flags = index === 0 ? initial : resume;
    const isRejected = index > 0 && flags.has("expect-reject-early-data");
    if (index > 0 && this.#sessions.made === 0)
      throw new Unexpected("There is no session to offer.");
    this.#sessions.begin();
    const socket = await RunnerSocket.connect(this.#invocation);
    try {
      await this.#talk(socket, { index, flags, afterRejection: isRejected ? retry : flags });
    } finally {
      await socket.drain();
    }
    this.#sessions.delay(flags.number("resumption-delay") ?? 0);
  }

  /** The same for connections with the same flags: sessions are kept apart by who the client is. */
  #credentialsOf(flags: ConnectionFlags): Credentials {
    const key = flags.credentialKey;
    const credentials = this.#credentials.get(key) ?? new Credentials(flags);
    this.#credentials.set(key, credentials);
    credentials.signed = undefined;
    return credentials;
  }

  async #talk(socket: RunnerSocket, turn: Turn): Promise<void> {
    const { index, flags } = turn;
    const secrets = new Map<string, string>();
    const messages = new MessageLog();
    const credentials = this.#credentialsOf(flags);
    this.#verifier.begin(flags);
    const tls = connectTls(socket.duplex, {
      ...tlsOptions(flags, credentials),
      ...(index > 0 ? earlyDataOf(flags, this.#agreed) : {}),
      dangerousVerify: this.#verifier.verify,
      // The nearest that webtls has to no tickets is no sessions.
      ...(flags.has("no-ticket") ? {} : { sessions: this.#sessions }),
      trace: (event) => messages.add(event),
      now: () => new Date(this.#sessions.now()),
      allowHalfOpen: true,
      keyLog: (line) => {
        const [label = "", , secret = ""] = line.split(" ");
        secrets.set(label, secret);
      },
    });
    // While early data is under way, which is before the handshake is done.
    if (flags.has("expect-accept-early-data")) await exportMaterial(tls, flags);
    let info: ConnectionInfo;
    try {
      info = await tls.opened;
    } catch (error) {
      checkEchRejection(error, turn.afterRejection, this.#verifier);
      throw error;
    }
    this.#agreed = info.alpn;
    checkInfo(info, { ...turn, credentials, verifier: this.#verifier });
    const exchange = new Exchange(tls, { info, flags: turn.afterRejection, secrets });
    await exchange.run(info.earlyData !== "accepted");
    messages.check(flags.text("expect-msg-callback"), info.version);
    checkSessions(this.#sessions, info, turn.afterRejection);
  }
}
