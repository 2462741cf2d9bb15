/**
 * How much may be under way over a socket that can't slow its server down (`subprotocol.ts`).
 *
 * @module
 */

/** What each side may send before it is given more, in bytes. */
const initialCredit = 2 * 1024 * 1024;
/** By how much it may overdraw that, so that messages need not be cut to fit. */
const overdraft = 1.25 * 1024 * 1024;
/** What a message counts beside its bytes. */
const messageCost = 256;
/** Credit is given for so much at once. */
const creditStep = initialCredit / 4;

/** Counts both directions of a socket that works by credit. */
export class Credit {
  readonly #give: (text: string) => void;
  #sendable = initialCredit;
  /** What the bridge may send. */
  #receivable = initialCredit;
  #read = 0;
  #waiting: (() => void)[] = [];

  /** @param give sends a text message. */
  constructor(give: (text: string) => void) {
    this.#give = give;
  }

  /** A message has come. @returns whether there was credit for it. */
  received(length: number): boolean {
    this.#receivable -= length + messageCost;
    return this.#receivable >= -overdraft;
  }

  /** One was read, and as much may come. */
  read(length: number): void {
    this.#read += length + messageCost;
    if (this.#read < creditStep) return;
    this.#give(`credit ${this.#read}`);
    this.#receivable += this.#read;
    this.#read = 0;
  }

  /** A message was sent. */
  sent(length: number): void {
    this.#sendable -= length + messageCost;
  }

  /**
   * Takes what the bridge says, if it is of credit: so much more may be sent.
   *
   * @returns whether it was.
   */
  takes(text: string): boolean {
    const digits = /^credit ([1-9]\d{0,14})$/.exec(text)?.[1];
    if (digits === undefined) return false;
    this.#sendable += Number(digits);
    if (this.#sendable > 0) this.release();
    return true;
  }

  /** Resolves when there is credit, or will be none ever. */
  async room(): Promise<void> {
    if (this.#sendable <= 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Nobody has to wait any more. */
  release(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }
}
