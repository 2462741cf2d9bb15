/**
 * Installs the peers from npm into a folder of their own under `.run`, which git ignores. The project
 * does not depend on them, and nothing of them is shipped.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const manifest = fileURLToPath(new URL("package.json", import.meta.url));

/** Where they are. */
export const peersFolder = fileURLToPath(new URL("../../.run/bench/peers", import.meta.url));

/** Longest time that npm may take, in milliseconds. */
const installTime = 180_000;

/**
 * Has npm install what is missing or of another version; their install scripts are not run.
 *
 * @throws Error that says what npm has said.
 */
export async function installPeers(): Promise<void> {
  if (await arePeersInstalled()) return;
  await mkdir(peersFolder, { recursive: true });
  await copyFile(manifest, `${peersFolder}/package.json`);
  await npm(["install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]);
}

/** Whether all of them are there, in the versions that the manifest names. */
export async function arePeersInstalled(): Promise<boolean> {
  const { dependencies } = JSON.parse(await readFile(manifest, "utf8"));
  for (const [name, wanted] of Object.entries<string>(dependencies)) {
    const version = wanted.slice(wanted.lastIndexOf("@") + 1);
    if ((await installedVersion(name)) !== version) return false;
  }
  return true;
}

async function installedVersion(name: string): Promise<string | undefined> {
  try {
    const text = await readFile(`${peersFolder}/node_modules/${name}/package.json`, "utf8");
    return JSON.parse(text).version;
  } catch {
    return undefined;
  }
}

function npm(args: readonly string[]): Promise<void> {
  const child = spawn("npm", [...args, "--prefix", peersFolder], {
    cwd: peersFolder,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: installTime,
    killSignal: "SIGKILL",
  });
  let said = "";
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else
        reject(
          new Error(`npm could not install the peers: ${reasonIn(said) ?? code ?? "too slow"}`),
        );
    });
  });
}

/** The line that says most of what npm says. */
function reasonIn(said: string): string | undefined {
  return said.split("\n").find((line) => /^npm error (?!code|syscall|errno|type)/.test(line));
}
