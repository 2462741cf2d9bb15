/**
 * The answers in a ServerHello of TLS 1.2, whichever handshake follows.
 *
 * @module
 */

import { TlsError } from "../../errors.ts";
import type { ClientConfig } from "../config.ts";
import { selectedCertificateType } from "../messages/certificate-type.ts";
import { type Extensions, extensionType } from "../messages/extension.ts";
import {
  checkEmpty,
  checkPointFormats,
  checkRenegotiationInfo,
} from "../messages/server-flight.ts";
import type { CertificateTypeName } from "../server-options.ts";
import { selectedAlpn } from "./alpn.ts";

/** What the server has agreed to. */
export interface Answers12 {
  readonly alpn: string | undefined;
  /** Whether the master secret is the extended one (RFC 7627). */
  readonly isExtended: boolean;
  /** Whether a NewSessionTicket comes ahead of its change_cipher_spec (RFC 5077 §3.2). */
  readonly issuesTicket: boolean;
  /** What the client has to show where it is asked who it is. */
  readonly certificateType: CertificateTypeName;
}

/** @param extensions each of which has been offered. */
export function readAnswers12(extensions: Extensions, config: ClientConfig): Answers12 {
  const serverName = extensions.get(extensionType.server_name);
  if (serverName !== undefined) checkEmpty(serverName, "server_name");
  const formats = extensions.get(extensionType.ec_point_formats);
  if (formats !== undefined) checkPointFormats(formats);
  const renegotiation = extensions.get(extensionType.renegotiation_info);
  if (renegotiation !== undefined) checkRenegotiationInfo(renegotiation);
  const ticket = extensions.get(extensionType.session_ticket);
  if (ticket !== undefined) checkEmpty(ticket, "session_ticket");
  const extended = extensions.get(extensionType.extended_master_secret);
  if (extended !== undefined) checkEmpty(extended, "extended_master_secret");
  if (extended === undefined && config.requireExtendedMasterSecret) {
    throw new TlsError(
      "handshake/extended-master-secret-required",
      "The server does not know the extended master secret (RFC 7627), which requireExtendedMasterSecret demands.",
    );
  }
  return {
    alpn: selectedAlpn(extensions, config),
    isExtended: extended !== undefined,
    issuesTicket: ticket !== undefined,
    certificateType: selectedCertificateType(
      extensions,
      "client_certificate_type",
      config.clientCertificateTypes,
    ),
  };
}
