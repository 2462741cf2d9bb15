/**
 * Runs benchmarks of `bench/`, all of them or those named:
 *
 *     node scripts/bench.mjs [download upload latency …] [--runs 5] [--short] [--no-peers]
 */

import { fromSource } from "./from-source.mjs";

// What they have started is ended when this process exits, which a signal alone would not let it see.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

const isGood = await fromSource("/bench/cli.ts", ({ bench }) => bench(process.argv.slice(2)));
process.exitCode = isGood ? 0 : 1;
