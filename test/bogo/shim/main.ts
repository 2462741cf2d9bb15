/**
 * The shim that BoringSSL's test runner starts for each test: a TLS client over `webtls/core`,
 * steered by flags. It knows no test by name.
 *
 *     shim -port N -shim-id M [-ipv6] FLAGS…
 *
 * Exit code 0 where all went as the flags want it, 89 where a flag asks for something that webtls
 * does not have, 1 otherwise, with the reason on stderr.
 *
 * @module
 */

import { TlsError } from "../../../src/stream/duplex.ts";
import { Client } from "./client.ts";
import { parseFlags, Unimplemented } from "./flags.ts";

/** What the runner takes for "not implemented". */
const unimplementedCode = 89;

if (process.argv[2] === "-is-handshaker-supported") {
  console.log("No");
} else {
  await run(process.argv.slice(2)).catch(fail);
}
// Sockets that the runner keeps open are no reason to stay.
process.exit();

async function run(args: readonly string[]): Promise<void> {
  const invocation = parseFlags(args);
  const client = new Client(invocation);
  for (let index = 0; index <= invocation.resumeCount; index++) await client.connect(index);
}

function fail(error: unknown): void {
  if (error instanceof Unimplemented) {
    console.error(error.message);
    process.exitCode = unimplementedCode;
    return;
  }
  process.exitCode = 1;
  console.error(error instanceof TlsError ? `${error.code}: ${explain(error)}` : error);
}

/** The alert is told by its name, so that a test that expects one can be held against it. */
function explain({ message, alertReceived, cause }: TlsError): string {
  const alert = alertReceived === undefined ? "" : ` (received ${alertReceived})`;
  const reason = cause === undefined ? "" : `\n${cause instanceof Error ? cause.stack : cause}`;
  return `${message}${alert}${reason}`;
}
