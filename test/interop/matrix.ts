/**
 * Prints, behind all else, what each server did in each case.
 *
 * @module
 */

import type { Reporter, TestCase, TestModule } from "vitest/node";

/** Expects the servers as the outermost suites, and tests anywhere within. */
export default class Matrix implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const servers = new Set<string>();
    const cases = new Map<string, Map<string, string>>();
    for (const test of modules.flatMap((module) => [...module.children.allTests()])) {
      const [server = "", ...path] = suitesOf(test);
      servers.add(server);
      const name = [...path, test.name].join(", ");
      const results = cases.get(name) ?? new Map<string, string>();
      cases.set(name, results.set(server, resultOf(test)));
    }
    const longest = Math.max(0, ...[...cases.keys()].map((name) => name.length));
    const print = (name: string, cell: (server: string) => string) => {
      const cells = [...servers].map((server) => cell(server).padEnd(Math.max(6, server.length)));
      console.log([name.padEnd(longest), ...cells].join("  ").trimEnd());
    };
    print("", (server) => server);
    for (const [name, results] of cases) print(name, (server) => results.get(server) ?? "-");
  }
}

function suitesOf(test: TestCase): string[] {
  const names: string[] = [];
  for (let at = test.parent; at.type === "suite"; at = at.parent) names.unshift(at.name);
  return names;
}

function resultOf(test: TestCase): string {
  const { state } = test.result();
  return state === "passed" ? state : state.toUpperCase();
}
