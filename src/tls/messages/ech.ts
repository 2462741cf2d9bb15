/**
 * The extension encrypted_client_hello, and the form a ClientHello has before it is encrypted into
 * it (RFC 9849 §5).
 *
 * @module
 */

import { type Bytes, concat, equalPublic } from "../../crypto/bytes.ts";
import { type ClientHello, encodeClientHello, type OfferedExtension } from "./client-hello.ts";
import { extensionType } from "./extension.ts";
import { Writer } from "./writer.ts";

/** What ClientHelloOuter carries (RFC 9849 §5). */
export interface OuterEch {
  /** Numbers of HPKE (RFC 9180 §7). */
  readonly kdf: number;
  readonly aead: number;
  readonly configId: number;
  /** HPKE's encapsulated key; empty in a second ClientHello. */
  readonly encapsulatedKey: Bytes;
  /** The encrypted ClientHelloInner. */
  readonly payload: Bytes;
}

/** ECHClientHello of type outer. */
export function outerEchExtension(ech: OuterEch): OfferedExtension {
  const body = Writer.build((w) => {
    w.u8(0).u16(ech.kdf).u16(ech.aead).u8(ech.configId);
    w.vector(2, () => w.bytes(ech.encapsulatedKey));
    w.vector(2, () => w.bytes(ech.payload));
  });
  return { type: extensionType.encrypted_client_hello, body };
}

/** ECHClientHello of type inner. */
export function innerEchExtension(): OfferedExtension {
  return { type: extensionType.encrypted_client_hello, body: Uint8Array.of(1) };
}

/** Only in EncodedClientHelloInner, so not among the extensions that a server could send. */
const echOuterExtensions = 0xfd00;

/** A ClientHelloInner, and which of its extensions it shares with its ClientHelloOuter. */
export interface CompressibleHello {
  readonly hello: ClientHello;
  readonly shared: ReadonlySet<number>;
}

/**
 * Puts the extensions that an outer hello has too behind the others, in the outer's order: as one
 * run they need not be sent twice (RFC 9849 §5.1).
 */
export function alignExtensions(inner: ClientHello, outer: ClientHello): CompressibleHello {
  const own = new Map(inner.extensions.map(({ type, body }) => [type, body]));
  const run = outer.extensions.filter(({ type, body }) => {
    const same = own.get(type);
    return mayBeShared(type) && same !== undefined && equalPublic(same, body);
  });
  const shared = new Set(run.map(({ type }) => type));
  const others = inner.extensions.filter(({ type }) => !shared.has(type));
  return { hello: { ...inner, extensions: [...others, ...run] }, shared };
}

/** Whether a name happens to be the public one is nobody's business: it would show by the length. */
function mayBeShared(type: number): boolean {
  return type !== extensionType.server_name && type !== extensionType.encrypted_client_hello;
}

/**
 * EncodedClientHelloInner (RFC 9849 §5.1), padded as RFC 9849 §6.1.3 recommends.
 *
 * @param maximumNameLength as the configuration says.
 * @param nameLength of the server's name, in bytes; undefined where none is sent.
 */
export function encodeInnerHello(
  { hello, shared }: CompressibleHello,
  maximumNameLength: number,
  nameLength: number | undefined,
): Bytes {
  const encoded = encodeClientHello({
    ...hello,
    // The outer one has it.
    sessionId: new Uint8Array(0),
    extensions: compress(hello.extensions, shared),
  });
  // Without a name, the whole extension is missing: its header takes 9 bytes.
  const forName =
    nameLength === undefined ? maximumNameLength + 9 : Math.max(0, maximumNameLength - nameLength);
  const length = Math.ceil((encoded.length + forName) / 32) * 32;
  return concat(encoded, new Uint8Array(length - encoded.length));
}

function compress(
  extensions: readonly OfferedExtension[],
  shared: ReadonlySet<number>,
): OfferedExtension[] {
  const [first] = shared;
  if (first === undefined) return [...extensions];
  const body = Writer.build((w) => {
    w.vector(1, () => {
      for (const type of shared) w.u16(type);
    });
  });
  return extensions.flatMap((extension) => {
    if (!shared.has(extension.type)) return [extension];
    return extension.type === first ? [{ type: echOuterExtensions, body }] : [];
  });
}
