/**
 * The measuring process: takes what to measure from its standard input, and answers with figures, both
 * in JSON. It is bundled, and run by Node itself, so that no tool stands in the way of the code.
 */

import { createServer, type Server, type TLSSocket } from "node:tls";
import { type Client, type Connection, nodeClient, webtlsClient } from "./clients.ts";
import { HeldPipe } from "./held-pipe.ts";

/** What to measure. */
export interface Order {
  readonly client: "webtls" | "webtls with default groups" | "node:tls";
  readonly suite: "TLS_AES_128_GCM_SHA256" | "TLS_CHACHA20_POLY1305_SHA256";
  readonly what: "full handshakes" | "resumed handshakes" | "download" | "upload";
  /** How many handshakes, or MiB. */
  readonly amount: number;
  /** PEM. */
  readonly roots: string;
  readonly chain: string;
  readonly key: string;
}

/** What it took on the client's side alone. */
export interface Figures {
  /** Time in which the server did nothing, in milliseconds. */
  readonly elapsed: number;
  /** Of all threads in that time, in milliseconds. */
  readonly cpu: number;
}

/** Adds up the spans in which only the client had work. */
class Stopwatch {
  #elapsed = 0;
  #cpu = 0;

  async run<T>(work: () => Promise<T>): Promise<T> {
    const cpu = process.cpuUsage();
    const begun = performance.now();
    const result = await work();
    this.#elapsed += performance.now() - begun;
    const { user, system } = process.cpuUsage(cpu);
    this.#cpu += (user + system) / 1000;
    return result;
  }

  get figures(): Figures {
    return { elapsed: this.#elapsed, cpu: this.#cpu };
  }
}

interface Opened {
  readonly connection: Connection;
  readonly pipe: HeldPipe;
  readonly server: TLSSocket;
}

/** How many handshakes are under way at once: they are passed on together. */
const batch = 25;
const mebibyte = 2 ** 20;
/** What a socket reads at once, at most. */
const pieceLength = 64 * 1024;

async function measure(order: Order): Promise<Figures> {
  const server = createServer({
    cert: order.chain,
    key: order.key,
    minVersion: "TLSv1.3",
    ciphers: order.suite,
    ecdhCurve: "X25519",
  });
  const client = clientFor(order);
  if (order.what === "download" || order.what === "upload") {
    const [opened] = await handshakes(client, server, ["data"], new Stopwatch());
    if (opened === undefined) throw new Error("no connection was opened");
    // Once to have the code compiled.
    const transfer = order.what === "download" ? download : upload;
    await transfer(opened, 8 * mebibyte);
    return transfer(opened, order.amount * mebibyte);
  }
  await round(client, server, order, "warm", 2);
  return round(client, server, order, "measured", Math.ceil(order.amount / batch));
}

/** Handshakes, a batch at a time. */
async function round(
  client: Client,
  server: Server,
  { what }: Order,
  name: string,
  batches: number,
): Promise<Figures> {
  const watch = new Stopwatch();
  for (let index = 0; index < batches; index++) {
    const labels = Array.from({ length: batch }, (_, one) => `${name} ${index} ${one}`);
    const isResuming = what === "resumed handshakes";
    const first = isResuming ? new Stopwatch() : watch;
    for (const { connection } of await handshakes(client, server, labels, first)) {
      connection.abandon();
    }
    if (!isResuming) continue;
    const resumed = await handshakes(client, server, labels, watch);
    for (const { connection } of resumed) {
      if (!(await connection.opened).isResumed) throw new Error("the session was not resumed");
      connection.abandon();
    }
  }
  return watch.figures;
}

/** From the first word to the tickets, which both clients keep. */
async function handshakes(
  client: Client,
  server: Server,
  labels: readonly string[],
  watch: Stopwatch,
): Promise<Opened[]> {
  const pipes = labels.map(() => new HeldPipe());
  const connections = await watch.run(async () => {
    const begun = pipes.map((pipe, index) => client.open(pipe, labels[index] ?? ""));
    await Promise.all(pipes.map((pipe) => pipe.until(() => pipe.fromClient.length > 0)));
    return begun;
  });
  // A flight may come in several pieces.
  await settled();
  const secured: TLSSocket[] = [];
  const keep = (socket: TLSSocket) => void secured.push(socket);
  server.on("secureConnection", keep);
  for (const pipe of pipes) {
    server.emit("connection", pipe.server);
    pipe.passToServer();
  }
  await Promise.all(pipes.map((pipe) => pipe.until(() => pipe.fromServer.length > 0)));
  await settled();
  await watch.run(async () => {
    for (const [index, pipe] of pipes.entries()) passToClient(pipe, connections[index]);
    await Promise.all(connections.map(({ opened }) => opened));
    await Promise.all(pipes.map((pipe) => pipe.until(() => pipe.fromClient.length > 0)));
  });
  await settled();
  for (const pipe of pipes) pipe.passToServer();
  await settled();
  await watch.run(async () => {
    for (const [index, pipe] of pipes.entries()) passToClient(pipe, connections[index]);
    await Promise.all(connections.map(({ hasTickets }) => hasTickets));
  });
  server.off("secureConnection", keep);
  return connections.flatMap((connection, index) => {
    const pipe = pipes[index];
    const socket = secured[index];
    return pipe === undefined || socket === undefined ? [] : [{ connection, pipe, server: socket }];
  });
}

async function download({ connection, pipe, server }: Opened, length: number): Promise<Figures> {
  const written = new Promise((resolve) => server.write(Buffer.alloc(length, 7), resolve));
  await written;
  await settled();
  const ciphertext = Buffer.concat(pipe.fromServer.splice(0));
  const watch = new Stopwatch();
  await watch.run(async () => {
    const read = connection.read(length);
    for (let start = 0; start < ciphertext.length; start += pieceLength) {
      connection.deliver(ciphertext.subarray(start, start + pieceLength));
      // As a socket does, a turn of the event loop for each read.
      await turn();
    }
    await read;
  });
  return watch.figures;
}

async function upload({ connection, pipe }: Opened, length: number): Promise<Figures> {
  const watch = new Stopwatch();
  const sentBefore = pipe.clientBytes;
  await watch.run(async () => {
    for (let sent = 0; sent < length; sent += pieceLength) {
      await connection.write(new Uint8Array(pieceLength));
    }
    await pipe.until(() => pipe.clientBytes - sentBefore >= length);
  });
  pipe.passToServer();
  return watch.figures;
}

function passToClient(pipe: HeldPipe, connection: Connection | undefined): void {
  for (const chunk of pipe.fromServer.splice(0)) connection?.deliver(new Uint8Array(chunk));
}

/** When nothing has happened for some turns of the event loop. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await turn();
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function clientFor({ client, suite, roots }: Order): Client {
  if (client === "node:tls") return nodeClient(roots);
  const groups = client === "webtls" ? { groups: ["x25519"] as const } : {};
  return webtlsClient(roots, { cipherSuites: [suite], ...groups });
}

let input = "";
for await (const chunk of process.stdin) input += chunk;
process.stdout.write(JSON.stringify(await measure(JSON.parse(input))));
process.exit(0);
