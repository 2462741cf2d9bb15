/**
 * Runs the real websockify beside `npm start`, to the same local servers. It takes its targets from
 * the token file that `npm start` writes, which it reads anew for each connection: either may be
 * started first.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const host = "127.0.0.1";
const port = 6080;
const listen = `${host}:${port}`;
const folder = fileURLToPath(new URL("../.run/", import.meta.url));
const tokenFile = `${folder}websockify-targets`;

mkdirSync(folder, { recursive: true });
if (await isAnswered()) {
  console.error(`websockify could not be started: ${listen} is taken by another program`);
  process.exit(1);
}

// Opened for appending, it is made where it is missing and left as it is where it is not.
closeSync(openSync(tokenFile, "a"));

const websockify = spawn(
  "websockify",
  ["--token-plugin", "TokenFile", "--token-source", tokenFile, "--heartbeat", "30", listen],
  { stdio: ["ignore", "inherit", "inherit"] },
);
let isRunning = true;
websockify.once("error", (error) => {
  console.error(`websockify could not be started: ${error.message}`);
  isRunning = false;
  process.exitCode = 1;
});
websockify.once("exit", (code) => {
  isRunning = false;
  process.exitCode = code ?? 0;
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => websockify.kill(signal));
}

// websockify says nothing when it begins to listen. A port that it can't have ends it.
while (isRunning && !(await isAnswered())) await wait(100);
if (isRunning) console.log(`websockify listens at ws://${listen}/`);

/** Whether a program takes connections where websockify is to listen. */
async function isAnswered() {
  const socket = connect(port, host);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
