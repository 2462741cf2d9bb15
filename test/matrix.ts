/**
 * Prints, behind all else, what came of each case with each server or engine.
 *
 * @module
 */

import type { Reporter, TestCase, TestModule } from "vitest/node";

declare module "vitest" {
  interface TaskMeta {
    /** How a test passed, where there are several ways: stands in the place of "passed". */
    outcome?: string;
    /** What is to be known of the test's column: stands below the matrix. */
    remarks?: string[];
  }
}

/** Expects the columns as the outermost suites, and tests anywhere within. */
export default class Matrix implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const columns = new Set<string>();
    const cases = new Map<string, Map<string, string>>();
    const remarks: string[] = [];
    for (const test of modules.flatMap((module) => [...module.children.allTests()])) {
      const [column = "", ...path] = suitesOf(test);
      columns.add(column);
      const name = [...path, test.name].join(", ");
      const results = cases.get(name) ?? new Map<string, string>();
      cases.set(name, results.set(column, resultOf(test)));
      const result = test.result();
      if (result.state === "skipped" && result.note !== undefined) {
        remarks.push(`${column}, ${name}: ${result.note}`);
      }
      for (const remark of test.meta().remarks ?? []) remarks.push(`${column}: ${remark}`);
    }
    const longest = Math.max(0, ...[...cases.keys()].map((name) => name.length));
    const print = (name: string, cell: (column: string) => string) => {
      const cells = [...columns].map((column) => cell(column).padEnd(Math.max(9, column.length)));
      console.log([name.padEnd(longest), ...cells].join("  ").trimEnd());
    };
    print("", (column) => column);
    for (const [name, results] of cases) print(name, (column) => results.get(column) ?? "-");
    if (remarks.length > 0) console.log(`\n${remarks.join("\n")}`);
  }
}

function suitesOf(test: TestCase): string[] {
  const names: string[] = [];
  for (let at = test.parent; at.type === "suite"; at = at.parent) names.unshift(at.name);
  return names;
}

/** A test that says why it is skipped stands for what can't be. */
function resultOf(test: TestCase): string {
  const result = test.result();
  const { state } = result;
  if (state === "skipped" && result.note !== undefined) return "n/a";
  return state === "passed" ? (test.meta().outcome ?? state) : state.toUpperCase();
}
