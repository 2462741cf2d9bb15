/**
 * A user of the built `webtls/identity` in Node, by the package's own name: prints a request, the
 * subject of a certificate, and how a file and a store that there is not are refused.
 *
 *     node identity-maker.mjs
 */

import {
  createCertificateRequest,
  createSelfSigned,
  generateKeys,
  importPkcs12,
  inspectCertificate,
  openIdentityStore,
} from "webtls/identity";

const keys = await generateKeys();
const subject = { commonName: "Alice" };
const { pem } = await createCertificateRequest({ keys, subject });
const { certificates } = await createSelfSigned({ keys, subject });
const inspected = await inspectCertificate(certificates[0]);
const code = (error) => error.code;
const refusals = [
  await importPkcs12(new Uint8Array(1)).catch(code),
  await openIdentityStore().catch(code),
];
console.log(JSON.stringify({ pem, subject: inspected.subject, refusals }));
