/**
 * Whether the engine refuses points that are not on their curve. WebKitGTK 2.50 does not: it
 * agrees on secrets with them, which RFC 8446 §4.2.8.2 forbids. To check points here would take
 * arithmetic of our own, so such an engine's curves count as missing.
 *
 * @module
 */

import type { Bytes } from "../bytes.ts";
import { coordinateLength, type NistCurve } from "../verification.ts";
import { unsupported } from "./subtle.ts";

/** What was seen to refuse; an engine does not change while it runs. */
const checked = new Set<string>();

/**
 * Puts a point off the curve to the engine, once for each use and curve.
 *
 * @param isTaken resolves to whether the engine took the point for good.
 * @throws TlsError `configuration/unsupported-platform` where it did.
 */
export async function requirePointCheck(
  use: "ECDH" | "ECDSA",
  curve: NistCurve,
  isTaken: (point: Bytes) => Promise<boolean>,
): Promise<void> {
  const name = `${use} on ${curve}`;
  if (checked.has(name)) return;
  if (await isTaken(offCurvePoint(curve))) throw unsupported(`${name} that checks its points`);
  checked.add(name);
}

/** Both coordinates 0x0101…01, which fits none of the three curves. */
export function offCurvePoint(curve: NistCurve): Bytes {
  const point = new Uint8Array(1 + 2 * coordinateLength[curve]).fill(0x01);
  point[0] = 0x04;
  return point;
}
