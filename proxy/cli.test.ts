import { expect, onTestFinished, test } from "vitest";
import { run, UsageError } from "./cli.ts";
import { idle, openPage, pageOrigin, startTarget } from "./fixtures.ts";

test("starts a bridge as the command line says", async () => {
  const lines: string[] = [];
  const address = await startTarget(idle);
  const running = await run(
    ["bridge", "--listen", "127.0.0.1:0", "--allow", address, "--origin", pageOrigin],
    (line) => lines.push(line),
  );
  onTestFinished(async () => running?.bridge.close());
  expect(lines).toEqual([`webtls bridge listens at ${running?.url}`]);

  await openPage(`${running?.url}?address=${address}`).opened;
  expect((await openPage(`${running?.url}?address=localhost:1`).closed).code).toBe(4403);
  await expect(
    openPage(`${running?.url}?address=${address}`, { origin: "https://evil.example" }).opened,
  ).rejects.toThrow("403");
  expect(lines.slice(1)).toEqual([
    `opened ${address}`,
    "refused a connection: the bridge does not allow this target",
    'refused the origin "https://evil.example"',
  ]);
});

test("prints its usage", async () => {
  const lines: string[] = [];
  expect(await run(["--help"], (line) => lines.push(line))).toBeUndefined();
  expect(lines.join("")).toContain("Usage: webtls bridge");
});

const allow = ["--allow", "example.org:443"];
const origin = ["--origin", pageOrigin];

test.each([
  { args: [], says: "expected one command" },
  { args: ["serve"], says: "expected one command" },
  { args: ["bridge"], says: "--allow" },
  { args: ["bridge", ...origin], says: "--allow" },
  { args: ["bridge", ...allow], says: "--origin" },
  { args: ["bridge", ...allow, "--origin", "*"], says: '"*" is not an origin' },
  { args: ["bridge", ...origin, "--allow", "*"], says: '"*" is not an allow pattern' },
  { args: ["bridge", ...allow, ...origin, "--listen", "8080"], says: "--listen 8080" },
  { args: ["bridge", ...allow, ...origin, "--max-connections", "0"], says: "--max-connections" },
  { args: ["bridge", ...allow, ...origin, "--verbose"], says: "--verbose" },
])("refuses $args with a word on it", async ({ args, says }) => {
  const failure = run(args, () => {});
  await expect(failure).rejects.toThrow(UsageError);
  await expect(failure).rejects.toThrow(says);
});
