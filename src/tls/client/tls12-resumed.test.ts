/** TLS 1.2 resumption against a scripted server: what goes well, and fault 27 with its neighbours. */

import { describe, expect, test } from "vitest";
import { decodeClientHello } from "../../../test/peer/client-hello.ts";
import { connectToPeer, type Outcome } from "../../../test/peer/connect.ts";
import { type Verdict, verdict } from "../../../test/peer/faults.ts";
import { createIdentities } from "../../../test/peer/identities.ts";
import { extension } from "../../../test/peer/messages.ts";
import type { Script } from "../../../test/peer/script.ts";
import { madeUpSession12, remember } from "../../../test/peer/sessions.ts";
import { alertForCode } from "../alert.ts";
import { extensionType } from "../messages/extension.ts";
import { handshakeType } from "../messages/registry.ts";
import type { TlsOptions } from "../options.ts";
import { decodeSession } from "../session/encoding.ts";
import { MemorySessionStore } from "../session/memory.ts";
import { partitionOf } from "../session/partition.ts";
import type { Session, Tls12Session } from "../session/session.ts";

const identities = await createIdentities();
const identity = await identities.of();

interface Scene {
  readonly session?: Parameters<typeof madeUpSession12>[1];
  readonly options?: TlsOptions;
  readonly script?: (session: Tls12Session) => Omit<Script, "identity" | "version">;
}

/** What became of the connection, and what is in the store then. */
interface Played extends Outcome {
  readonly offered: Tls12Session;
  readonly left: Session | undefined;
}

async function play({ session, options, script }: Scene): Promise<Played> {
  const store = new MemorySessionStore();
  const config = await identities.config(options, { sessions: store });
  const offered = madeUpSession12(identity, session);
  await remember(config, offered);
  const does = script?.(offered) ?? { resumes: offered.secret };
  const peer = connectToPeer(config, { identity, version: "TLSv1.2", ...does });
  const outcome = await peer.outcome();
  const left = store.take(await partitionOf(config));
  return { ...outcome, offered, left: left && decodeSession(left) };
}

function helloOf({ received }: Outcome) {
  const hello = received.messages.find(({ type }) => type === handshakeType.client_hello);
  return decodeClientHello(hello?.body ?? new Uint8Array(0));
}

const byId = { handle: { kind: "id", bytes: new Uint8Array(32).fill(5) } } as const;
const ticketOf = (outcome: Outcome) =>
  helloOf(outcome).extensions.get(extensionType.session_ticket);

describe("a session of TLS 1.2", () => {
  test.each<[string, Scene["session"]]>([
    ["a ticket", {}],
    ["an id", byId],
  ])("by %s stands in for the certificate, and may be used again", async (_, session) => {
    const outcome = await play(session === undefined ? {} : { session });
    expect(outcome.error).toBeUndefined();
    expect(outcome.info).toMatchObject({
      handshake: "resumed",
      group: "x25519",
      signatureScheme: "ecdsa_secp256r1_sha256",
      extendedMasterSecret: true,
    });
    expect(outcome.info?.certificates).toEqual(identity.chain.map((der) => new Uint8Array(der)));
    expect(outcome.left).toEqual(outcome.offered);
  });

  test("by a ticket is offered with an id that is made up (RFC 5077 §3.4)", async () => {
    for (const options of [{}, { maxVersion: "TLSv1.2" }] as const) {
      const outcome = await play({ options });
      expect(helloOf(outcome).sessionId).toHaveLength(32);
      expect(ticketOf(outcome)).toEqual(outcome.offered.handle.bytes);
    }
  });

  test("by an id is offered by that, and a ticket is asked for", async () => {
    const outcome = await play({ session: byId });
    expect(helloOf(outcome).sessionId).toEqual(byId.handle.bytes);
    expect(ticketOf(outcome)).toEqual(new Uint8Array(0));
  });

  test("goes on under a new ticket where the server gives one", async () => {
    const ticket12 = { lifetime: 60, ticket: Uint8Array.of(1, 2, 3) };
    const outcome = await play({ script: ({ secret }) => ({ resumes: secret, ticket12 }) });
    expect(outcome.info?.handshake).toBe("resumed");
    expect(outcome.left).toMatchObject({
      handle: { kind: "ticket", bytes: ticket12.ticket },
      secret: outcome.offered.secret,
      peer: outcome.offered.peer,
    });
  });

  test("stays as it is where that ticket is empty (RFC 5077 §3.3)", async () => {
    const ticket12 = { lifetime: 0, ticket: new Uint8Array(0) };
    const outcome = await play({ script: ({ secret }) => ({ resumes: secret, ticket12 }) });
    expect(outcome.left).toEqual(outcome.offered);
  });

  test("may be declined, and is gone then", async () => {
    const outcome = await play({ script: () => ({}) });
    expect(outcome.info?.handshake).toBe("full");
    expect(outcome.left).toBeUndefined();
  });

  test("makes room for the one of a full handshake", async () => {
    const ticket12 = { lifetime: 60, ticket: Uint8Array.of(1, 2, 3) };
    const outcome = await play({ script: () => ({ ticket12 }) });
    expect(outcome.info?.handshake).toBe("full");
    expect(outcome.left).toMatchObject({ version: "TLSv1.2", handle: { bytes: ticket12.ticket } });
    expect((outcome.left?.expires ?? 0) - Date.now()).toBeLessThanOrEqual(60_000);
  });

  test("without an id or a ticket, there is none", async () => {
    const outcome = await play({
      script: () => ({ ticket12: { lifetime: 9, ticket: new Uint8Array(0) } }),
    });
    expect(outcome.info?.handshake).toBe("full");
    expect(outcome.left).toBeUndefined();
  });

  test.each<[string, TlsOptions, Scene["session"]]>([
    [
      "its suite is not offered",
      { cipherSuites: ["TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"] },
      {},
    ],
    [
      "it lacks the extended master secret that is required",
      { requireExtendedMasterSecret: true },
      { extendedMasterSecret: false },
    ],
    ["its group is not offered", { groups: ["secp256r1", "secp384r1"] }, {}],
    [
      "the curve of its certificate is not offered",
      { groups: ["x25519", "secp384r1"], keyShares: ["x25519"] },
      {},
    ],
    [
      "its certificate can't be read",
      {},
      { peer: { ...madeUpSession12(identity).peer, certificates: [new Uint8Array(9)] } },
    ],
    ["its signature is not taken any more", { signatureSchemes: ["ecdsa_secp521r1_sha512"] }, {}],
  ])("is not offered where %s", async (_, options, session) => {
    const outcome = await play({
      options,
      ...(session === undefined ? {} : { session }),
      script: () => ({ suite: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256" }),
    });
    expect(ticketOf(outcome)).toEqual(new Uint8Array(0));
  });
});

describe("a session of TLS 1.2 is kept (RFC 5246 §7.2.2)", () => {
  const ticket12 = { lifetime: 60, ticket: Uint8Array.of(1, 2, 3) };
  const kinds: [string, NonNullable<Scene["script"]>][] = [
    ["resumed", ({ secret }) => ({ resumes: secret })],
    ["renewed", ({ secret }) => ({ resumes: secret, ticket12 })],
    ["new", () => ({ ticket12 })],
  ];
  const ends: [string, boolean, Script["after"]][] = [
    ["not when a fatal alert is all that follows", false, (peer) => peer.alert("internal_error")],
    ["not when nothing follows", false, () => {}],
    [
      "not when what follows can't be read",
      false,
      (peer) => peer.handshake(handshakeType.finished),
    ],
    ["once data has come", true, (peer) => peer.data("hello")],
    ["once the server has closed", true, (peer) => peer.closeNotify()],
  ];
  const rows = kinds.flatMap(([kind, does]) =>
    ends.map(([when, isKept, after]) => [kind, when, { isKept, does, after }] as const),
  );
  test.each(rows)("%s: %s", async (_, _when, { isKept, does, after }) => {
    const outcome = await play({
      script: (session) => ({ ...does(session), ...(after && { after }) }),
    });
    expect(outcome.info).toBeDefined();
    expect(outcome.left !== undefined).toBe(isKept);
  });

  test("once this side has closed", async () => {
    const store = new MemorySessionStore();
    const config = await identities.config({}, { sessions: store });
    const script = { identity, version: "TLSv1.2", ticket12, after: () => {} } as const;
    const { client, handshake } = connectToPeer(config, script, { ends: false });
    await handshake;
    await client.closeWrite();
    expect(store.take(await partitionOf(config))).toBeDefined();
  });

  test("with what the client has shown", async () => {
    const { peer } = madeUpSession12(identity);
    const outcome = await play({ session: { peer: { ...peer, clientCertificate: "sent" } } });
    expect(outcome.info).toMatchObject({ handshake: "resumed", clientCertificate: "sent" });
    expect(outcome.left?.peer.clientCertificate).toBe("sent");
  });
});

interface Row extends Scene, Verdict {
  readonly fault: number;
  readonly source: string;
  readonly what: string;
}

const changed = {
  code: "handshake/extended-master-secret-changed",
  alert: "handshake_failure",
} as const;

const faults: readonly Row[] = [
  {
    ...{ fault: 27, source: "RFC 7627 §5.3", what: "the extended master secret is lost" },
    script: ({ secret }) => ({ resumes: secret, extendedMasterSecret: false }),
    ...changed,
  },
  {
    ...{ fault: 27, source: "RFC 7627 §5.3", what: "the extended master secret is gained" },
    session: { extendedMasterSecret: false },
    ...changed,
  },
  {
    ...{ fault: 10, source: "RFC 5246 §7.4.1.3", what: "another suite than the session's" },
    script: ({ secret }) => ({
      resumes: secret,
      suite: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    }),
    ...verdict.illegal,
  },
  {
    ...{ fault: 4, source: "RFC 5246 §7.4.9", what: "a Finished that does not match" },
    script: ({ secret }) => ({
      resumes: secret,
      verifyData: (data) => data.map((byte) => byte ^ 1),
    }),
    ...verdict.badFinished,
  },
  {
    ...{ fault: 28, source: "RFC 5246 §7.3", what: "a master secret that is not the session's" },
    script: () => ({ resumes: new Uint8Array(48) }),
    ...verdict.badMac,
  },
  {
    ...{ fault: 19, source: "RFC 5077 §3.3", what: "a ticket that was not announced" },
    script: ({ secret }) => ({
      resumes: secret,
      ticket12: { lifetime: 1, ticket: Uint8Array.of(1) },
      serverHello: (fields) => ({
        ...fields,
        extensions: fields.extensions.filter(({ type }) => type !== extensionType.session_ticket),
      }),
    }),
    ...verdict.unexpected,
  },
  {
    ...{ fault: 19, source: "RFC 5077 §3.3", what: "no ticket though it was announced" },
    script: ({ secret }) => ({
      resumes: secret,
      serverHello: (fields) => ({
        ...fields,
        extensions: [...fields.extensions, extension("session_ticket")],
      }),
    }),
    ...verdict.unexpected,
  },
  {
    ...{ fault: 18, source: "RFC 5077 §3.2", what: "a session_ticket answer that is not empty" },
    script: ({ secret }) => ({
      resumes: secret,
      serverHello: (fields) => ({
        ...fields,
        extensions: [...fields.extensions, extension("session_ticket", (w) => w.u8(0))],
      }),
    }),
    ...verdict.undecodable,
  },
];

describe("faults with a session", () => {
  const rows = faults.map((row) => [`${row.fault}, ${row.source}: ${row.what}`, row] as const);
  test.each(rows)("fault %s", { timeout: 10_000 }, async (_, row) => {
    const outcome = await play(row);
    expect(outcome.error).toMatchObject({ code: row.code, alertSent: row.alert });
    expect(alertForCode[row.code]).toBe(row.alert);
    expect(outcome.info).toBeUndefined();
    expect(outcome.delivered).toHaveLength(0);
    // What failed is not tried again.
    expect(outcome.left).toBeUndefined();
  });
});
