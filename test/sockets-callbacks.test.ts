/**
 * What crosses between page and worker besides bytes: the caller's functions, who the client is, what
 * is asked of TLS itself, and stores of sessions.
 */

import type { TLSSocket } from "node:tls";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type ConnectOptions,
  type CreateTlsOptions,
  type ExternalSigner,
  type ServerToVerify,
  type SessionStore,
  type StoredSession,
  TlsError,
  type WantedIssuer,
} from "../src/index.ts";
import { describeName } from "../src/x509/describe-name.ts";
import { type Authority, createAuthority, type Issued, purposes } from "./authority.ts";
import { failureOf } from "./failure.ts";
import { scheme, signBy } from "./peer/signing.ts";
import { reverseLines, startNodeTls } from "./servers/node-tls.ts";
import { connect, create, identity, keep, readSome, useSockets, write } from "./socket-rig.ts";

useSockets();

let staff: Authority;
let person: Issued;
beforeAll(async () => {
  staff = await createAuthority({ commonName: "Staff CA" });
  person = await staff.issue({
    names: [],
    commonName: "somebody",
    extendedKeyUsage: [purposes.clientAuth],
  });
});

const versions = ["TLSv1.3", "TLSv1.2"] as const;
const only = (version: (typeof versions)[number]) => ({ minVersion: version, maxVersion: version });

/** A server that insists on a certificate of the staff's, and says whose it was. */
function startStaffServer(version: (typeof versions)[number]) {
  const greet = (socket: TLSSocket) => {
    socket.write(`hello ${socket.getPeerCertificate().subject.CN}`);
  };
  return keep(
    startNodeTls(identity(), greet, { ca: staff.pem, requestCert: true, ...only(version) }),
  );
}

async function greetingOf(port: number, options: ConnectOptions, more?: Partial<CreateTlsOptions>) {
  const socket = create(more).connect(`localhost:${port}`, options);
  const { clientCertificate } = await socket.opened;
  expect(clientCertificate).toBe("sent");
  const greeting = await readSome(socket);
  await socket.close();
  return greeting;
}

describe.each(versions)("a client certificate, %s", (version) => {
  test("in PEM, for all connections or for one", async () => {
    const server = await startStaffServer(version);
    const pem = { certificates: person.chainPem, key: person.privateKey };
    expect(await greetingOf(server.port, {}, { identity: pem })).toBe("hello somebody");
    expect(await greetingOf(server.port, { identity: pem })).toBe("hello somebody");
  });

  test("chosen by a function, and signed by a signer of any class", async () => {
    const server = await startStaffServer(version);
    class Token implements ExternalSigner {
      readonly schemes = ["ecdsa_secp256r1_sha256"] as const;
      readonly session = Symbol("what can't be cloned");
      readonly #key = person.keys.privateKey;
      async sign(name: (typeof this.schemes)[number], content: Uint8Array) {
        return signBy(scheme[name], this.#key, content);
      }
    }
    const asked: unknown[] = [];
    const choose: ConnectOptions["identity"] = async (request) => {
      asked.push(request);
      return { certificates: person.chain, key: new Token() };
    };
    expect(await greetingOf(server.port, { identity: choose })).toBe("hello somebody");
    expect(asked).toMatchObject([
      { version, servername: "localhost", authorities: [{ text: "CN=Staff CA" }] },
    ]);
  });
});

describe("a verdict of the caller's", () => {
  test("takes a server that no root vouches for, and knows what it presents", async () => {
    const server = await keep(startNodeTls(person, reverseLines));
    const asked: ServerToVerify[] = [];
    const socket = connect(server.port, { dangerousVerify: (server) => void asked.push(server) });
    expect((await socket.opened).verifiedPath).toEqual([]);
    expect(asked).toMatchObject([{ servername: "localhost", certificates: person.chain }]);
    await socket.close();
  });

  test.each<[string, unknown, object]>([
    ["an error", new Error("not today"), { code: "certificate/refused-by-caller" }],
    [
      "a TlsError",
      new TlsError("certificate/expired", "too old"),
      { code: "certificate/expired", alertSent: "certificate_expired" },
    ],
  ])("refuses by throwing %s", async (_, thrown, expected) => {
    const server = await keep(startNodeTls(identity(), reverseLines));
    const socket = connect(server.port, {
      dangerousVerify: async () => {
        throw thrown;
      },
    });
    await expect(socket.opened).rejects.toMatchObject(expected);
    await expect(socket.closed).rejects.toMatchObject(expected);
  });

  test("that never comes is waited for no longer than a handshake may take, or the caller", async () => {
    const server = await keep(startNodeTls(identity(), reverseLines));
    const dangerousVerify = () => new Promise<void>(() => {});
    const slow = connect(server.port, { dangerousVerify, handshakeTimeout: 300 });
    expect((await failureOf(() => slow.opened)).code).toBe("timeout/handshake");
    const abort = new AbortController();
    const verify = () => {
      abort.abort();
      return dangerousVerify();
    };
    const aborted = connect(server.port, { dangerousVerify: verify, signal: abort.signal });
    expect((await failureOf(() => aborted.opened)).code).toBe("aborted");
  });
});

describe("the issuer of a server's certificate", () => {
  /** A server that presents its own certificate only, and who has issued that. */
  async function startIncomplete() {
    const root = await createAuthority();
    const intermediate = await root.intermediate();
    const { pem, privateKey } = await intermediate.issue({ names: ["localhost"] });
    const server = await keep(startNodeTls({ chainPem: pem, privateKey }, reverseLines));
    return { server, root, intermediate };
  }

  test("is found by a function of the caller's, for all connections or for one", async () => {
    const { server, root, intermediate } = await startIncomplete();
    const asked: WantedIssuer[] = [];
    const findIssuers = async (wanted: WantedIssuer) => {
      asked.push(wanted);
      return [intermediate.certificate];
    };
    const roots = root.pem;
    for (const socket of [
      create({ roots, findIssuers }).connect(`localhost:${server.port}`),
      create({ roots }).connect(`localhost:${server.port}`, { findIssuers }),
    ]) {
      expect((await socket.opened).verifiedPath).toHaveLength(2);
      await socket.close();
    }
    expect(asked.map(({ issuer }) => describeName(Uint8Array.from(issuer)))).toEqual(
      new Array(2).fill('"CN=webtls test intermediate"'),
    );
  });

  test("that the function can't find is what the error says, and why", async () => {
    const { server, root } = await startIncomplete();
    const findIssuers = () => Promise.reject(new Error("404 Not Found"));
    const socket = create({ roots: root.pem, findIssuers }).connect(`localhost:${server.port}`);
    const error = await failureOf(() => socket.opened);
    expect(error).toMatchObject({ code: "certificate/unknown-issuer", alertSent: "unknown_ca" });
    expect(String(error.cause)).toContain("404 Not Found");
  });

  test("is waited for no longer than a handshake may take, or the caller", async () => {
    const { server, root } = await startIncomplete();
    const never = () => new Promise<never>(() => {});
    const tls = create({ roots: root.pem });
    const target = `localhost:${server.port}`;
    const slow = tls.connect(target, { findIssuers: never, handshakeTimeout: 300 });
    expect((await failureOf(() => slow.opened)).code).toBe("timeout/handshake");
    const abort = new AbortController();
    const findIssuers = () => {
      abort.abort();
      return never();
    };
    const aborted = tls.connect(target, { findIssuers, signal: abort.signal });
    expect((await failureOf(() => aborted.opened)).code).toBe("aborted");
  });
});

test("a server's ECH keys are looked up by a function of the caller's", async () => {
  const server = await keep(startNodeTls(identity(), reverseLines));
  const asked: string[] = [];
  const lookUp = async (servername: string) => {
    asked.push(servername);
    return undefined;
  };
  const socket = connect(server.port, { ech: lookUp });
  await socket.opened;
  expect(asked).toEqual(["localhost"]);
  await socket.close();
});

describe.each(versions)("asked of TLS itself, %s", (version) => {
  test("keying material and channel bindings are the server's own", async () => {
    let accept: (socket: TLSSocket) => void = () => {};
    const accepted = new Promise<TLSSocket>((resolve) => {
      accept = resolve;
    });
    const server = await keep(startNodeTls(identity(), accept));
    const socket = connect(server.port, only(version));
    expect((await failureOf(() => socket.updateKeys())).code).toBe("configuration/invalid-state");
    await socket.opened;
    const peer = await accepted;
    const context = new TextEncoder().encode("which");
    const made = await socket.exportKeyingMaterial("EXPERIMENTAL webtls", context, 48);
    expect(Buffer.from(made)).toEqual(
      peer.exportKeyingMaterial(48, "EXPERIMENTAL webtls", Buffer.from(context)),
    );
    expect(Buffer.from(await socket.channelBinding("tls-exporter"))).toEqual(
      peer.exportKeyingMaterial(32, "EXPORTER-Channel-Binding", Buffer.alloc(0)),
    );
    const wrong = await failureOf(() => socket.exportKeyingMaterial("x", undefined, 0));
    expect(wrong.code).toBe("configuration/invalid-option");
    await socket.close();
    expect((await failureOf(() => socket.channelBinding("tls-exporter"))).code).toBe(
      "closed/local",
    );
  });
});

test("keys are changed in the middle of things", async () => {
  const server = await keep(startNodeTls(identity(), reverseLines));
  const socket = connect(server.port, only("TLSv1.3"));
  await socket.opened;
  await socket.updateKeys({ requestPeer: true });
  await write(socket, "abc\n");
  expect(await readSome(socket)).toBe("cba\n");
  await socket.close();
});

describe("sessions", () => {
  /** Connects, waits for a session to be kept, and says how the handshake went. */
  async function handshake(tls: ReturnType<typeof create>, port: number, options = {}) {
    const socket = tls.connect(`localhost:${port}`, options);
    const { handshake } = await socket.opened;
    // The tickets of TLS 1.3 come before the first answer.
    await write(socket, "abc\n");
    await readSome(socket);
    await socket.close();
    return handshake;
  }

  test.each(versions)("are resumed from memory unless that is disabled, %s", async (version) => {
    const { port } = await keep(startNodeTls(identity(), reverseLines));
    const tls = create();
    const off = create({ sessions: "disabled" });
    const kinds = [];
    for (const client of [tls, tls, off, off])
      kinds.push(await handshake(client, port, only(version)));
    expect(kinds).toEqual(["full", "resumed", "full", "full"]);
  });

  test("stay with the function that has judged the server", async () => {
    const { port } = await keep(startNodeTls(identity(), reverseLines));
    const tls = create();
    const one = () => {};
    const other = () => {};
    const kinds = [];
    for (const dangerousVerify of [one, one, other, other]) {
      kinds.push(await handshake(tls, port, { dangerousVerify }));
    }
    expect(kinds).toEqual(["full", "resumed", "full", "resumed"]);
  });

  test("are kept in a store of the caller's, of any class", async () => {
    const { port } = await keep(startNodeTls(identity(), reverseLines));
    class Store implements SessionStore {
      readonly #kept = new Map<string, StoredSession[]>();
      put(partition: string, session: StoredSession): void {
        this.#kept.set(partition, [...(this.#kept.get(partition) ?? []), session]);
      }
      async take(partition: string): Promise<StoredSession | undefined> {
        return this.#kept.get(partition)?.pop();
      }
    }
    const sessions = new Store();
    expect(await handshake(create({ sessions }), port)).toBe("full");
    expect(await handshake(create({ sessions }), port)).toBe("resumed");
  });

  test("that a store has lost, or made up, are no obstacle", async () => {
    const { port } = await keep(startNodeTls(identity(), reverseLines));
    const fail = () => {
      throw new Error("the store is on fire");
    };
    const stores = [
      { put: fail, take: fail },
      { put: () => {}, take: () => ({ bytes: new Uint8Array(40), expires: Date.now() + 1e6 }) },
      { put: () => {}, take: () => "a session" as unknown as StoredSession },
    ];
    for (const sessions of stores) {
      expect(await handshake(create({ sessions }), port)).toBe("full");
    }
  });

  test("can't be kept where there is no database, which is no error", async () => {
    const { port } = await keep(startNodeTls(identity(), reverseLines));
    const tls = create({ sessions: "persistent" });
    expect(await handshake(tls, port)).toBe("full");
    expect(await handshake(tls, port)).toBe("full");
  });
});

test("timings tell of the bridge, of the first byte and of the handshake", async () => {
  const server = await keep(startNodeTls(identity(), reverseLines));
  const socket = connect(server.port);
  const { timings } = await socket.opened;
  expect(timings.bridgeOpen).toBeGreaterThan(0);
  expect(timings.firstByte).toBeGreaterThan(0);
  expect(timings.handshake).toBeGreaterThanOrEqual(timings.firstByte);
  await socket.close();
});
