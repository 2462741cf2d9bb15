/**
 * tshark, Wireshark's own eyes without its windows.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { pcapOf, serverPort } from "./pcap.ts";
import type { Recording } from "./recording.ts";

/** The plaintext that was found in a recording. */
export interface Decrypted {
  readonly toServer: Buffer;
  readonly toClient: Buffer;
}

/** @param keyLog lines of an NSS key log (RFC 9850); with none it finds nothing. */
export async function decrypt(recording: Recording, keyLog: readonly string[]): Promise<Decrypted> {
  const folder = await mkdtemp(join(tmpdir(), "webtls-tshark-"));
  try {
    const capture = join(folder, "capture.pcap");
    const keys = join(folder, "keys.log");
    await writeFile(capture, pcapOf(recording));
    await writeFile(keys, keyLog.map((line) => `${line}\n`).join(""));
    const { stdout } = await promisify(execFile)(
      "tshark",
      [
        // None of the settings of whoever runs the tests, and no names of hosts.
        ...["-n", "-r", capture, "-d", `tcp.port==${serverPort},tls`],
        ...["-o", `tls.keylog_file:${keys}`, "-q", "-z", "follow,tls,raw,0"],
      ],
      { maxBuffer: 64 << 20, timeout: 60_000, env: { ...process.env, HOME: folder } },
    );
    return followed(stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Lines in hex. Those of node 1 are indented by a tab; which of the two is node 0 is said above them,
 * and depends on who was first to send data that could be decrypted, a ticket included.
 */
function followed(output: string): Decrypted {
  const [, port] = /^Node 0: .*:(\d+)$/m.exec(output) ?? [];
  const isServerFirst = Number(port) === serverPort;
  const lines = output.split("\n").filter((line) => /^\t?[0-9a-f]+$/.test(line));
  const bytes = (indented: boolean) => {
    const own = lines.filter((line) => line.startsWith("\t") === indented);
    return Buffer.from(own.map((line) => line.trim()).join(""), "hex");
  };
  return { toServer: bytes(isServerFirst), toClient: bytes(!isServerFirst) };
}
