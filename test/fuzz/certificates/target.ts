/**
 * The target of campaigns: certificates, alone and in paths.
 *
 * @module
 */

import type { Bytes } from "../../../src/crypto/bytes.ts";
import type { Target } from "../campaign.ts";
import { createWorld } from "./draft.ts";
import { verifying } from "./paths.ts";
import { reading } from "./reading.ts";

/**
 * Half of the executions verify a path, half read something.
 *
 * @param outside more certificates to begin with, in DER.
 */
export function certificates(outside: readonly Bytes[] = []): Target {
  return async () => {
    const world = createWorld();
    const verify = await verifying(world);
    const read = reading([...world.links.map(({ der }) => der), ...outside]);
    return (random, trial) => (random() < 0.5 ? verify : read)(random, trial);
  };
}
