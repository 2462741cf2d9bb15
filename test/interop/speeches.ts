/**
 * What clients say to servers of each protocol. It runs on a page as well as in Node.
 *
 * @module
 */

import type { Talk } from "./talk.ts";

/** A protocol's client. Its steps follow one another on one connection. */
export interface Speech {
  /** In plain text, to the point where TLS begins. Missing where it begins at once. */
  readonly prelude?: (talk: Talk) => Promise<void>;
  /** A small question, where there may be more than one. Throws where the answer is not right. */
  readonly greet?: (talk: Talk) => Promise<void>;
  /** Sends text, as much as the server takes, and has all of it sent back. */
  readonly exchange: (talk: Talk, text: Uint8Array) => Promise<Uint8Array>;
  /** Makes the server end the connection; leaves the end to be read. */
  readonly leave: (talk: Talk) => Promise<void>;
  /** What may be sent ahead of the handshake (RFC 8446 §2.3), and how its answer is read. */
  readonly early?: {
    readonly data: string;
    readonly answer: (talk: Talk) => Promise<void>;
  };
}

export const speechNames = ["echo", "http", "selfserv", "imap", "postgres"] as const;
export type SpeechName = (typeof speechNames)[number];

/** Whatever is sent comes back, and an end is answered by an end. */
const echo: Speech = {
  async greet(talk) {
    await talk.send("webtls\n");
    expect(await talk.line(), "webtls");
  },
  async exchange(talk, text) {
    const [, echoed] = await Promise.all([talk.send(text), talk.bytes(text.length)]);
    return echoed;
  },
  leave: (talk) => talk.endWriting(),
  early: {
    data: "sent early\n",
    answer: async (talk) => expect(await talk.line(), "sent early"),
  },
};

const httpGreeting = "GET /greeting HTTP/1.1\r\nHost: localhost\r\n\r\n";

/** A web server that keeps what is PUT (RFC 9110 §9.3.4) and serves it again. */
const http: Speech = {
  async greet(talk) {
    await talk.send(httpGreeting);
    await expectHttpGreeting(talk);
  },
  async exchange(talk, text) {
    const head = `PUT /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${text.length}\r\n\r\n`;
    await talk.send(head, text);
    await responseBody(talk);
    await talk.send("GET /upload HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return responseBody(talk);
  },
  async leave(talk) {
    await talk.send("GET /greeting HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    await responseBody(talk);
  },
  early: { data: httpGreeting, answer: expectHttpGreeting },
};

async function expectHttpGreeting(talk: Talk): Promise<void> {
  expect(new TextDecoder().decode(await responseBody(talk)), "webtls\n");
}

async function responseBody(talk: Talk): Promise<Uint8Array> {
  const first = await talk.line();
  if (!/^HTTP\/1\.1 2\d\d /.test(first)) throw new Error(`the server said ${first}`);
  let length = 0;
  for (let line = await talk.line(); line !== ""; line = await talk.line()) {
    const field = /^content-length:\s*(\d+)/i.exec(line);
    if (field) length = Number(field[1]);
  }
  return talk.bytes(length);
}

const selfservGreeting = "GET greeting HTTP/1.0\r\n\r\n";

/**
 * NSS's `selfserv`: one request a connection, ten kilobytes at most, and a path without slash. The
 * files are named by their lengths.
 */
const selfserv: Speech = {
  async exchange(talk, text) {
    const padding = new Uint8Array(8192).fill(0x61);
    await talk.send(`GET ${text.length} HTTP/1.0\r\nPadding: `, padding, "\r\n\r\n");
    await talk.lineLike(/^$/);
    return talk.bytes(text.length);
  },
  async leave(talk) {
    await talk.send(selfservGreeting);
    await expectSelfservGreeting(talk);
  },
  early: { data: selfservGreeting, answer: expectSelfservGreeting },
};

async function expectSelfservGreeting(talk: Talk): Promise<void> {
  await talk.lineLike(/^$/);
  expect(await talk.line(), "webtls");
}

/** A mail server (RFC 9051), with STARTTLS (§6.2.1) and literals sent without asking (RFC 7888). */
const imap: Speech = {
  async prelude(talk) {
    await talk.lineLike(/^\* OK .*STARTTLS/);
    await talk.send("a0 STARTTLS\r\n");
    expect((await talk.line()).slice(0, 6), "a0 OK ");
  },
  async greet(talk) {
    await talk.send("a1 LOGIN reader secret\r\n");
    expect((await talk.lineLike(/^a1 /)).slice(0, 6), "a1 OK ");
  },
  async exchange(talk, text) {
    await talk.send(`a2 APPEND INBOX {${text.length}+}\r\n`, text, "\r\n");
    expect((await talk.lineLike(/^a2 /)).slice(0, 6), "a2 OK ");
    await talk.send("a3 SELECT INBOX\r\n");
    expect((await talk.lineLike(/^a3 /)).slice(0, 6), "a3 OK ");
    await talk.send("a4 FETCH * BODY.PEEK[]\r\n");
    const literal = /\{(\d+)\}$/.exec(await talk.lineLike(/BODY\[\]/));
    const body = await talk.bytes(Number(literal?.[1]));
    expect((await talk.lineLike(/^a4 /)).slice(0, 6), "a4 OK ");
    return body;
  },
  async leave(talk) {
    await talk.send("a5 LOGOUT\r\n");
    expect((await talk.lineLike(/^a5 /)).slice(0, 6), "a5 OK ");
  },
};

/** PostgreSQL's messages (protocol 3.0): TLS begins behind the answer to an SSLRequest. */
const postgres: Speech = {
  async prelude(talk) {
    await talk.send(int32(8), int32(80877103));
    expect(new TextDecoder().decode(await talk.bytes(1)), "S");
  },
  async greet(talk) {
    const body = [int32(196608), "user\0postgres\0database\0postgres\0\0"];
    await talk.send(int32(4 + byteLength(body)), ...body);
    await readyForQuery(talk);
    expect(new TextDecoder().decode(await select(talk, "'webtls'")), "webtls");
  },
  exchange: (talk, text) => select(talk, "'", text, "'"),
  // Terminate.
  leave: (talk) => talk.send("X", int32(4)),
};

/** The one field of the one row of a query. */
async function select(talk: Talk, ...expression: (string | Uint8Array)[]): Promise<Uint8Array> {
  const body = ["SELECT ", ...expression, "\0"];
  await talk.send("Q", int32(4 + byteLength(body)), ...body);
  const row = (await readyForQuery(talk)).find(({ type }) => type === "D");
  if (row === undefined) throw new Error("the query gave no row");
  // DataRow: the number of fields, then the length of the first.
  return row.body.subarray(6);
}

async function readyForQuery(talk: Talk): Promise<{ type: string; body: Uint8Array }[]> {
  const messages = [];
  for (;;) {
    const type = new TextDecoder().decode(await talk.bytes(1));
    const length = new DataView((await talk.bytes(4)).buffer).getInt32(0);
    const body = await talk.bytes(length - 4);
    if (type === "E") throw new Error(new TextDecoder().decode(body));
    messages.push({ type, body });
    if (type === "Z") return messages;
  }
}

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value);
  return bytes;
}

function byteLength(parts: readonly (string | Uint8Array)[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function expect(found: string, expected: string): void {
  if (found !== expected) throw new Error(`expected "${expected}", got "${found}"`);
}

export const speeches: Readonly<Record<SpeechName, Speech>> = {
  echo,
  http,
  selfserv,
  imap,
  postgres,
};

/** Text of so many bytes, a multiple of 64: lines that are each unlike all others, with CR and LF. */
export function manyLines(length: number): Uint8Array {
  let text = "";
  for (let number = 0; text.length < length; number++) {
    text += `${`line ${number.toString(16)} of many `.padEnd(62, String(number % 9))}\r\n`;
  }
  return new TextEncoder().encode(text);
}
