/**
 * A server's request for a client certificate. Few servers make one: what reads and answers it is
 * loaded then.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { loaded } from "../../loaded.ts";
import type { ClientConfig } from "../config.ts";
import type { Asked } from "../identity/read.ts";
import type { CertificateRequest } from "../messages/certificate-request.ts";
import type { ProtocolVersionName } from "../options.ts";
import type { ClientAuthentication } from "./client-auth.ts";

/** @throws TlsError `handshake/` codes for one that is not as it has to be. */
export async function readCertificateRequest(
  version: ProtocolVersionName,
  body: Bytes,
): Promise<CertificateRequest> {
  const { decodeCertificateRequest12, decodeCertificateRequest13 } = await loaded(
    import("../messages/certificate-request.ts"),
  );
  return version === "TLSv1.3"
    ? decodeCertificateRequest13(body)
    : decodeCertificateRequest12(body);
}

/** @throws TlsError as `ClientAuthentication.choose` does. */
export async function authenticationFor(
  config: ClientConfig,
  asked: Asked,
): Promise<ClientAuthentication> {
  const { ClientAuthentication } = await loaded(import("./client-auth.ts"));
  return ClientAuthentication.choose(config, asked);
}
