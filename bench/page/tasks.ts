/**
 * What the page of the benchmarks can be asked to do, by name.
 *
 * @module
 */

import { crowd } from "./tasks/crowd.ts";
import { echo } from "./tasks/echo.ts";
import { handshakes } from "./tasks/handshakes.ts";
import { download, pacedDownload, upload } from "./tasks/transfer.ts";

/** Measures a part of a task: what it is about, without what comes before and after. */
export type Timed = <Value>(
  measured: () => Promise<Value>,
) => Promise<{ ms: number; value: Value }>;

/** A task's argument and result are plain values, of types that its two sides agree on. */
type Task = (argument: never, timed: Timed) => Promise<unknown>;

export const tasks: Readonly<Record<string, Task>> = {
  crowd,
  download,
  pacedDownload,
  upload,
  echo,
  handshakes,
};
