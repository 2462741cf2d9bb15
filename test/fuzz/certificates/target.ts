/**
 * The target of campaigns: certificates, alone and in paths.
 *
 * @module
 */

import type { Target } from "../campaign.ts";
import { createWorld } from "./draft.ts";
import type { Link } from "./issue.ts";
import { verifying } from "./paths.ts";
import { timestamp } from "./pieces.ts";
import type { Seeds } from "./readers.ts";
import { reading } from "./reading.ts";

/**
 * Half of the executions verify a path, half read something.
 *
 * @param outside more to begin with.
 */
export function certificates(outside: Partial<Seeds> = {}): Target {
  return async () => {
    const world = createWorld();
    const verify = await verifying(world);
    const derOf = ({ der }: Link) => der;
    const { certificates = [], crls = [], responses = [], timestamps = [] } = outside;
    const read = reading({
      certificates: [...world.links.map(derOf), ...certificates],
      crls: [...world.crls.map(derOf), ...crls],
      responses: [...world.responses.map(derOf), ...responses],
      timestamps: [timestamp(), ...timestamps],
    });
    return (random, trial) => (random() < 0.5 ? verify : read)(random, trial);
  };
}
