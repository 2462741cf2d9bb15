/**
 * Runs the fuzzer of `test/fuzz` until its time is over:
 *
 *     node scripts/fuzz.mjs [--target handshakes] [--minutes 10] [--seed N] [--executions N]
 */

import { fromSource } from "./from-source.mjs";

const isGood = await fromSource("/test/fuzz/cli.ts", ({ fuzz }) => fuzz(process.argv.slice(2)));
process.exitCode = isGood ? 0 : 1;
