/**
 * Pieces of certificates, right ones.
 *
 * @module
 */

import type { Bytes } from "../../../src/crypto/bytes.ts";
import {
  boolean,
  commonName,
  element,
  extension,
  integer,
  octets,
  oid,
  sequence,
  text,
} from "../../der-writer.ts";
import type { Signer } from "./signers.ts";

export const keyUsage = (bits: number, unused: number) =>
  extension("2.5.29.15", true, element(0x03, Uint8Array.of(unused, bits)));
export const serverAuth = extension("2.5.29.37", false, sequence(oid("1.3.6.1.5.5.7.3.1")));
export const bothPurposes = extension(
  "2.5.29.37",
  false,
  sequence(oid("1.3.6.1.5.5.7.3.2"), oid("1.3.6.1.5.5.7.3.1")),
);
export const certificateSign = keyUsage(0x06, 1);
export const digitalSignature = keyUsage(0x80, 7);
export const authority = (pathLength?: number) =>
  extension(
    "2.5.29.19",
    true,
    sequence(boolean(true), ...(pathLength === undefined ? [] : [integer(pathLength)])),
  );
export const names = (...items: Bytes[]) => extension("2.5.29.17", false, sequence(...items));
export const dns = (name: string) => text(0x82, name);
export const ip = (...bytes: number[]) => element(0x87, Uint8Array.from(bytes));
export const uri = (name: string) => text(0x86, name);
export const keyIdentifier = (signer: Signer) => signer.publicKey.slice(-20);
export const subjectKey = (signer: Signer) =>
  extension("2.5.29.14", false, octets(keyIdentifier(signer)));
export const authorityKey = (signer: Signer) =>
  extension("2.5.29.35", false, sequence(element(0x80, keyIdentifier(signer))));
export const statusRequest = extension("1.3.6.1.5.5.7.1.24", false, sequence(integer(5)));
export const places = extension(
  "1.3.6.1.5.5.7.1.1",
  false,
  sequence(
    sequence(oid("1.3.6.1.5.5.7.48.1"), uri("http://ocsp.example/")),
    sequence(oid("1.3.6.1.5.5.7.48.2"), uri("http://ca.example/middle.der")),
  ),
);
export const distributionPoints = extension(
  "2.5.29.31",
  false,
  sequence(sequence(element(0xa0, element(0xa0, uri("http://ca.example/root.crl"))))),
);
export const policies = extension(
  "2.5.29.32",
  false,
  sequence(
    sequence(oid("2.23.140.1.2.1")),
    sequence(
      oid("1.3.6.1.4.1.99999.1"),
      sequence(sequence(oid("1.3.6.1.5.5.7.2.1"), text(0x16, "http://ca.example/cps"))),
    ),
  ),
);
/** A SerializedSCT (RFC 6962 §3.3) that nobody has signed. */
export const timestamp = (): Bytes =>
  Uint8Array.of(0, ...filled(32), ...filled(8), 0, 0, 4, 3, 0, 3, 1, 2, 3);
/** A SignedCertificateTimestampList of two. */
export const timestamps = () => {
  const item = [0, timestamp().length, ...timestamp()];
  const list = Uint8Array.of(0, item.length * 2, ...item, ...item);
  return extension("1.3.6.1.4.1.11129.2.4.2", false, octets(list));
};
export const filled = (count: number) => Array.from({ length: count }, (_, index) => index);

export const directoryName = (value: string) => element(0xa4, commonName(value));
export const nameConstraints = extension(
  "2.5.29.30",
  true,
  sequence(
    element(
      0xa0,
      ...[dns("example"), ip(192, 0, 2, 0, 255, 255, 255, 0)].map((base) => sequence(base)),
    ),
    element(0xa1, sequence(dns("bad.example")), sequence(text(0x81, "x@bad.example"))),
  ),
);

/** Constraints of every form that is compared. */
export const allNameConstraints = extension(
  "2.5.29.30",
  true,
  sequence(
    element(
      0xa0,
      ...[dns("example"), ip(192, 0, 2, 0, 255, 255, 255, 0), directoryName("a.example")].map(
        (base) => sequence(base),
      ),
      sequence(text(0x81, "example")),
      sequence(uri(".example")),
    ),
    element(0xa1, sequence(dns("bad.example")), sequence(directoryName("b.example"))),
  ),
);

/** A Name with several attributes, one of them of two in a set. */
export const fullName = (value: string) =>
  sequence(
    element(0x31, sequence(oid("2.5.4.6"), text(0x13, "DE"))),
    element(
      0x31,
      sequence(oid("2.5.4.10"), text(0x0c, "Example")),
      sequence(oid("2.5.4.11"), text(0x0c, "Tests of  Paths")),
    ),
    element(0x31, sequence(oid("2.5.4.3"), text(0x13, value))),
  );
