#!/usr/bin/env node
/**
 * The `webtls` command.
 *
 * @module
 */

import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Bridge, createBridge } from "./bridge.ts";
import { parseTarget } from "./target.ts";

const usage = `Usage: webtls bridge --allow <host:port> --origin <origin> [options]

Carries the bytes of web pages' WebSockets to TCP servers and back:
ws://<listen>/?address=<host:port>

  --listen <host:port>       where to listen (default: 127.0.0.1:8080)
  --allow <host:port>        a target pages may name; repeatable. The host may begin with "*."
                             and the port may be "*", e.g. "*.example.org:443"
  --target <host:port>       the target of a URL that names none
  --origin <origin>          whose pages may connect, e.g. https://app.example; repeatable
  --dangerous-any-origin     lets every page of the web connect, and programs without origin
  --dangerous-any-target     lets them reach everything that this machine reaches
  --connect-timeout <s>      longest wait for a target in seconds (default: 10)
  --max-connections <n>      connections at a time (default: 1000)
  --quiet                    no line for each connection
  --help                     this text
`;

/** A command line that can't be followed; the message is for the person who wrote it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A bridge that listens, and where. */
export interface RunningBridge {
  bridge: Bridge;
  /** `ws://host:port/` */
  url: string;
}

/**
 * Starts what a command line asks for.
 *
 * @param args without the names of Node and the script.
 * @param print takes the lines for the terminal.
 * @returns undefined where the command line asked for the usage only.
 * @throws UsageError
 */
export async function run(
  args: readonly string[],
  print: (line: string) => void,
): Promise<RunningBridge | undefined> {
  const { values, positionals } = parse(args);
  if (values.help) {
    print(usage);
    return undefined;
  }
  if (positionals.length !== 1 || positionals[0] !== "bridge") {
    throw new UsageError("expected one command: bridge");
  }
  if (values.allow.length === 0 && values.target === undefined && !values["dangerous-any-target"]) {
    throw new UsageError("nothing is allowed: name targets by --allow or --target");
  }
  if (values.origin.length === 0 && !values["dangerous-any-origin"]) {
    throw new UsageError("no page is allowed: name origins by --origin");
  }
  const listen = parseListen(values.listen);
  const bridge = createChecked({
    allow: values.allow,
    ...(values.target === undefined ? {} : { target: values.target }),
    origins: values.origin,
    dangerousAnyOrigin: values["dangerous-any-origin"],
    dangerousAnyTarget: values["dangerous-any-target"],
    connectTimeout: 1000 * parseCount("connect-timeout", values["connect-timeout"]),
    maxConnections: parseCount("max-connections", values["max-connections"]),
    ...(values.quiet ? {} : { log: print }),
  });
  const { address, port, family } = await bridge.listen(listen.port, listen.hostname);
  const url = `ws://${family === "IPv6" ? `[${address}]` : address}:${port}/`;
  print(`webtls bridge listens at ${url}`);
  return { bridge, url };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        listen: { type: "string", default: "127.0.0.1:8080" },
        allow: { type: "string", multiple: true, default: [] },
        target: { type: "string" },
        origin: { type: "string", multiple: true, default: [] },
        "dangerous-any-origin": { type: "boolean", default: false },
        "dangerous-any-target": { type: "boolean", default: false },
        "connect-timeout": { type: "string", default: "10" },
        "max-connections": { type: "string", default: "1000" },
        quiet: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

/** Port 0, which no target can have, asks for a free port. */
function parseListen(text: string): { hostname: string; port: number } {
  const isAnyPort = text.endsWith(":0");
  const address = parseTarget(isAnyPort ? `${text.slice(0, -1)}1` : text);
  if (address === undefined) throw new UsageError(`--listen ${text}: expected host:port`);
  return { hostname: address.hostname, port: isAnyPort ? 0 : address.port };
}

function parseCount(option: string, text: string): number {
  const count = Number(text);
  if (!/^[0-9]{1,7}$/.test(text) || count === 0) {
    throw new UsageError(`--${option} ${text}: expected a number from 1 to 9999999`);
  }
  return count;
}

function createChecked(options: Parameters<typeof createBridge>[0]): Bridge {
  try {
    return createBridge(options);
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function main(): Promise<void> {
  try {
    const running = await run(process.argv.slice(2), (line) => console.log(line));
    const stop = () => void running?.bridge.close();
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    console.error(`webtls: ${messageOf(error)}${isUsage ? "\nTry webtls --help" : ""}`);
    process.exitCode = isUsage ? 2 : 1;
  }
}

/** npm starts a command through a link, which Node resolves in one of the two paths only. */
function isStartedAsCommand(): boolean {
  const script = process.argv[1];
  return script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url);
}

if (isStartedAsCommand()) await main();
