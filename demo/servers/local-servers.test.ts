import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { type LocalServers, startLocalServers } from "./local-servers.ts";

async function start(): Promise<LocalServers> {
  const servers = await startLocalServers();
  onTestFinished(() => servers.close());
  return servers;
}

function open({ roots, targets }: LocalServers, name: string): TLSSocket {
  const target = targets.find((candidate) => candidate.name === name);
  const port = Number(target?.address.split(":")[1]);
  const socket = connect({
    host: "127.0.0.1",
    port,
    servername: "localhost",
    ca: roots,
    ALPNProtocols: ["http/1.1"],
  });
  onTestFinished(() => void socket.destroy());
  return socket;
}

async function readAll(socket: TLSSocket): Promise<string> {
  let text = "";
  for await (const chunk of socket) text += chunk;
  return text;
}

test.each([
  { name: "TLS 1.3", protocol: "TLSv1.3" },
  { name: "TLS 1.2", protocol: "TLSv1.2" },
  { name: "Another key share", protocol: "TLSv1.3" },
])("$name answers in HTTP what it saw", async ({ name, protocol }) => {
  const socket = open(await start(), name);
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await once(socket, "secureConnect");
  const { standardName } = socket.getCipher();
  const answer = await readAll(socket);
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(answer).toContain(`demo server "${name}"`);
  expect(answer).toContain(`Protocol: ${protocol}`);
  expect(answer).toContain(`Cipher suite: ${standardName}`);
  expect(answer).toContain("Application protocol: http/1.1");
  expect(answer).toContain("Name asked for: localhost");
});

test.each([
  { name: "Expired", code: "CERT_HAS_EXPIRED" },
  { name: "Wrong name", code: "ERR_TLS_CERT_ALTNAME_INVALID" },
  { name: "Self-signed", code: "DEPTH_ZERO_SELF_SIGNED_CERT" },
])("$name is refused by a client that checks", async ({ name, code }) => {
  const [error] = await once(open(await start(), name), "error");
  expect(error.code).toBe(code);
});

test.each(["hello\n", "GET", "GETTING there", "GET / FTP/1.0\r\n\r\n", "\u0000\u00ff\u0080"])(
  "what is no HTTP request comes back: %j",
  async (text) => {
    const socket = open(await start(), "TLS 1.3").setEncoding("latin1");
    const sent = `${text}\n`;
    socket.write(sent, "latin1");
    let echo = "";
    while (echo.length < sent.length) echo += (await once(socket, "data"))[0];
    expect(echo).toBe(sent);
  },
);

test("each is shown with an address of its own, and a second start finds other ports", async () => {
  const addresses = [...(await start()).targets, ...(await start()).targets].map(
    ({ address }) => address,
  );
  expect(new Set(addresses).size).toBe(addresses.length);
  for (const address of addresses) expect(address).toMatch(/^localhost:\d+$/);
});

test("closing ends open connections", async () => {
  const servers = await startLocalServers();
  const socket = open(servers, "TLS 1.3").on("error", () => {});
  await once(socket, "secureConnect");
  await Promise.all([once(socket, "close"), servers.close()]);
});
