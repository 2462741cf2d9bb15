/**
 * webtls/identity: client certificates and their keys, made, imported and kept in the page. What it
 * gives is taken by webtls's option `identity`. It stands beside the rest, which loads none of it.
 *
 * @module
 */

export { TlsError, type TlsErrorCode } from "../errors.ts";
export { attachCertificates, type CryptoKeyIdentity } from "./attach.ts";
export { inspectCertificate } from "./inspect.ts";
export type { ImportOptions } from "./kept-key.ts";
export { generateKeys, type KeyAlgorithmName, type KeyOptions } from "./keys.ts";
export type { AlternativeNames, Subject } from "./names.ts";
export { importPem } from "./pem.ts";
export { importPkcs12, type Pkcs12Options } from "./pkcs12.ts";
export {
  type CertificateOptions,
  type CertificateRequest,
  createCertificateRequest,
} from "./request.ts";
export { createSelfSigned, type SelfSignedOptions } from "./self-signed.ts";
export {
  type IdentityStore,
  type IdentityStoreOptions,
  openIdentityStore,
  type StoredTable,
} from "./store.ts";
