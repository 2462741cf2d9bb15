/**
 * What tests do with client certificates that the page makes, imports and keeps.
 *
 * @module
 */

import { hexToBytes } from "@noble/hashes/utils.js";
import * as identities from "../../src/identity/index.ts";
import { create, readLine, type Trial } from "./rig.ts";

export { identities };

/** Makes a key pair, keeps it under a name, and asks for a certificate. @returns PEM. */
export async function requestIdentity(
  name: string,
  algorithm: identities.KeyAlgorithmName,
): Promise<string> {
  const keys = await identities.generateKeys({ algorithm });
  const subject = { commonName: name };
  const { pem } = await identities.createCertificateRequest({ keys, subject });
  const store = await identities.openIdentityStore();
  await store.keys.save(name, keys);
  store.close();
  return pem;
}

/** Keeps the certificate that has come for a key. @returns the names of what is kept now. */
export async function completeIdentity(name: string, pem: string) {
  const store = await identities.openIdentityStore();
  const keys = await store.keys.load(name);
  if (keys === undefined) throw new Error(`no key is stored as ${name}`);
  const identity = await identities.attachCertificates(keys.privateKey, pem);
  await store.identities.save(name, identity);
  await store.keys.delete(name);
  const kept = { identities: await store.identities.list(), keys: await store.keys.list() };
  store.close();
  return kept;
}

/** Keeps what the client of that name has issued to itself. @returns PEM. */
export async function issueToItself(
  name: string,
  algorithm: identities.KeyAlgorithmName = "P-256",
): Promise<string> {
  const keys = await identities.generateKeys({ algorithm });
  const identity = await identities.createSelfSigned({ keys, subject: { commonName: name } });
  const store = await identities.openIdentityStore();
  await store.identities.save(name, identity);
  store.close();
  const [own = ""] = identity.certificates;
  return (await identities.inspectCertificate(own)).toString("pem");
}

/** Keeps what is in a file. @returns the subjects of its certificates. */
export async function importIdentity(
  name: string,
  hex: string,
  options: identities.Pkcs12Options,
): Promise<string[]> {
  const file = new File([hexToBytes(hex)], "identity.p12");
  const identity = await identities.importPkcs12(file, options);
  const store = await identities.openIdentityStore();
  await store.identities.save(name, identity);
  store.close();
  const shown = identity.certificates.map((der) => identities.inspectCertificate(der));
  return (await Promise.all(shown)).map(({ subject }) => subject);
}

/** What a server says to a client with an identity that is kept, and whether its key can be had. */
export async function greetAs(trial: Trial, name: string) {
  const store = await identities.openIdentityStore();
  const identity = await store.identities.load(name);
  store.close();
  if (identity === undefined) throw new Error(`no identity is stored as ${name}`);
  const tls = create(trial, { identity });
  try {
    const socket = tls.connect(trial.address, trial.options);
    const { clientCertificate } = await socket.opened;
    const greeting = await readLine(socket);
    const exported = await crypto.subtle.exportKey("pkcs8", identity.key).then(
      () => "exported",
      (error: Error) => error.name,
    );
    return { clientCertificate, greeting, exported };
  } finally {
    await tls.close();
  }
}

/** Who a server is, by the objects that `@peculiar/x509` makes of its certificates. */
export async function inspectServer(trial: Trial) {
  const tls = create(trial);
  try {
    const { certificates } = await tls.connect(trial.address, trial.options).opened;
    const shown = await Promise.all(certificates.map(identities.inspectCertificate));
    const names = shown[0]?.getExtension("2.5.29.17")?.toString("text");
    return { subjects: shown.map(({ subject }) => subject), names };
  } finally {
    await tls.close();
  }
}
