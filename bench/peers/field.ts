/**
 * Everyone in one browser: raw WebSockets, webtls and the peers, each with its server and its bridge,
 * for benchmarks that go through them in turn.
 *
 * @module
 */

import { type Lab, type LabOptions, type Listener, openLab } from "../lab.ts";
import type { Target } from "../page/contestants/contestant.ts";
import type { Handshakes } from "../page/tasks/handshakes.ts";
import { installPeers } from "./install.ts";
import { peerServer, peers, type ServerKind } from "./peers.ts";

export interface Runner {
  /** Of the contestant in the page. */
  readonly name: string;
  /** What it speaks; none for raw TCP. */
  readonly suite?: string;
  readonly target: Target;
}

export interface Field {
  readonly lab: Lab;
  /** The WebSockets first, then webtls, then the peers. */
  readonly runners: readonly Runner[];
  /**
   * Which of them take their own server, but none whose certificate is for another name or from
   * another root.
   */
  readonly verifying: ReadonlySet<string>;
  /** What there is to say of the whole. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

/** @param options further ones of the lab. */
export async function openField(options: LabOptions = {}): Promise<Field> {
  const notes: string[] = [];
  let arePeersHere = true;
  try {
    await installPeers();
  } catch (error) {
    arePeersHere = false;
    notes.push(error instanceof Error ? error.message : String(error));
  }
  const lab = await openLab({ ...options, hasWisp: arePeersHere });
  try {
    const { runners, strangers } = await placed(lab);
    const verifying = new Set<string>();
    for (const { name, target } of runners) {
      const impostors = strangers.filter((one) => one.name === name);
      if (impostors.length === 0 || !(await opens(lab, name, target))) continue;
      const trusted = await Promise.all(impostors.map((one) => opens(lab, name, one.target)));
      if (!trusted.includes(true)) verifying.add(name);
    }
    return { lab, runners, verifying, notes, close: () => lab.close() };
  } catch (error) {
    await lab.close();
    throw error;
  }
}

/** Each with its server; and with servers that it must not trust. */
async function placed(lab: Lab): Promise<{ runners: Runner[]; strangers: Runner[] }> {
  const suite = "TLS 1.3 AES-128-GCM";
  const webtls = { name: "webtls", suite, bridge: "webtls", server: "aes128" } as const;
  const entrants = [webtls, ...peers];
  const kinds = [...new Set(entrants.map(({ server }) => server))];
  const listeners: Record<string, Listener> = { raw: null };
  const roots = new Map<string, { own: string; other: string }>();
  for (const kind of kinds) {
    const { listener, misnamed, roots: own } = await peerServer(kind);
    listeners[kind] = listener;
    listeners[misnamedOf(kind)] = misnamed;
    roots.set(kind, { own, other: (await peerServer(kind)).roots });
  }
  const ports = await lab.listen(listeners);

  const runners: Runner[] = [];
  const strangers: Runner[] = [];
  const rawTarget = await lab.target("webtls", ports.raw ?? 0, "");
  for (const name of ["WebSocket", "WebSocketStream"]) runners.push({ name, target: rawTarget });
  for (const { server, bridge, ...entrant } of entrants) {
    const { own = "", other = "" } = roots.get(server) ?? {};
    const at = (listener: string, root: string) => lab.target(bridge, ports[listener] ?? 0, root);
    runners.push({ ...entrant, target: await at(server, own) });
    strangers.push({ ...entrant, target: await at(misnamedOf(server), own) });
    strangers.push({ ...entrant, target: await at(server, other) });
  }
  return { runners, strangers };
}

function misnamedOf(kind: ServerKind): string {
  return `${kind}, misnamed`;
}

async function opens(lab: Lab, contestant: string, target: Target): Promise<boolean> {
  const task: Handshakes = { contestant, target, warmUp: 0, count: 1 };
  return !isFailure(await attempt(() => lab.run("handshakes", task)));
}

/** What a table says of someone; who has never opened has shown nothing. */
export function verdict({ verifying }: Field, { name, suite }: Runner, failure?: string): string {
  if (suite === undefined) return "";
  if (verifying.has(name)) return "yes";
  return failure === undefined ? "no" : "?";
}

/** Runs a task; what went wrong is a result like any other. */
export async function attempt<Value>(measured: () => Promise<Value>): Promise<Value | Failure> {
  try {
    return await measured();
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

export interface Failure {
  readonly failure: string;
}

export function isFailure(value: unknown): value is Failure {
  return typeof value === "object" && value !== null && "failure" in value;
}
