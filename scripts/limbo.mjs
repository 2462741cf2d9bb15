/**
 * Holds webtls against x509-limbo and BetterTLS's cases in its format, as found in the folder that
 * `WEBTLS_VECTORS` names:
 *
 *     node scripts/limbo.mjs
 *
 * The last line is `limbo: N agree, N listed, N unexpected`. The exit code is 1 if one is
 * unexpected, which a listed one is that webtls agrees with, or if no case was found.
 */

import { fromSource } from "./from-source.mjs";

const isGood = await fromSource("/test/limbo/cli.ts", ({ limbo }) => limbo());
process.exitCode = isGood ? 0 : 1;
