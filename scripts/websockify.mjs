/**
 * Runs the real websockify beside `npm start`, to the same local servers. It takes its targets from
 * the token file that `npm start` writes, which it reads anew for each connection: either may be
 * started first.
 */

import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";

const listen = "127.0.0.1:6080";
const folder = fileURLToPath(new URL("../.run/", import.meta.url));
const tokenFile = `${folder}websockify-targets`;

mkdirSync(folder, { recursive: true });
// Opened for appending, it is made where it is missing and left as it is where it is not.
closeSync(openSync(tokenFile, "a"));

const websockify = spawn(
  "websockify",
  ["--token-plugin", "TokenFile", "--token-source", tokenFile, "--heartbeat", "30", listen],
  { stdio: ["ignore", "inherit", "inherit"] },
);
websockify.once("spawn", () => console.log(`websockify listens at ws://${listen}/`));
websockify.once("error", (error) => {
  console.error(`websockify could not be started: ${error.message}`);
  process.exitCode = 1;
});
websockify.once("exit", (code) => {
  process.exitCode = code ?? 0;
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => websockify.kill(signal));
}
