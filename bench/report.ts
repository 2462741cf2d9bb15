/**
 * What a benchmark reports, and how it is shown.
 *
 * @module
 */

/** A table, and the figures behind it. */
export interface Report {
  /** What stands above the table. */
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly notes?: readonly string[];
  /** Everything that was measured, as it goes into the results' file. */
  readonly data: unknown;
}

/** How a benchmark is run. */
export interface BenchOptions {
  /** How often each measurement is repeated; medians are reported. */
  readonly runs: number;
  /** Less of everything: to see that it works, and ratios roughly. */
  readonly short: boolean;
}

/** One of the benchmarks, as the command line knows it. */
export type Benchmark = (options: BenchOptions) => Promise<readonly Report[]>;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Markdown, with columns of one width: for terminals and documents alike. */
export function formatTable({ columns, rows }: Pick<Report, "columns" | "rows">): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => (line[at] ?? "").length)));
  const format = (line: readonly string[]) =>
    `| ${widths.map((width, at) => (line[at] ?? "").padEnd(width)).join(" | ")} |`;
  const [head = "", ...body] = lines.map(format);
  return [head, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body].join("\n");
}
