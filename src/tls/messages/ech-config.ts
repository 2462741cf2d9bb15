/**
 * ECHConfigList: the keys and the public name of a server that takes an encrypted ClientHello
 * (RFC 9849 §4).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { Reader } from "./reader.ts";

/** ECHConfig.version, which is the extension's number too. */
const supportedVersion = 0xfe0d;

/** KDF and AEAD of a suite, by their numbers in HPKE (RFC 9180 §7). */
export interface HpkeSymmetricSuite {
  readonly kdf: number;
  readonly aead: number;
}

/** One configuration that may be used, as far as its algorithms are known. */
export interface EchConfig {
  /** The whole ECHConfig, which HPKE is bound to. */
  readonly encoded: Bytes;
  readonly id: number;
  readonly kem: number;
  readonly publicKey: Bytes;
  readonly suites: readonly HpkeSymmetricSuite[];
  /** Longest name of a server behind this one, in bytes; 0 where it is not known. */
  readonly maximumNameLength: number;
  /** Of the server that decrypts, as a DNS name in lower case. */
  readonly publicName: string;
}

/**
 * The configurations of a list, most wanted first, without those a client has to ignore: of another
 * version, with a mandatory extension (none is known), with a public name that is no host name.
 *
 * @throws TlsError `handshake/decode-error`.
 */
export function decodeEchConfigList(bytes: Bytes): EchConfig[] {
  const what = "ECHConfigList";
  const configs = Reader.parse(bytes, what, (list) =>
    list.list(2, 4, (r) => {
      const version = r.u16();
      const contents = r.vector(2);
      if (version !== supportedVersion) return undefined;
      return Reader.parse(contents, "ECHConfig", (inner) => readContents(inner, contents));
    }),
  );
  return configs.filter((config) => config !== undefined);
}

function readContents(r: Reader, contents: Bytes): EchConfig | undefined {
  const id = r.u8();
  const kem = r.u16();
  const publicKey = r.vector(2, 1);
  const suites = r.list(2, 4, (s) => ({ kdf: s.u16(), aead: s.u16() }));
  const maximumNameLength = r.u8();
  const publicName = String.fromCharCode(...r.vector(1, 1)).toLowerCase();
  const extensions = r.list(2, 0, (e) => {
    const type = e.u16();
    e.vector(2);
    return type;
  });
  // The bit says that nobody may use the rest without understanding it (RFC 9849 §4.2).
  const isMandatory = extensions.some((type) => type >= 0x8000);
  const isDuplicated = new Set(extensions).size !== extensions.length;
  if (isMandatory || isDuplicated || !isHostName(publicName)) return undefined;
  // With the version and the length in front.
  const encoded = new Uint8Array(contents.buffer, contents.byteOffset - 4, contents.length + 4);
  return { encoded, id, kem, publicKey, suites, maximumNameLength, publicName };
}

/** Labels of letters, digits and hyphens, and nothing that could be an IPv4 address (RFC 9849 §6.1.7). */
function isHostName(name: string): boolean {
  const labels = name.split(".");
  const last = labels.at(-1) ?? "";
  return (
    labels.every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label)) &&
    !/^([0-9]+|0x[0-9a-f]*)$/.test(last)
  );
}
