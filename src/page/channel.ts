/**
 * The page's end of a connection that lives in the worker: an endpoint's calls become messages, and
 * messages the endpoint's news.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { TlsError } from "../errors.ts";
import { throwBallast } from "../stream/ballast.ts";
import { Calls } from "../stream/calls.ts";
import { CreditWindow, costOf } from "../stream/credit.ts";
import type { Connection, Endpoint } from "../stream/endpoint.ts";
import type { TraceEvent } from "../stream/trace.ts";
import type { Controls, PageMessage, SocketInfo, WorkerMessage } from "../worker/protocol.ts";
import type { CallerFunctions } from "./caller-functions.ts";

/** Credit is given for so much at once, so that not every read costs a message. */
const creditBatch = 256 * 1024;

/** What a channel tells: to one endpoint at a time, since STARTTLS puts a new one in its place. */
export type ChannelEndpoint = Pick<
  Endpoint<SocketInfo>,
  "open" | "deliver" | "end" | "failWriting" | "fail" | "finish" | "close"
>;

/** Whom a channel tells what is not the endpoint's. */
export interface ChannelListener {
  /** What the worker may call. */
  functions: CallerFunctions;
  /** Takes lines of the key log. */
  keyLog: ((line: string) => void) | undefined;
  trace: ((event: TraceEvent) => void) | undefined;
  /** Told once: the connection is over. */
  ended(): void;
}

/** Speaks with one connection in the worker over its port. */
export class Channel implements Connection {
  readonly #port: MessagePort;
  readonly #listener: ChannelListener;
  /** Bytes on the way to the server. */
  readonly #window = new CreditWindow();
  #endpoint: ChannelEndpoint | undefined;
  #taken = 0;
  readonly #calls: Calls;
  #closingWrite: Promise<void> | undefined;

  constructor(port: MessagePort, listener: ChannelListener) {
    this.#port = port;
    this.#listener = listener;
    this.#calls = new Calls(
      (message) => this.#post(message),
      (name, args) => listener.functions.call(name, args),
    );
    port.onmessage = ({ data }: MessageEvent<WorkerMessage>) => this.#take(data);
  }

  /** Who is told what happens, from now on. */
  attach(endpoint: ChannelEndpoint): void {
    this.#endpoint = endpoint;
  }

  async write(bytes: Bytes): Promise<void> {
    await this.#window.reserve(costOf([bytes]));
    this.#post({ type: "data", bytes }, [bytes.buffer]);
  }

  closeWrite(): Promise<void> {
    this.#closingWrite ??= this.call("closeWrite");
    return this.#closingWrite;
  }

  /** Asks something of the connection that only the worker can answer. */
  call<Name extends keyof Controls>(
    name: Name,
    ...args: Parameters<Controls[Name]>
  ): ReturnType<Controls[Name]> {
    return this.#calls.call(name, args) as ReturnType<Controls[Name]>;
  }

  close(): void {
    this.#post({ type: "close" });
  }

  abort(error: TlsError): void {
    this.#failWaits(error);
    this.#post({ type: "abort", error: error.toRecord() });
  }

  taken(chunks: readonly Bytes[]): void {
    this.#taken += costOf(chunks);
    if (this.#taken >= creditBatch) this.#giveCredit();
  }

  /**
   * The plain connection is to become TLS. Whoever is attached is told how that went.
   *
   * @param options in place of those that the connection was asked for with, one by one.
   * @throws TlsError `configuration/invalid-option` for what can't be given to the worker.
   */
  startTls(options: object): void {
    const tls = this.#listener.functions.passedOn(options);
    // The worker refuses where it does not know all plaintext as read.
    this.#giveCredit();
    this.#post({ type: "start-tls", tls });
  }

  /** Closes whichever socket stands over the connection now. */
  async closeSocket(): Promise<void> {
    await this.#endpoint?.close();
  }

  /** The worker is gone, and with it the connection. */
  fail(error: TlsError): void {
    this.#failWaits(error);
    this.#endpoint?.fail(error);
    this.#over();
  }

  #take(message: WorkerMessage): void {
    switch (message.type) {
      case "opened":
        this.#endpoint?.open(message.info);
        return;
      case "data":
        this.#endpoint?.deliver(message.chunks);
        return;
      case "ballast":
        throwBallast();
        return;
      case "credit":
        this.#window.give(message.cost);
        return;
      case "write-failed": {
        const error = TlsError.fromRecord(message.error);
        this.#window.fail(error);
        this.#endpoint?.failWriting(error);
        return;
      }
      case "ended":
        this.#endpoint?.end();
        return;
      case "key-log":
        this.#listener.keyLog?.(message.line);
        return;
      case "trace":
        this.#listener.trace?.(message.event);
        return;
      case "closed":
        this.#failWaits(new TlsError("closed/local", "The socket is closed.", { phase: "close" }));
        this.#endpoint?.finish();
        this.#over();
        return;
      case "failed":
        this.fail(TlsError.fromRecord(message.error));
        return;
      default:
        this.#calls.take(message);
    }
  }

  #giveCredit(): void {
    if (this.#taken === 0) return;
    this.#post({ type: "credit", cost: this.#taken });
    this.#taken = 0;
  }

  #failWaits(error: TlsError): void {
    this.#window.fail(error);
    this.#calls.fail(error);
  }

  #over(): void {
    this.#port.onmessage = null;
    this.#port.close();
    this.#listener.ended();
  }

  #post(message: PageMessage, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}
