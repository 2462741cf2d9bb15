/**
 * The demo's first page: picks a server and a bridge, connects, and shows what comes of it.
 *
 * @module
 */

import { createTls, type Socket, type Tls, TlsError } from "../src/index.ts";
import { clearChain, showRefused, showTrusted } from "./chain.ts";
import { type Choice, offer, onSubmit, read } from "./choice.ts";
import { byId } from "./dom.ts";
import { clearFacts, learn, learnAll, learnNoMore } from "./facts.ts";
import { clearFailure, showDefect, showFailure, showStatus } from "./report.ts";
import { type DemoSetup, setupPath } from "./setup.ts";
import { addFailure, addStep, clearTimeline } from "./timeline.ts";
import { addNote, addReceived, addSent, clearTranscript } from "./transcript.ts";

/** One connection of this page, from the button to its end. */
interface Connection {
  choice: Choice;
  abort: AbortController;
  socket?: Socket;
  isOpen: boolean;
}

const connectButton = byId("connect", HTMLButtonElement);
const disconnectButton = byId("disconnect", HTMLButtonElement);
const welcome = byId("welcome", HTMLElement);
const report = byId("connection", HTMLElement);
const conversation = byId("conversation", HTMLElement);
const path = byId("path", HTMLInputElement);
const line = byId("line", HTMLInputElement);

const nothingBeside: DemoSetup = { roots: "", intermediates: "", targets: [], bridges: [] };
const setup = await loadSetup();
let current: Connection | undefined;
/** The one the report is about: it stays when it is over. */
let shown: Connection | undefined;
let client: { key: string; tls: Tls } | undefined;

offer(setup);
onSubmit(() => void connect());
disconnectButton.addEventListener("click", () => void disconnect());
byId("request", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  void send(httpRequest());
});
byId("message", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  void send(`${line.value}\r\n`);
  line.value = "";
});

/** The servers and bridges beside the page; none where it is served without them. */
async function loadSetup(): Promise<DemoSetup> {
  const response = await fetch(setupPath);
  const isJson = response.headers.get("Content-Type")?.includes("application/json") === true;
  return response.ok && isJson ? await response.json() : nothingBeside;
}

async function connect(): Promise<void> {
  await disconnect();
  clearFailure();
  welcome.hidden = true;
  report.hidden = true;
  conversation.hidden = true;
  clearChain();
  let choice: Choice;
  try {
    choice = read(setup);
  } catch (error) {
    fail(error, undefined);
    return;
  }
  const connection: Connection = { choice, abort: new AbortController(), isOpen: false };
  current = connection;
  setButtons();
  const started = performance.now();
  try {
    connection.socket = open(connection);
    const info = await connection.socket.opened;
    connection.isOpen = true;
    const duration = Math.round(performance.now() - started);
    if (current === connection) {
      showStatus("open", `Connected to ${choice.address} in ${duration} ms.`);
      learnAll(info);
      showTrusted(info, setup.roots);
      conversation.hidden = false;
    }
    await receive(connection.socket);
    if (current === connection) {
      addNote("The server has ended the connection properly, by close_notify.");
      showStatus("idle", "The server has closed the connection.");
    }
  } catch (error) {
    if (shown === connection && error instanceof TlsError) {
      addFailure(error, performance.now() - started);
      if (!connection.isOpen) learnNoMore();
    }
    // After a disconnect the page shows that, or the next connection already.
    if (current === connection) fail(error, choice.target?.expectation);
  }
  if (current === connection) current = undefined;
  setButtons();
}

/** Begins a connection, and the report on it. */
function open(connection: Connection): Socket {
  const { choice, abort } = connection;
  shown = connection;
  clearTimeline();
  clearFacts();
  clearTranscript();
  const socket = clientFor(choice).connect(choice.address, {
    alpn: choice.alpn,
    signal: abort.signal,
    trace(event) {
      if (shown !== connection) return;
      addStep(event);
      learn(event);
    },
  });
  report.hidden = false;
  showStatus("busy", `Connecting to ${choice.address} …`);
  return socket;
}

function fail(error: unknown, expected: string | undefined): void {
  if (error instanceof TlsError) {
    showFailure(error, expected);
    showRefused(error, setup.roots);
  } else {
    showDefect(error);
  }
}

async function disconnect(): Promise<void> {
  const connection = current;
  if (connection === undefined) return;
  current = undefined;
  setButtons();
  showStatus("idle", "Disconnected.");
  // While it is being opened there is nothing to end properly.
  if (!connection.isOpen) connection.abort.abort();
  else await connection.socket?.close().catch(() => {});
}

/** Reads to the end, by a reader: not every browser iterates over streams. */
async function receive(socket: Socket): Promise<void> {
  const reader = socket.readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    addReceived(value);
  }
}

async function send(text: string): Promise<void> {
  const socket = current?.socket;
  if (socket === undefined) {
    addNote("The connection has ended: connect again to send.");
    return;
  }
  const bytes = new TextEncoder().encode(text);
  addSent(bytes);
  const writer = socket.writable.getWriter();
  try {
    await writer.write(bytes);
  } catch {
    addNote("This could not be sent any more.");
  } finally {
    writer.releaseLock();
  }
}

function httpRequest(): string {
  const target = path.value.startsWith("/") ? path.value : `/${path.value}`;
  // The port belongs to the name, but for the one of the scheme (RFC 9110 §7.2).
  const host = (current?.choice.address ?? "").replace(/:443$/, "");
  return [
    `GET ${encodeURI(target)} HTTP/1.1`,
    `Host: ${host}`,
    "Accept: text/plain, text/html, */*",
    "User-Agent: webtls-demo",
    "Connection: close",
    "",
    "",
  ].join("\r\n");
}

/** One client serves all connections over the same bridge. */
function clientFor({ bridge, target, bringsIntermediates }: Choice): Tls {
  const local = setup.roots === "" ? [] : [setup.roots];
  const roots = target === undefined ? (["mozilla", ...local] as const) : local;
  const brought = bringsIntermediates && setup.intermediates !== "";
  const intermediates = brought ? { intermediates: setup.intermediates } : {};
  const key = JSON.stringify({ bridge, roots, ...intermediates });
  if (client?.key !== key) {
    void client?.tls.close();
    client = { key, tls: createTls({ bridge, roots, ...intermediates }) };
  }
  return client.tls;
}

function setButtons(): void {
  disconnectButton.disabled = current === undefined;
  connectButton.textContent = current === undefined ? "Connect" : "Connect anew";
}
