/**
 * The accounts that Debian's servers run under, where whoever runs the tests is root.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { chown } from "node:fs/promises";
import { promisify } from "node:util";

/** An account of the system. */
export interface Account {
  readonly name: string;
  readonly user: number;
  readonly group: number;
  readonly groupName: string;
}

/** The account of that name for root, which must not serve; for everyone else their own. */
export async function accountFor(name: string): Promise<Account> {
  const whose = process.getuid?.() === 0 ? [name] : [];
  const id = async (option: string) =>
    (await promisify(execFile)("id", [option, ...whose])).stdout.trim();
  return {
    name: await id("-un"),
    user: Number(await id("-u")),
    group: Number(await id("-g")),
    groupName: await id("-gn"),
  };
}

/** Hands files and folders to the account. */
export async function give({ user, group }: Account, ...paths: string[]): Promise<void> {
  for (const path of paths) await chown(path, user, group);
}

/** The command, run by the account. Its process becomes the command's own. */
export function runBy({ user, group }: Account, command: string, args: readonly string[]) {
  if (process.getuid?.() === user) return { command, args };
  const whose = [`--reuid=${user}`, `--regid=${group}`, "--clear-groups"];
  return { command: "setpriv", args: [...whose, command, ...args] };
}
