/**
 * Makes `npm start` and `npm test` work on a fresh machine: installs the npm dependencies where
 * they are missing or not those of the lock file, and the programs that the arguments name.
 *
 *     node scripts/prepare.mjs [browser] [openssl] [websockify] [nginx] [pyopenssl]...
 *
 * On Debian and its kin the programs are installed by apt-get, as root or by a sudo that asks no
 * password. Elsewhere this names what to install and ends with exit code 1. It says what it
 * installs, and nothing where all is there; servers among it Debian may start as services. Runs
 * before any dependency is installed, so it is plain JavaScript that imports nothing but Node.
 */

import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Longest time for one installation, in milliseconds. */
const installTimeout = 15 * 60_000;

/** Debian's name of this machine's architecture, where it is not Node's. */
const architecture = { x64: "x86_64", arm64: "aarch64" }[process.arch] ?? process.arch;

/** What an argument asks for: the program looked for, and the Debian packages that bring it. */
const programs = {
  browser: { command: process.env.WEBTLS_CHROMIUM || "chromium", packages: ["chromium"] },
  firefox: { command: "firefox-esr", packages: ["firefox-esr"] },
  webkit: {
    command: `/usr/lib/${architecture}-linux-gnu/webkit2gtk-4.1/MiniBrowser`,
    packages: ["libwebkit2gtk-4.1-0"],
  },
  display: { command: "Xvfb", packages: ["xvfb"] },
  openssl: { command: "openssl", packages: ["openssl"] },
  websockify: { command: "websockify", packages: ["websockify"] },
  nginx: { command: "nginx", packages: ["nginx"] },
  gnutls: { command: "gnutls-serv", packages: ["gnutls-bin"] },
  nss: { command: "selfserv", packages: ["libnss3-tools"] },
  postgres: { command: "postgres", packages: ["postgresql"] },
  dovecot: { command: "dovecot", packages: ["dovecot-imapd"] },
  tshark: { command: "tshark", packages: ["tshark"] },
  ip: { command: "ip", packages: ["iproute2"] },
  python: { command: "python3", packages: ["python3", "python3-venv"] },
};

/**
 * An OpenSSL newer than Debian's, as Python's `cryptography` brings it, in an environment of its
 * own: nothing of the system's Python changes.
 */
const pyopenssl = {
  folder: join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "webtls/pyopenssl"),
  packages: ["pyOpenSSL==26.4.0", "cryptography==50.0.2"],
};

const root = fileURLToPath(new URL("..", import.meta.url));

prepareDependencies();
const names = process.argv.slice(2);
preparePrograms(names.map((name) => (name === "pyopenssl" ? "python" : name)));
if (names.includes("pyopenssl")) preparePyopenssl();

function prepareDependencies() {
  if (dependenciesMatchLock()) return;
  say("installing the npm dependencies (npm ci)");
  const npm = process.env.npm_execpath?.endsWith("npm-cli.js")
    ? [process.execPath, process.env.npm_execpath]
    : ["npm"];
  run([...npm, "ci", "--include=dev"], "npm ci failed: see its output above.");
}

/**
 * Whether what is installed is what the lock file asks for. The versions are compared rather than
 * the files' times, which a fresh checkout changes.
 */
function dependenciesMatchLock() {
  const wanted = readPackages("package-lock.json");
  const installed = readPackages("node_modules/.package-lock.json");
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === "") return true;
    const found = installed[path];
    return found === undefined ? optional === true : found.version === version;
  });
}

function readPackages(lockFile) {
  try {
    return JSON.parse(readFileSync(join(root, lockFile), "utf8")).packages;
  } catch {
    return {};
  }
}

function preparePrograms(names) {
  for (const name of names) {
    if (!Object.hasOwn(programs, name)) {
      fail(`unknown name "${name}": expected ${Object.keys(programs).join(", ")}.`);
    }
  }
  const missing = names.map((name) => programs[name]).filter(({ command }) => !isThere(command));
  if (missing.length === 0) return;

  const commands = missing.map(({ command }) => command).join(", ");
  const packages = missing.flatMap((program) => program.packages);
  if (process.env.WEBTLS_CHROMIUM && missing.includes(programs.browser)) {
    fail(`WEBTLS_CHROMIUM names ${process.env.WEBTLS_CHROMIUM}, which is not an executable file.`);
  }
  if (!isThere("apt-get")) {
    fail(
      `not found: ${commands}. Install by your system's means what Debian calls ` +
        `${packages.join(", ")}, or name a Chromium or Chrome by WEBTLS_CHROMIUM.`,
    );
  }
  const asRoot = rootPrefix();
  if (asRoot === undefined) {
    fail(
      `not found: ${commands}. To install: ` +
        `sudo apt-get update && sudo apt-get install --yes ${packages.join(" ")}`,
    );
  }
  say(`installing ${packages.join(", ")} by apt-get`);
  const apt = [...asRoot, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"];
  run([...apt, "update"], "apt-get update failed: see its output above.");
  run(
    [...apt, "install", "--yes", "--no-install-recommends", ...packages],
    `apt-get could not install ${packages.join(", ")}: see its output above.`,
  );
  const stillMissing = missing.filter(({ command }) => !isThere(command));
  if (stillMissing.length > 0) {
    fail(`${stillMissing.map(({ command }) => command).join(", ")} not found after installing.`);
  }
}

function preparePyopenssl() {
  const { folder, packages } = pyopenssl;
  const python = join(folder, "bin/python");
  const isWhole = () => {
    const args = ["-c", "import OpenSSL.SSL"];
    return spawnSync(python, args, { stdio: "ignore", timeout: 20_000 }).status === 0;
  };
  if (isWhole()) return;
  say(`installing ${packages.join(" and ")} by pip in ${folder}`);
  run(["python3", "-m", "venv", "--clear", folder], "Python could not make an environment.");
  const pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  run([...pip, ...packages], `pip could not install ${packages.join(" ")}.`);
  if (!isWhole()) fail(`pyOpenSSL does not run after installing: remove ${folder} and try again.`);
}

/** Whether the command is a path to an executable file, or the name of one where servers are kept. */
function isThere(command) {
  const folders = command.includes("/") ? [""] : programFolders();
  return folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** PATH, and where Debian keeps what not every user's PATH holds. */
function programFolders() {
  const path = (process.env.PATH ?? "").split(delimiter);
  const postgres = "/usr/lib/postgresql";
  const versions = existsSync(postgres) ? readdirSync(postgres) : [];
  return [...path, "/usr/sbin", ...versions.map((version) => join(postgres, version, "bin"))];
}

/** What to put before a command to run it as root; undefined where that is not possible. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  const sudo = spawnSync("sudo", ["-n", "true"], { stdio: "ignore", timeout: 10_000 });
  return sudo.status === 0 ? ["sudo", "-n"] : undefined;
}

function run([command, ...args], failure) {
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    timeout: installTimeout,
    shell: process.platform === "win32" && command === "npm",
  });
  if (status !== 0) fail(failure);
}

function say(text) {
  console.log(`prepare: ${text}`);
}

function fail(text) {
  console.error(`prepare: ${text}`);
  process.exit(1);
}
