/**
 * What tests do with keys and functions of the page's.
 *
 * @module
 */

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { create, failure, ignore, readLine, type Trial, use } from "./rig.ts";

let key: CryptoKey | undefined;

/** Makes a signing key that can't be exported. Returns its public half, as SPKI in hex. */
export async function makeKey(): Promise<string> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const pair = await crypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);
  key = pair.privateKey;
  return bytesToHex(new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey)));
}

/** What a server says to a client with the key, whose certificates a function chooses when asked. */
export async function greetWithKey(trial: Trial, certificates: string) {
  const chosen = key;
  if (chosen === undefined) throw new Error("no key was made");
  const authorities: string[] = [];
  const tls = create(trial, {
    identity: async (request) => {
      authorities.push(...request.authorities.map(({ text }) => text));
      return { certificates, key: chosen };
    },
  });
  try {
    const socket = tls.connect(trial.address, trial.options);
    const { clientCertificate } = await socket.opened;
    const greeting = await readLine(socket);
    const exported = await crypto.subtle.exportKey("pkcs8", chosen).then(
      () => "exported",
      (error: Error) => error.name,
    );
    return { clientCertificate, greeting, authorities, exported };
  } finally {
    await tls.close();
  }
}

/** Keying material as the page has it, and as the server says it is. */
export function keyingMaterial(trial: Trial) {
  return use(trial, async (socket) => {
    await socket.opened;
    const context = new TextEncoder().encode("which");
    const made = [
      await socket.exportKeyingMaterial("EXPERIMENTAL webtls", context, 40),
      await socket.channelBinding("tls-exporter"),
    ];
    return { own: made.map(bytesToHex).join(), servers: await readLine(socket) };
  });
}

/**
 * A server whose issuers a function of the page's finds, and then does not.
 *
 * @param known certificates in hex, found in this order.
 */
export async function findIssuers(trial: Trial, known: readonly string[]) {
  const urls: (readonly string[])[] = [];
  const tls = create(trial, {
    // A session would stand in for the certificates.
    sessions: "disabled",
    findIssuers: async (wanted) => {
      urls.push(wanted.urls);
      return [hexToBytes(known[urls.length - 1] ?? "")];
    },
  });
  try {
    const found = tls.connect(trial.address, trial.options);
    const { verifiedPath } = await found.opened;
    await found.close();
    const refused = tls.connect(trial.address, {
      ...trial.options,
      findIssuers: () => {
        throw new Error("nothing to be had");
      },
    });
    ignore(refused.closed);
    const cause = await refused.opened.catch(({ cause }) => String(cause));
    return { path: verifiedPath.length, urls, refused: await failure(refused.opened), cause };
  } finally {
    await tls.close();
  }
}

/** A server that a function of the page's takes, and then one that it refuses. */
export async function judge(trial: Trial) {
  const asked: { servername: string; length: number | undefined }[] = [];
  const tls = create(trial);
  try {
    const taken = tls.connect(trial.address, {
      ...trial.options,
      dangerousVerify: async ({ servername, certificates }) => {
        asked.push({ servername, length: certificates[0]?.length });
      },
    });
    const greeting = await readLine(taken);
    const refused = tls.connect(trial.address, {
      ...trial.options,
      dangerousVerify: () => {
        throw new Error("not this one");
      },
    });
    ignore(refused.closed);
    return { asked, greeting, refused: await failure(refused.opened) };
  } finally {
    await tls.close();
  }
}
