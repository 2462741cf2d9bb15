/**
 * One connection within the worker: from the page's request to its end. Between the page's port and
 * the bridge's bytes stands a `Link`, which does the TLS.
 *
 * @module
 */

import type { ByteStream } from "../bridge/byte-stream.ts";
import { type Address, formatAddress } from "../bridge/descriptor.ts";
import type { openByteStream } from "../bridge/open.ts";
import type { Bytes } from "../crypto/bytes.ts";
import { asTlsError, TlsError } from "../errors.ts";
import { loaded } from "../loaded.ts";
import { Calls } from "../stream/calls.ts";
import { Link, type LinkOwner, type TlsControls } from "../stream/link.ts";
import type { Schedule } from "../stream/schedule.ts";
import { stamping } from "../stream/trace.ts";
import type { ClientConfig } from "../tls/config.ts";
import { type ConnectionOptions, settleConfig } from "../tls/connection-options.ts";
import type { GroupMemory } from "../tls/group-memory.ts";
import type { ConnectionInfo } from "../tls/info.ts";
import { isLasting } from "../tls/session/partition.ts";
import type { SessionStore } from "../tls/session/store.ts";
import type { Trust } from "../tls/trust.ts";
import type { Bulk } from "./bulk.ts";
import { Deliveries } from "./deliveries.ts";
import { fairly } from "./fairness.ts";
import { type CallPage, readOptions, readRequest, usualHosting } from "./options.ts";
import { Outbox } from "./outbox.ts";
import type {
  ConnectRequest,
  HostSetup,
  PageMessage,
  UncheckedOptions,
  WorkerMessage,
} from "./protocol.ts";
import { releasing } from "./releasing.ts";
import { Sender } from "./sender.ts";
import type { WorkerSessions } from "./sessions.ts";

/** A download that has brought so many bytes is a large one. */
const bulk = 1024 * 1024;

/** What a connection needs of its surroundings. */
export interface HostEnvironment {
  open: typeof openByteStream;
  schedule: Schedule;
  groupMemory: GroupMemory;
  sessions: WorkerSessions;
}

/** What all connections share, with the roots as they are read. */
export interface ConnectionSetup extends Omit<HostSetup, "trust"> {
  trust(): Promise<Trust>;
}

/** Serves one connection's port until the connection is over. */
export class HostedConnection implements LinkOwner {
  readonly #port: MessagePort;
  readonly #outbox: Outbox;
  /** Set by `#start`, where it can be read. */
  #address!: Address;
  /** Those that `startTls()` begins with, no longer than that: there may be keys in them. */
  #plainOptions: UncheckedOptions = {};
  readonly #setup: ConnectionSetup;
  readonly #environment: HostEnvironment;
  readonly #trace: ReturnType<typeof stamping> | undefined;
  readonly #deliveries = new Deliveries((chunks) => this.#postData(chunks));
  readonly #sender: Sender;
  readonly #calls: Calls;
  readonly #callPage: CallPage = (reference, args) => this.#calls.call(reference, args);
  readonly #attempt = new AbortController();
  #hosting = usualHosting;
  #sessions: SessionStore | undefined;
  #link: Link | undefined;
  /** How long the bridge took to open the connection, in milliseconds. */
  #bridgeOpen = 0;
  #writeFailure: TlsError | undefined;
  /** Bytes. */
  #delivered = 0;
  #bulk: Promise<Bulk> | undefined;

  constructor(
    port: MessagePort,
    request: ConnectRequest,
    setup: ConnectionSetup,
    environment: HostEnvironment,
  ) {
    this.#port = port;
    this.#outbox = new Outbox(port, environment.schedule);
    const { traceFrom } = request;
    this.#setup = setup;
    this.#environment = environment;
    if (traceFrom !== undefined) {
      this.#trace = stamping(traceFrom, (event) => this.#post({ type: "trace", event }));
    }
    this.#sender = new Sender(
      (batch) => this.#write(batch),
      (cost) => this.#post({ type: "credit", cost }),
    );
    this.#calls = new Calls(
      (message) => this.#post(message),
      (name, args) => this.#control(name, args),
    );
    port.onmessage = ({ data }: MessageEvent<PageMessage>) => this.#take(data);
    void this.#start(request);
  }

  secured(info: ConnectionInfo): void {
    const timings = { bridgeOpen: this.#bridgeOpen, ...info.timings };
    this.#opened({ ...info, timings });
  }

  deliver(chunks: Bytes[]): Promise<void> {
    // Without what is for large downloads, they go on as small ones do.
    for (const { length } of chunks) this.#countDelivered(length).catch(() => {});
    return this.#deliveries.deliver(chunks);
  }

  ended(): void {
    this.#deliveries.flush();
    this.#post({ type: "ended" });
  }

  failed(error: TlsError): void {
    this.#over({ type: "failed", error: error.toRecord() }, error);
  }

  closed(): void {
    this.#over({ type: "closed" }, closedByPage());
  }

  async #start(request: ConnectRequest): Promise<void> {
    try {
      // Nothing is asked of the bridge with options that are wrong, be they for later.
      const asked = readRequest(request, this.#callPage);
      this.#address = asked.address;
      const { secureTransport } = asked.hosting;
      // Options may have to load what checks them: whom to trust is loaded meanwhile.
      if (secureTransport === "on") this.#prepareTrust(asked.tls);
      const tls = await readOptions(asked.tls, this.#callPage);
      this.#hosting = asked.hosting;
      if (secureTransport === "starttls") this.#plainOptions = asked.tls;
      if (secureTransport !== "off") this.#sessions = this.#sessionStore();
      // The configuration is settled, and roots are read, while the bridge is being opened.
      const settling = secureTransport === "on" ? this.#settle(tls) : undefined;
      settling?.catch((error: unknown) => this.#attempt.abort(error));
      const link = new Link(
        releasing(fairly(await this.#open())),
        this,
        this.#environment.schedule,
      );
      this.#link = link;
      if (settling !== undefined)
        return await link.secure(settling, this.#hosting.handshakeTimeout);
      link.plain();
      this.#opened({});
    } catch (error) {
      this.failed(asTlsError(error));
    }
  }

  /** @param info of TLS, where the connection speaks it. */
  #opened(info: Partial<ConnectionInfo>): void {
    const remoteAddress = formatAddress(this.#address);
    this.#post({ type: "opened", info: { ...info, remoteAddress, localAddress: null } });
  }

  /** Whoever needs what is loaded here is told if that fails. */
  #prepareTrust({ dangerousVerify }: UncheckedOptions): void {
    if (dangerousVerify === undefined) this.#setup.trust().catch(() => {});
  }

  async #open(): Promise<ByteStream> {
    const address = this.#address;
    const { connectTimeout } = this.#hosting;
    const { signal } = this.#attempt;
    const cancel = this.#environment.schedule(() => {
      this.#attempt.abort(timeout(formatAddress(address), connectTimeout));
    }, connectTimeout);
    try {
      this.#trace?.({ kind: "bridge-opening" });
      const begun = performance.now();
      const stream = await this.#environment.open(this.#setup.bridge, address, signal);
      this.#bridgeOpen = performance.now() - begun;
      if (!signal.aborted) {
        this.#trace?.({ kind: "bridge-open" });
        return stream;
      }
      void stream.close();
      throw signal.reason;
    } finally {
      cancel();
    }
  }

  async #settle(options: ConnectionOptions): Promise<ClientConfig> {
    const address = this.#address;
    const { trust, keyLog } = this.#setup;
    const log = (line: string) => this.#post({ type: "key-log", line });
    const config = await settleConfig(address.hostname, options, trust, {
      groupMemory: this.#environment.groupMemory,
      keyLog: keyLog ? log : undefined,
      trace: this.#trace,
      sessions: this.#sessions,
      sessionLabel: formatAddress(address),
    });
    // What nobody would find there again need not be kept on a disk.
    if (this.#hosting.sessions !== "persistent" || isLasting(config)) return config;
    return { ...config, sessions: this.#environment.sessions.named("memory") };
  }

  #sessionStore(): SessionStore | undefined {
    const { sessions } = this.#hosting;
    return typeof sessions === "string" ? this.#environment.sessions.named(sessions) : sessions;
  }

  #take(message: PageMessage): void {
    switch (message.type) {
      case "data":
        this.#sender.add(message.bytes);
        return;
      case "credit":
        this.#deliveries.give(message.cost);
        return;
      case "close":
        void this.#close();
        return;
      case "abort":
        void this.#abort(TlsError.fromRecord(message.error));
        return;
      case "start-tls":
        void this.#startTls(message.tls);
        return;
      default:
        this.#calls.take(message);
    }
  }

  /** What the page calls. Arguments are checked by whom they are for. */
  #control(name: string, args: readonly unknown[]): unknown {
    if (name === "closeWrite") return this.#closeWrite();
    const link = this.#link;
    if (link === undefined) throw notOpen();
    const tls: TlsControls = link.tls;
    return Reflect.apply(tls[name as keyof TlsControls], tls, args);
  }

  async #write(batch: readonly Bytes[]): Promise<void> {
    try {
      await this.#link?.write(batch);
    } catch (error) {
      this.#writeFailed(error);
      throw error;
    }
  }

  async #closeWrite(): Promise<void> {
    await this.#sender.idle();
    try {
      await this.#link?.closeWrite();
    } catch (error) {
      this.#writeFailed(error);
    }
    if (this.#writeFailure !== undefined) throw this.#writeFailure;
  }

  #writeFailed(error: unknown): void {
    this.#writeFailure = asTlsError(error);
    this.#post({ type: "write-failed", error: this.#writeFailure.toRecord() });
  }

  async #close(): Promise<void> {
    // What the page has not taken by now, it does not want: nothing waits for that.
    this.#deliveries.stop(closedByPage());
    await this.#sender.idle();
    await this.#link?.close();
  }

  async #abort(error: TlsError): Promise<void> {
    this.#sender.stop();
    this.#deliveries.stop(error);
    // While the bridge is being opened, the attempt itself is what fails.
    this.#attempt.abort(error);
    await this.#link?.abort(error);
  }

  async #startTls(changes: UncheckedOptions): Promise<void> {
    const tls = { ...this.#plainOptions, ...changes };
    this.#plainOptions = {};
    const settle = async () => {
      this.#refuseUnread();
      const config = await this.#settle(await readOptions(tls, this.#callPage));
      await this.#sender.idle();
      this.#refuseUnread();
      return config;
    };
    const settling = settle();
    // A link that is over by now does not look at it.
    settling.catch(() => {});
    await this.#link?.secure(settling, this.#hosting.handshakeTimeout);
  }

  // Plaintext that the server sent behind its go-ahead came from before TLS, perhaps from somebody
  // in between: it may neither get into TLS nor be taken for something that came through it.
  #refuseUnread(): void {
    if (!this.#deliveries.isUnread) return;
    throw new TlsError(
      "configuration/invalid-state",
      "The server sent more before TLS than was read: read all of its answer before startTls(). If the answer was complete, somebody in between may have added to it.",
      { phase: "handshake" },
    );
  }

  async #countDelivered(bytes: number): Promise<void> {
    this.#delivered += bytes;
    if (this.#delivered < bulk) return;
    this.#bulk ??= this.#loadBulk();
    (await this.#bulk).delivered(bytes);
  }

  async #loadBulk(): Promise<Bulk> {
    const { Bulk } = await loaded(import("./bulk.ts"));
    return new Bulk(this.#link as Link, () => this.#post({ type: "ballast" }));
  }

  #over(last: WorkerMessage, error: TlsError): void {
    this.#sender.stop();
    this.#deliveries.flush();
    this.#deliveries.stop(error);
    this.#calls.fail(error);
    this.#post(last);
    this.#port.onmessage = null;
    this.#bulk?.then((bulk) => bulk.over()).catch(() => {});
  }

  #postData(chunks: Bytes[]): void {
    // Pieces of one message share its buffer, and can't all take it along.
    const buffers = new Set(chunks.map((chunk) => chunk.buffer));
    const transfer = buffers.size === chunks.length ? [...buffers] : [];
    this.#post({ type: "data", chunks }, transfer);
  }

  #post(message: WorkerMessage, transfer: Transferable[] = []): void {
    this.#outbox.post(message, transfer);
  }
}

function closedByPage(): TlsError {
  return new TlsError("closed/local", "The connection is closed.", { phase: "close" });
}

function notOpen(): TlsError {
  return new TlsError(
    "configuration/invalid-state",
    "The connection is not open yet: wait for opened.",
  );
}

function timeout(address: string, milliseconds: number): TlsError {
  return new TlsError(
    "timeout/connect",
    `The bridge did not open a connection to ${address} within ${milliseconds / 1000} seconds. Check that the bridge runs, or set connectTimeout higher.`,
    { phase: "bridge", retrySafe: true },
  );
}
