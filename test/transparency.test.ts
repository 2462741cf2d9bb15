/**
 * Certificate Transparency in real handshakes: OpenSSL's `s_server` and Node's `tls` present what
 * the test authority has had logged. OpenSSL's `s_client` and pkijs verify the same timestamps, so
 * that the test's log is none that only we understand.
 */

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pkijs from "pkijs";
import { beforeAll, describe, expect, test } from "vitest";
import type { Bytes } from "../src/crypto/bytes.ts";
import {
  type CertificateTransparency,
  type ConnectTlsOptions,
  connectTls,
  type TraceEvent,
} from "../src/stream/duplex.ts";
import { type Authority, createAuthority, type Issued } from "./authority.ts";
import { bitString, extension } from "./der-writer.ts";
import { failureOf } from "./failure.ts";
import { ocspResponse, type ResponsePieces } from "./ocsp.ts";
import { writeText } from "./servers/folder.ts";
import { startOpenssl } from "./servers/openssl.ts";
import { openSocket } from "./servers/socket.ts";
import {
  createLog,
  issueLogged,
  issueWithTimestamps,
  oids,
  serverinfoOf,
  type TestLog,
  timestampExtension,
} from "./transparency-log.ts";

const names = ["localhost", "127.0.0.1"];
const versions = ["TLSv1.3", "TLSv1.2"] as const;
const flag = { "TLSv1.3": "-tls1_3", "TLSv1.2": "-tls1_2" } as const;

let root: Authority;
let issuer: Authority;
let logs: readonly [TestLog, TestLog];
beforeAll(async () => {
  root = await createAuthority();
  issuer = await root.intermediate();
  logs = await Promise.all([createLog("one"), createLog("two", "somebody else", "rsa-2048")]);
});

const optionOf = (known: readonly TestLog[]): CertificateTransparency => ({
  logs: known.map((log) => log.option()),
});

/** Connects to `s_server` with these options, and tells what came of it. */
async function connect(
  identity: Issued,
  options: Partial<ConnectTlsOptions>,
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
) {
  const server = await startOpenssl(identity, args, "reverse", files);
  try {
    const tls = connectTls(await openSocket(server.port), {
      hostname: "localhost",
      roots: root.pem,
      ...options,
    });
    const info = await tls.opened;
    await tls.close();
    return info;
  } finally {
    await server.stop();
  }
}

describe.each(versions)("%s", (version) => {
  const args = [flag[version]];

  test("a certificate with timestamps of known logs is taken, and the logs are told", async () => {
    const steps: TraceEvent[] = [];
    const info = await connect(
      await issueLogged(issuer, { names }, logs),
      { certificateTransparency: optionOf(logs), trace: (step) => void steps.push(step) },
      args,
    );
    expect(info.verifiedPath).toHaveLength(2);
    expect(steps).toContainEqual(
      expect.objectContaining({ kind: "certificate-logged", logs: ["one", "two"] }),
    );
  });

  test("one with too few, of unknown logs, or changed ones is refused", async () => {
    const certificateTransparency = optionOf(logs);
    const [one] = logs;
    const changed = { tamper: (signature: Buffer) => signature.reverse() };
    for (const [leaf, reason] of [
      [await issuer.issue({ names }), "There are no others"],
      [await issueLogged(issuer, { names }, [one]), "one of operator of one"],
      [await issueLogged(issuer, { names }, [one, await createLog("x")]), "is not among those"],
      [await issueLogged(issuer, { names }, logs, changed), "one did not sign it"],
    ] as const) {
      const error = await failureOf(() => connect(leaf, { certificateTransparency }, args));
      expect(error).toMatchObject({
        code: "certificate/not-logged",
        alertSent: "certificate_unknown",
        phase: "handshake",
      });
      expect(error.message).toContain(reason);
    }
  });

  test("timestamps in the handshake are asked for, and count", async () => {
    const leaf = await issuer.issue({ names });
    const certificateTransparency = optionOf(logs);
    const files = (made: TestLog["timestamp"][], certificate = leaf.certificate) => ({
      "-serverinfo": serverinfoOf(made.map((timestamp) => timestamp({ certificate }))),
    });
    const both = logs.map(({ timestamp }) => timestamp);
    const info = await connect(leaf, { certificateTransparency }, args, files(both));
    expect(info.signedCertificateTimestamps).toHaveLength(2);

    const [first] = both;
    const wrong = [files(first === undefined ? [] : [first]), files(both, root.certificate)];
    for (const presented of wrong) {
      const error = await failureOf(() =>
        connect(leaf, { certificateTransparency }, args, presented),
      );
      expect(error.code).toBe("certificate/not-logged");
    }
    const unasked = { certificateTransparency, signedCertificateTimestamps: false };
    const error = await failureOf(() => connect(leaf, unasked, args, files(both)));
    expect(error.code).toBe("certificate/not-logged");
  });
});

describe.each(versions)("stapled, %s", (version) => {
  test("timestamps of a response that says good count", async () => {
    const leaf = await issuer.issue({ names });
    const certificateTransparency = optionOf(logs);
    const args = [flag[version]];
    const through = (response: Bytes, options: Partial<ConnectTlsOptions> = {}) =>
      withStatusFile(response, (file) =>
        connect(leaf, { certificateTransparency, ...options }, [...args, "-status_file", file]),
      );
    const info = await through(statusWith(leaf, leaf.certificate));
    expect(info.ocspResponse).toBeDefined();

    const ofAnother = await failureOf(() => through(statusWith(leaf, root.certificate)));
    expect(ofAnother.code).toBe("certificate/not-logged");
    expect(ofAnother.message).toContain("stapled: one did not sign it for this certificate");
    const unasked = { ocspStapling: false };
    const error = await failureOf(() => through(statusWith(leaf, leaf.certificate), unasked));
    expect(error.code).toBe("certificate/not-logged");
  });

  test("those of a response that is not to be relied on don't", async () => {
    const leaf = await issuer.issue({ names });
    const options = { certificateTransparency: optionOf(logs) };
    const forged = statusWith(leaf, leaf.certificate, { signature: bitString(new Uint8Array(70)) });
    const error = await failureOf(() =>
      withStatusFile(forged, (file) =>
        connect(leaf, options, [flag[version], "-status_file", file]),
      ),
    );
    expect(error.code).toBe("certificate/bad-status-response");
  });
});

test("without the option nothing is asked of logs", async () => {
  await connect(await issuer.issue({ names }), {}, []);
});

test("a list of logs that is wrong fails before anything is sent", async () => {
  const leaf = await issuer.issue({ names });
  const certificateTransparency = { logs: [{ publicKey: "AAAA", operator: "somebody" }] };
  const error = await failureOf(() => connect(leaf, { certificateTransparency }, []));
  expect(error.code).toBe("configuration/invalid-option");
  expect(error.message).toContain("certificateTransparency.logs[0].publicKey");
});

describe("outside implementations take the test's timestamps", () => {
  test("OpenSSL's s_client, embedded and in the handshake", async () => {
    const embedded = await issueLogged(issuer, { names }, logs);
    expect(await seenByOpenssl(embedded)).toEqual(["valid", "valid"]);
    const { certificate } = embedded;
    const sent = serverinfoOf(logs.map(({ timestamp }) => timestamp({ certificate })));
    expect(await seenByOpenssl(embedded, { "-serverinfo": sent })).toEqual(
      Array.from({ length: 4 }, () => "valid"),
    );
    const leaf = await issuer.issue({ names });
    const seen = await withStatusFile(statusWith(leaf, leaf.certificate), (file) =>
      seenByOpenssl(leaf, {}, ["-status_file", file]),
    );
    expect(seen).toEqual(["valid", "valid"]);
    const swapped = await issueWithTimestamps(issuer, { names }, () =>
      logs.map(({ timestamp }) => timestamp({ certificate })),
    );
    expect(await seenByOpenssl(swapped)).toEqual(["invalid", "invalid"]);
  });

  test("pkijs, embedded", async () => {
    const { certificate } = await issueLogged(issuer, { names }, logs);
    const known = logs.map(({ id, publicKey }) => ({
      log_id: Buffer.from(id).toString("base64"),
      key: Buffer.from(publicKey).toString("base64"),
    }));
    const read = (der: Uint8Array<ArrayBuffer>) => pkijs.Certificate.fromBER(der.buffer);
    const leaf = read(certificate);
    const above = read(issuer.certificate);
    expect(await pkijs.verifySCTsForCertificate(leaf, above, known)).toEqual([true, true]);
  });
});

/** An OCSP response that says good, with a timestamp of each log for a certificate. */
function statusWith(leaf: Issued, certificate: Bytes, pieces: ResponsePieces = {}): Bytes {
  const timestamps = logs.map(({ timestamp }) => timestamp({ certificate }));
  const value = timestampExtension(timestamps);
  const extensions = [extension(oids.stapledTimestamps, false, value)];
  return ocspResponse(issuer, leaf, { answers: [{ extensions }], ...pieces });
}

async function withStatusFile<T>(
  response: Bytes,
  action: (file: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "webtls-status-"));
  try {
    const file = join(folder, "response.der");
    await writeFile(file, response);
    return await action(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What `s_client` says of each timestamp that `s_server` presents. */
async function seenByOpenssl(
  identity: Issued,
  files: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "webtls-transparency-"));
  const server = await startOpenssl(identity, ["-tls1_2", ...args], "reverse", files);
  try {
    const sections = logs.map(({ name, publicKey }) => {
      const key = Buffer.from(publicKey).toString("base64");
      return `[${name}]\ndescription = ${name}\nkey = ${key}\n`;
    });
    const enabled = `enabled_logs = ${logs.map(({ name }) => name).join(",")}\n`;
    const list = await writeText(folder, "logs.cnf", enabled + sections.join(""));
    const anchors = await writeText(folder, "root.pem", root.pem);
    const output = await new Promise<string>((resolve, reject) => {
      const child = execFile(
        "openssl",
        [
          "s_client",
          ...["-connect", `127.0.0.1:${server.port}`, "-CAfile", anchors],
          ...["-verify_return_error", "-ct", "-ctlogfile", list],
        ],
        { timeout: 20_000 },
        // It ends with an error where a signature is wrong, after it has said which.
        (error, stdout, stderr) => {
          if (stdout.includes("SCT validation status")) resolve(stdout);
          else reject(new Error(stderr, { cause: error }));
        },
      );
      child.stdin?.end();
    });
    return [...output.matchAll(/SCT validation status: (\S+)/g)].map(([, status = ""]) => status);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
