/**
 * PKCS#12 files (RFC 7292), read by `pkijs`. Loaded when there is one.
 *
 * @module
 */

import {
  type Attribute,
  AuthenticatedSafe,
  CertBag,
  ContentInfo,
  EncryptedData,
  KeyBag,
  PFX,
  PKCS8ShroudedKeyBag,
  PrivateKeyInfo,
  type SafeBag,
  SafeContents,
} from "pkijs";
import type { Bytes } from "../crypto/bytes.ts";
import {
  checkTotalIterations,
  open,
  parsed,
  type Sealed,
  sealedContent,
  sealedKey,
} from "./encrypted.ts";
import { badFile, conversion, unsupportedFile, wrongPassword } from "./files.ts";
import { isMacGood } from "./pkcs12-mac.ts";

/** What a file holds that identities are made of. */
export interface Pkcs12Content {
  readonly keys: readonly NamedKey[];
  /** In DER, in their order. */
  readonly certificates: readonly Bytes[];
}

/** A private key, not yet opened. */
export interface NamedKey {
  /** Its name in the file (RFC 2985 §5.5.1). */
  readonly friendlyName: string | undefined;
  /** @returns a PrivateKeyInfo in DER. */
  readonly open: () => Promise<Bytes>;
}

/**
 * Reads a file. Its MAC tells a wrong password from a file that was changed.
 *
 * @throws TlsError `identity/bad-file`, `identity/unsupported-file`, `identity/wrong-password`.
 */
export async function readPkcs12(der: Bytes, password: string): Promise<Pkcs12Content> {
  const pfx = parsed(() => PFX.fromBER(der));
  const parts = partsOf(pfx);
  checkTotalIterations(parts.flatMap((part) => ("sealed" in part ? [part.sealed] : [])));
  const sealed = parts.flatMap((part) =>
    "bags" in part ? part.bags.flatMap((bag) => sealedIn(bag)) : [part.sealed],
  );
  if (pfx.macData !== undefined && !(await isMacGood(pfx, pfx.macData, password))) {
    const [first] = sealed;
    // A password that opens it is the right one: then it is the file that is not.
    const opened = first && (await open(first, password));
    throw opened?.[0] === sequence ? badFile("it was changed after it was made") : wrongPassword();
  }
  const failure =
    pfx.macData === undefined
      ? wrongPassword
      : () => badFile("its password is right, but does not open all that is in it");
  const unseal = async (one: Sealed) => {
    const opened = await open(one, password);
    if (opened?.[0] !== sequence) throw failure();
    return opened;
  };
  const bags: SafeBag[] = [];
  for (const part of parts) {
    if ("bags" in part) bags.push(...part.bags);
    else bags.push(...bagsOf(await unseal(part.sealed)));
  }
  return {
    keys: bags.flatMap((bag) => keyOf(bag, unseal) ?? []),
    certificates: bags.flatMap((bag) => certificateOf(bag) ?? []),
  };
}

/** What all that is sealed here begins with. */
const sequence = 0x30;

/** A part of the file: open, or sealed as a whole. */
type Part = { readonly bags: readonly SafeBag[] } | { readonly sealed: Sealed };

function partsOf({ authSafe }: PFX): Part[] {
  if (authSafe.contentType !== ContentInfo.DATA) throw notByPassword();
  const safe = parsed(() => AuthenticatedSafe.fromBER(contentOf(authSafe)));
  return safe.safeContents.map((content): Part => {
    switch (content.contentType) {
      case ContentInfo.DATA:
        return { bags: bagsOf(parsed(() => contentOf(content))) };
      case ContentInfo.ENCRYPTED_DATA: {
        const data = parsed(() => new EncryptedData({ schema: content.content }));
        return { sealed: sealedContent(data.encryptedContentInfo, conversion.pkcs12) };
      }
      default:
        throw notByPassword();
    }
  });
}

/** An OCTET STRING, which may be in pieces: this is BER (RFC 7292 §4). */
function contentOf({ content }: ContentInfo): Bytes {
  return new Uint8Array(content.getValue());
}

/** The bags in a SafeContents, those within others included. */
function bagsOf(der: Bytes): SafeBag[] {
  const flat = ({ safeBags }: SafeContents): SafeBag[] =>
    safeBags.flatMap((bag) => (bag.bagValue instanceof SafeContents ? flat(bag.bagValue) : [bag]));
  return parsed(() => flat(SafeContents.fromBER(der)));
}

function sealedIn({ bagValue }: SafeBag): Sealed[] {
  return bagValue instanceof PKCS8ShroudedKeyBag ? [sealedKey(bagValue, conversion.pkcs12)] : [];
}

function keyOf(bag: SafeBag, unseal: (sealed: Sealed) => Promise<Bytes>): NamedKey | undefined {
  const friendlyName = friendlyNameOf(bag.bagAttributes ?? []);
  const { bagValue } = bag;
  if (bagValue instanceof PKCS8ShroudedKeyBag) {
    return { friendlyName, open: () => unseal(sealedKey(bagValue, conversion.pkcs12)) };
  }
  if (bagValue instanceof KeyBag || bagValue instanceof PrivateKeyInfo) {
    const pkcs8 = new Uint8Array(bagValue.toSchema().toBER());
    return { friendlyName, open: async () => pkcs8 };
  }
  return undefined;
}

/** RFC 7292 §4.2.3: X.509 certificates; the others are of no use here. */
function certificateOf({ bagValue }: SafeBag): Bytes | undefined {
  if (!(bagValue instanceof CertBag) || bagValue.certId !== x509Certificate) return undefined;
  const { certValue } = bagValue;
  if (!("getValue" in certValue)) return undefined;
  return new Uint8Array(certValue.getValue());
}

const x509Certificate = "1.2.840.113549.1.9.22.1";
const friendlyNameType = "1.2.840.113549.1.9.20";

function friendlyNameOf(attributes: readonly Attribute[]): string | undefined {
  const attribute = attributes.find(({ type }) => type === friendlyNameType);
  const text: unknown = attribute?.values[0]?.valueBlock?.value;
  return typeof text === "string" ? text : undefined;
}

function notByPassword() {
  return unsupportedFile(
    "is sealed for a certificate, and by a password is expected",
    "Export it anew with a password.",
  );
}
