import { execFile } from "node:child_process";
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const script = fileURLToPath(new URL("../scripts/prepare.mjs", import.meta.url));

/** A project with the script, and a PATH with nothing but the programs given, in shell. */
async function startProject(programs: Record<string, string> = {}) {
  const folder = await mkdtemp(join(tmpdir(), "webtls-prepare-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const bin = join(folder, "bin");
  for (const name of ["bin", "scripts", "node_modules"]) await mkdir(join(folder, name));
  await copyFile(script, join(folder, "scripts/prepare.mjs"));
  for (const tool of ["/usr/bin/env", "/usr/bin/basename", "/usr/bin/dirname", "/bin/cp"])
    await symlink(tool, join(bin, basename(tool)));
  const install = async (name: string, code: string) => {
    await writeFile(join(bin, name), `#!/bin/sh\n${code}\n`);
    await chmod(join(bin, name), 0o755);
  };
  // Whoever runs the tests may be root or not.
  await install("sudo", '[ "$1" = -n ] && shift; [ "$1" = true ] || exec "$@"');
  for (const [name, code] of Object.entries(programs)) await install(name, code);
  const lock = (file: string, packages: object) =>
    writeFile(join(folder, file), JSON.stringify({ packages: { "": {}, ...packages } }));
  await lock("package-lock.json", {});
  return {
    bin,
    lock,
    calls: () => readFile(join(folder, "calls"), "utf8").catch(() => ""),
    run: (args: string[], env: Record<string, string> = {}) =>
      new Promise<{ code: number; output: string }>((resolve) => {
        const options = { env: { PATH: bin, CALLS: join(folder, "calls"), ...env } };
        execFile(
          process.execPath,
          [join(folder, "scripts/prepare.mjs"), ...args],
          options,
          (error, stdout, stderr) => {
            resolve({
              code: typeof error?.code === "number" ? error.code : 0,
              output: stdout + stderr,
            });
          },
        );
      }),
  };
}

const recordCall = 'echo "$(basename "$0") $*" >> "$CALLS"';
const installing = `${recordCall}; case "$*" in *install*) cp "$0" "$(dirname "$0")/chromium";; esac`;

test("is quiet where all is there", async () => {
  const project = await startProject({ chromium: "", openssl: "", websockify: "" });
  expect(await project.run(["browser", "openssl", "websockify"])).toEqual({ code: 0, output: "" });
});

test.each([
  { why: "missing", installed: {}, runs: true },
  { why: "of another version", installed: { "node_modules/a": { version: "1.0.0" } }, runs: true },
  {
    why: "those of the lock file",
    installed: { "node_modules/a": { version: "2.0.0" } },
    runs: false,
  },
])("runs npm ci where dependencies are $why: $runs", async ({ installed, runs }) => {
  const project = await startProject({ npm: recordCall });
  await project.lock("package-lock.json", {
    "node_modules/a": { version: "2.0.0" },
    "node_modules/of-another-platform": { version: "1.0.0", optional: true },
  });
  await project.lock("node_modules/.package-lock.json", installed);
  expect((await project.run([])).code).toBe(0);
  expect(await project.calls()).toBe(runs ? "npm ci --include=dev\n" : "");
});

test("ends with a failing npm ci", async () => {
  const project = await startProject({ npm: "exit 1" });
  await project.lock("package-lock.json", { "node_modules/a": { version: "2.0.0" } });
  const { code, output } = await project.run([]);
  expect(code).toBe(1);
  expect(output).toContain("npm ci failed");
});

test("installs by apt-get what is missing, and says so", async () => {
  const project = await startProject({ "apt-get": installing, openssl: "" });
  const { code, output } = await project.run(["browser", "openssl"]);
  expect(output).toContain("installing chromium by apt-get");
  expect(code).toBe(0);
  expect(await project.calls()).toBe(
    "apt-get --quiet update\n" + "apt-get --quiet install --yes --no-install-recommends chromium\n",
  );
});

test("fails where apt-get fails", async () => {
  const project = await startProject({ "apt-get": "exit 100" });
  const { code, output } = await project.run(["websockify"]);
  expect(code).toBe(1);
  expect(output).toContain("apt-get update failed");
});

test("names the package that apt-get can't install", async () => {
  const noSuchPackage = 'case "$*" in *install*) exit 100;; esac';
  const project = await startProject({ "apt-get": noSuchPackage, openssl: "" });
  const { code, output } = await project.run(["openssl", "nss"]);
  expect(code).toBe(1);
  expect(output).toContain("could not install libnss3-tools");
});

test("names what to install where there is no apt-get", async () => {
  const project = await startProject({ openssl: "" });
  const { code, output } = await project.run(["browser", "openssl", "websockify"]);
  expect(code).toBe(1);
  expect(output).toContain("not found: chromium, websockify.");
  expect(output).not.toContain("openssl");
});

test("takes the browser that WEBTLS_CHROMIUM names", async () => {
  const project = await startProject({ chrome: "" });
  const named = (name: string) => ({ WEBTLS_CHROMIUM: join(project.bin, name) });
  expect((await project.run(["browser"], named("chrome"))).code).toBe(0);
  const { code, output } = await project.run(["browser"], named("elsewhere"));
  expect(code).toBe(1);
  expect(output).toContain("WEBTLS_CHROMIUM names");
});

test("refuses a name it does not know", async () => {
  const { code, output } = await (await startProject()).run(["browsers"]);
  expect(code).toBe(1);
  expect(output).toContain('unknown name "browsers"');
});
