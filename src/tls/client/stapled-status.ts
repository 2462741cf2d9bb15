/**
 * The condition that stapled OCSP responses put on a path: what the server staples has to say that
 * its certificate is good (RFC 6066 §8, RFC 8446 §4.4.2.1), and it has to staple something where the
 * certificate or the caller demands it.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import { timestampListOid } from "../../x509/ct/timestamp-extension.ts";
import type { SingleResponse } from "../../x509/ocsp/response.ts";
import { verifyOcspResponse } from "../../x509/ocsp/verify.ts";
import { type CandidatePath, issuerOf, type PathEffort } from "../../x509/path.ts";
import type { ClientConfig } from "../config.ts";
import { demandsStatus } from "../messages/certificate-status.ts";
import type { PresentedServer } from "../presented.ts";

/** What is taken from a response that says good. */
export interface StapledStatus {
  /** Values of extensions with Signed Certificate Timestamps (RFC 6962 §3.3). */
  readonly timestampLists: readonly Bytes[];
  /** When it ends. */
  readonly until: Date;
}

/**
 * Checks what the server has stapled. A response without an answer in it, such as `tryLater`, counts
 * as none.
 *
 * @returns undefined where there is none, and there need not be one.
 * @throws TlsError `certificate/revoked`, `certificate/bad-status-response`,
 * `certificate/status-missing`, `certificate/budget-exceeded`.
 */
export async function checkStapledStatus(
  config: ClientConfig,
  { ocspResponse }: PresentedServer,
  path: CandidatePath,
  effort: PathEffort,
): Promise<StapledStatus | undefined> {
  const { crypto, trace } = config;
  let found = "nothing";
  if (ocspResponse !== undefined) {
    const check = { crypto, effort, now: config.now() };
    const [leaf] = path.certificates;
    const verdict = await verifyOcspResponse(ocspResponse, leaf, issuerOf(path, 0), check);
    trace?.({ kind: "certificate-status", ocsp: verdict.status });
    if (verdict.status === "good") {
      return { timestampLists: timestampLists(verdict.responses), until: verdict.until };
    }
    found = `only the responder's word that it has no answer (${verdict.status})`;
  }
  const demand = demandOf(config, path);
  if (demand === undefined) return undefined;
  throw new TlsError(
    "certificate/status-missing",
    `${demand} that the server staples an OCSP response to its certificate, but there was ${found}. ` +
      "OCSP stapling has to be turned on in the server, and its responder has to be within its reach.",
  );
}

/** Who demands a response; undefined where nobody does. */
function demandOf({ ocspStapling }: ClientConfig, { certificates }: CandidatePath) {
  const [leaf, ...authorities] = certificates;
  if (demandsStatus(leaf)) return "The server's certificate demands (RFC 7633)";
  // RFC 7633 §4.2.2: what an authority demands holds for all that it issues.
  if (authorities.some(demandsStatus)) {
    return "An authority above the server's certificate demands (RFC 7633)";
  }
  return ocspStapling === "required" ? "The option ocspStapling demands" : undefined;
}

/** Once for each way in which the response names the certificate. */
function timestampLists(responses: readonly SingleResponse[]): readonly Bytes[] {
  return responses.flatMap(({ extensions }) => {
    return extensions.get(timestampListOid.ocspResponse)?.value ?? [];
  });
}
