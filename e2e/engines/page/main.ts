/**
 * Asks the test's server for tasks and posts what came of them, so that a test needs nothing of an
 * engine but that it opens a page.
 */

import type { Outcome, Task } from "../protocol.ts";
import { tasks } from "./tasks.ts";

addEventListener("error", (event) => complain(event.message));
addEventListener("unhandledrejection", (event) => complain(String(event.reason)));

for (;;) {
  const response = await fetch("/next", { method: "POST" });
  if (!response.ok) break;
  const task: Task = await response.json();
  // Not waited for: a task that hangs keeps no other one from running.
  void perform(task).then((outcome) => post(`/result/${task.id}`, outcome));
}

async function perform({ name, input }: Task): Promise<Outcome> {
  try {
    // The types of name and input belong together: the test's run() has checked them.
    const task = tasks[name] as (...input: readonly unknown[]) => unknown;
    return { value: await task(...input) };
  } catch (error) {
    return { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

function complain(message: string): void {
  void post("/complaint", { error: message });
}

async function post(path: string, outcome: Outcome): Promise<void> {
  await fetch(path, { method: "POST", body: JSON.stringify(outcome) });
}
