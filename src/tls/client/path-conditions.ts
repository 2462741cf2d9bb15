/**
 * What a server's path has to meet beyond RFC 5280 §6, by the configuration and by what the server
 * presents. Each condition is loaded where it has something to check.
 *
 * @module
 */

import { loaded } from "../../loaded.ts";
import type { CandidatePath, PathCondition, PathEffort } from "../../x509/path.ts";
import type { ClientConfig } from "../config.ts";
import type { Transparency } from "../ct-logs.ts";
import type { Revocation } from "../given-revocation.ts";
import { demandsStatus } from "../messages/certificate-status.ts";
import type { PresentedServer } from "../presented.ts";
import type { StapledStatus } from "./stapled-status.ts";

/** The conditions of one connection. */
export interface PathConditions {
  readonly conditions: readonly PathCondition[];
  /** What was stapled for the path looked at last. */
  stapled(): StapledStatus | undefined;
}

export async function conditionsFor(
  config: ClientConfig,
  presented: PresentedServer,
): Promise<PathConditions> {
  const { pins, crypto } = config;
  const conditions: PathCondition[] = [];
  if (pins.length > 0) {
    const { isPinned } = await loaded(import("../../x509/pins.ts"));
    conditions.push(isPinned(pins, crypto));
  }
  if (config.revocation !== undefined) {
    conditions.push(await notRevoked(config, config.revocation));
  }
  let status: StapledStatus | undefined;
  const stapled = () => status;
  if (config.ocspStapling) {
    conditions.push(async (path, effort) => {
      status = await checkStapled(config, presented, path, effort);
    });
  }
  if (config.transparency !== undefined) {
    conditions.push(await logged(config, config.transparency, presented, stapled));
  }
  return { conditions, stapled };
}

/** No certificate is revoked by CRLs (RFC 5280 §6.3). */
async function notRevoked(
  { crypto, now }: ClientConfig,
  policy: Revocation,
): Promise<PathCondition> {
  const { notRevokedByCrls } = await loaded(import("../../x509/crl/condition.ts"));
  return notRevokedByCrls(policy, { now: now(), crypto });
}

/** What the server has stapled says that its certificate is good (RFC 6066 §8, RFC 7633). */
async function checkStapled(
  config: ClientConfig,
  presented: PresentedServer,
  path: CandidatePath,
  effort: PathEffort,
): Promise<StapledStatus | undefined> {
  const isDemanded = config.ocspStapling === "required" || path.certificates.some(demandsStatus);
  if (presented.ocspResponse === undefined && !isDemanded) return undefined;
  const { checkStapledStatus } = await loaded(import("./stapled-status.ts"));
  return checkStapledStatus(config, presented, path, effort);
}

/** The certificate was made public (RFC 6962). */
async function logged(
  { crypto, now, trace }: ClientConfig,
  policy: Transparency,
  { signedCertificateTimestamps = [] }: PresentedServer,
  stapled: PathConditions["stapled"],
): Promise<PathCondition> {
  const { transparencyCondition } = await loaded(import("../../x509/ct/transparency.ts"));
  return transparencyCondition({
    policy,
    presented: signedCertificateTimestamps,
    stapled: () => stapled()?.timestampLists ?? [],
    now: now(),
    crypto,
    onLogged: (logs) => trace?.({ kind: "certificate-logged", logs: logs.map(({ name }) => name) }),
  });
}
