/**
 * One execution: a scenario with changes, and the verdict about what the client made of it.
 *
 * @module
 */

import { type Bytes, concat, equalPublic } from "../../src/crypto/bytes.ts";
import { TlsError } from "../../src/errors.ts";
import type { HandshakeInfo } from "../../src/tls/info.ts";
import { connectToPeer, type PeerConnection } from "../peer/connect.ts";
import type { Recording } from "../peer/replay.ts";
import { Finding, type Trial } from "./campaign.ts";
import type { Random } from "./mutate.ts";
import { mutateRecording } from "./mutated-recording.ts";
import { earlyMark, type Honest, mutateScript, type Trail } from "./mutated-script.ts";
import type { Scenario } from "./scenarios.ts";

/** Longest execution, in milliseconds: they take some five. */
const patience = 20_000;

/**
 * Lets a server with the right keys go wrong.
 *
 * @returns `"closed"`, or the code of the failure.
 */
export async function executeScript(
  scenario: Scenario,
  honest: Honest,
  random: Random,
  trial: Trial,
): Promise<string> {
  const scene = await scenario.begin();
  const { script, trail } = mutateScript(scene, honest, random);
  trial.changes = trail.changes;
  const connection = connectToPeer(scene.config, script, { endsWhenIdle: true });
  void speak(connection);
  const [opened, closed] = await inTime(
    Promise.allSettled([connection.handshake, connection.client.closed]),
  );
  const info = opened.status === "fulfilled" ? opened.value : undefined;
  const end = closed.status === "fulfilled" ? "closed" : codeOf(closed.reason);
  if (opened.status === "rejected") codeOf(opened.reason);
  checkTrust(trail, info, script.identity.certificate);
  checkDelivered(connection, info);
  return end;
}

/** Changes a recorded connection on its way to a client. @returns as {@link executeScript}. */
export async function executeRecording(
  recording: Recording,
  others: readonly Bytes[],
  random: Random,
  trial: Trial,
): Promise<string> {
  const { stream, changes } = mutateRecording(recording.bytes, random, others);
  trial.changes = changes;
  const honest = await recording.replay([recording.bytes]);
  const outcome = await inTime(
    recording.replay([stream]).catch((error: unknown) => {
      throw new Finding("an error that is no TlsError", error);
    }),
  );
  const { delivered, handshake, end } = outcome;
  if ([handshake, end].includes("handshake/internal-error")) {
    throw new Finding("an internal error");
  }
  const isWhole = end === "closed";
  const expected = isWhole ? honest.delivered : honest.delivered.subarray(0, delivered.length);
  if (!equalPublic(delivered, expected)) {
    throw new Finding("data was delivered that was not sent, or is missing");
  }
  return end;
}

/** What the application does with a connection; it sees the same errors as the verdict. */
async function speak({ client, handshake }: PeerConnection): Promise<void> {
  try {
    await handshake;
    await client.write([new Uint8Array(100)]);
    await client.closeWrite();
  } catch (error) {
    // An unhandled rejection is a finding.
    if (!(error instanceof TlsError)) throw error;
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Finding("it hangs")), patience);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof TlsError)) throw new Finding("an untyped error", error);
  if (error.code === "handshake/internal-error") {
    throw new Finding("an internal error", error);
  }
  return error.code;
}

/** A handshake that is done is one that the server proved to be its own. */
function checkTrust(
  { finishedSent, proofChanged }: Trail,
  info: HandshakeInfo | undefined,
  leaf: Uint8Array,
): void {
  if (info === undefined) return;
  if (!finishedSent) throw new Finding("no Finished was sent, but it was accepted");
  if (proofChanged) throw new Finding("the server's proof was changed, but accepted");
  // An external PSK stands for no certificate.
  const shown = info.pskIdentity === undefined ? info.certificates[0] : leaf;
  if (shown === undefined || !equalPublic(shown, leaf)) {
    throw new Finding("the server is not whom it says it is");
  }
}

/** Nothing without a handshake, and nothing from before its end. */
function checkDelivered({ delivered }: PeerConnection, info: HandshakeInfo | undefined): void {
  const text = new TextDecoder().decode(concat(...delivered));
  if (text.includes(earlyMark)) throw new Finding("data from before Finished");
  if (text !== "" && info === undefined) throw new Finding("data without a handshake");
}
