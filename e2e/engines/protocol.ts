/**
 * What the page and the test's server say to each other, in JSON.
 *
 * @module
 */

import type { Tasks } from "./page/tasks.ts";

export type TaskName = keyof Tasks;

/** The answer to `POST /next`. */
export interface Task {
  readonly id: number;
  readonly name: TaskName;
  readonly input: readonly unknown[];
}

/** What is sent to `POST /result/<id>`; a value that JSON has none for, such as undefined, is left out. */
export type Outcome = { readonly value?: unknown } | { readonly error: string };
