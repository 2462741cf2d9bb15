/**
 * The `.test` files of BoringSSL's chain corpus (`verify_certificate_chain_unittest/README`).
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Bytes } from "../../../src/crypto/bytes.ts";
import { certificatesFromPem } from "../../../src/x509/pem.ts";

/** One of them. */
export interface ChainCase {
  /** Folder and file, without its ending. */
  readonly id: string;
  /** DER, leaf first, the root last. */
  readonly chain: readonly Bytes[];
  /** What the last certificate is trusted as. */
  readonly trust: string;
  readonly purpose: string;
  readonly now: Date;
  readonly isValid: boolean;
}

/** Reads all of the folder. */
export function readChainCases(folder: string): ChainCase[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test"))
    .sort()
    .map((path) => readChainCase(folder, path));
}

function readChainCase(folder: string, path: string): ChainCase {
  const file = readFileSync(join(folder, path), "utf8");
  const [settings = "", errors = ""] = file.split("expected_errors:");
  const setting = (key: string) => {
    const value = new RegExp(`^${key}: (.*)$`, "m").exec(settings)?.[1];
    if (value === undefined) throw new Error(`${path} has no ${key}`);
    return value.trim();
  };
  const pem = readFileSync(join(folder, dirname(path), setting("chain")), "utf8");
  return {
    id: path.replace(/\.test$/, ""),
    chain: certificatesFromPem(pem),
    trust: setting("last_cert_trust"),
    purpose: setting("key_purpose"),
    now: time(setting("utc_time")),
    isValid: !/^ERROR:/m.test(errors),
  };
}

/** A UTCTime of this century; the usual one where it is `DEFAULT`. */
function time(text: string): Date {
  const digits = text === "DEFAULT" ? "211005120000Z" : text;
  return new Date(digits.replace(/^(..)(..)(..)(..)(..)(..)Z$/, "20$1-$2-$3T$4:$5:$6Z"));
}
