/**
 * A chain as it is drawn: from the server's certificate to what it is trusted by, with what is at
 * fault where it is.
 *
 * @module
 */

import type { SecureSocketInfo, TlsError, TriedPath } from "../src/index.ts";

/** The chain of a connection. */
export interface Picture {
  readonly isTrusted: boolean;
  /** The path that was trusted; else the one whose failure tells most. */
  readonly path: readonly Place[];
  /** What else the server presented, each in DER. */
  readonly unused: readonly Uint8Array[];
  /** The other paths that were tried. */
  readonly others: readonly (readonly Place[])[];
}

/** Why it is in the path: as the server itself, as one who vouches for it, or as who is trusted. */
export type Role = "server" | "intermediate" | "anchor" | "missing";

/** A place in a path, the server's first. */
export interface Place {
  readonly role: Role;
  /** The certificate in DER; absent where the path has come to a name only. */
  readonly certificate?: Uint8Array;
  /** The name of an anchor in DER. */
  readonly name?: Uint8Array;
  /** False for what the server left out. */
  readonly isPresented: boolean;
  /** What is wrong here. */
  readonly fault?: Fault;
}

/** The part of a failure that is shown at its place. */
export type Fault = Pick<TriedPath, "code" | "message">;

/** What was trusted. */
export function trustedPicture(
  info: Pick<SecureSocketInfo, "certificates" | "verifiedPath" | "trustAnchor">,
): Picture {
  const { certificates, verifiedPath, trustAnchor } = info;
  // Whoever is trusted by its key or its certificate alone has no path.
  const onPath = verifiedPath.length > 0 ? verifiedPath : certificates.slice(0, 1);
  const path = onPath.map((der, index) => certificatePlace(der, index, certificates));
  const anchor: Place[] =
    trustAnchor === undefined
      ? []
      : [{ role: "anchor", name: trustAnchor.subject, isPresented: false }];
  return {
    isTrusted: true,
    path: [...path, ...anchor],
    unused: certificates.filter((der) => !isAmong(onPath, der)),
    others: [],
  };
}

/** What was refused. Without paths that were tried, there is only what was presented. */
export function refusedPicture({
  code,
  message,
  certificates = [],
  paths = [],
}: Pick<TlsError, "code" | "message" | "certificates" | "paths">): Picture {
  const fault = code.startsWith("certificate/") ? { code, message } : undefined;
  const [first, ...others] = paths.map((tried) => placesOf(tried, certificates));
  const path = first ?? certificates.slice(0, 1).map((der) => placeOfLeaf(der, fault));
  const used = [path, ...others].flatMap((places) => places.map(({ certificate }) => certificate));
  return {
    isTrusted: false,
    path,
    unused: certificates.filter((der) => !isAmong(used, der)),
    others,
  };
}

function placesOf(tried: TriedPath, presented: readonly Uint8Array[]): Place[] {
  const { certificates, anchor, failedAt, code, message } = tried;
  const places = certificates.map((der, index) => certificatePlace(der, index, presented));
  if (anchor !== undefined) places.push({ role: "anchor", name: anchor, isPresented: false });
  else if (failedAt === certificates.length) places.push({ role: "missing", isPresented: false });
  return places.map((place, index) =>
    index === failedAt ? { ...place, fault: { code, message } } : place,
  );
}

function certificatePlace(
  certificate: Uint8Array,
  index: number,
  presented: readonly Uint8Array[],
): Place {
  const role = index === 0 ? "server" : "intermediate";
  return { role, certificate, isPresented: isAmong(presented, certificate) };
}

function placeOfLeaf(certificate: Uint8Array, fault: Fault | undefined): Place {
  const place: Place = { role: "server", certificate, isPresented: true };
  return fault === undefined ? place : { ...place, fault };
}

function isAmong(list: readonly (Uint8Array | undefined)[], der: Uint8Array): boolean {
  return list.some((one) => one !== undefined && isSame(one, der));
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
