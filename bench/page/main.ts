/**
 * The page of the benchmarks: fetches its task, carries it out, posts what came of it, and is loaded
 * anew for the next. Nothing else watches it meanwhile.
 *
 * @module
 */

import { host } from "./host.ts";
import { tasks } from "./tasks.ts";

const response = await host("task");
if (response.status === 200) {
  const { name, argument } = await response.json();
  const report = await run(name, argument);
  await host("result", JSON.stringify(report));
}
// A time of waiting is over, or the task is.
location.reload();

async function run(name: string, argument: unknown): Promise<object> {
  try {
    const task = tasks[name];
    if (task === undefined) throw new Error(`There is no task "${name}".`);
    return { value: await task(argument as never, timed) };
  } catch (error) {
    return { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

/** Runs what is to be measured. Its processor time is taken by the host, at the same moments. */
async function timed<Value>(measured: () => Promise<Value>): Promise<{ ms: number; value: Value }> {
  await host("mark", "");
  const begun = performance.now();
  const value = await measured();
  const ms = performance.now() - begun;
  await host("mark", "");
  return { ms, value };
}
