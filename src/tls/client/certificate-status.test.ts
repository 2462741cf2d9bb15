import { describe, expect, test } from "vitest";
import { decodeClientHello } from "../../../test/peer/client-hello.ts";
import { connectToPeer } from "../../../test/peer/connect.ts";
import { fault, testFaults, verdict } from "../../../test/peer/faults.ts";
import { createIdentities, peerName } from "../../../test/peer/identities.ts";
import {
  type CertificateFields,
  type Extension,
  encodeCertificateStatus,
  encodeTimestamps,
  extension,
} from "../../../test/peer/messages.ts";
import type { Script } from "../../../test/peer/script.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { type ClientEnvironment, resolveConfig } from "../config.ts";
import { extensionType } from "../messages/extension.ts";
import { handshakeType } from "../messages/registry.ts";
import { readTrust } from "../trust.ts";

const identities = await createIdentities();
const identity = await (await identities.root.intermediate()).issue({ names: [peerName] });
const asking = { ocspStapling: true, signedCertificateTimestamps: true };

const fromHex = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"));
/** Handed on as it came by `dangerousVerify`. */
const ocspResponse = Uint8Array.of(7, 8, 9);
const anybody = { dangerousVerify: () => {} };
const timestamps = [Uint8Array.of(1, 2), Uint8Array.of(3)];
const stapled = (body: Uint8Array = encodeCertificateStatus(ocspResponse)) =>
  extension("status_request", (w) => w.bytes(body));
const logged = (body: Uint8Array = encodeTimestamps(timestamps)) =>
  extension("signed_certificate_timestamp", (w) => w.bytes(body));

/** With the extensions of the leaf, and of the certificate above it. */
const entries = (leaf: Extension[], above: Extension[] = []) => ({
  certificate: ({ context, entries }: CertificateFields): CertificateFields => ({
    context,
    entries: entries.map(({ certificate }, index) => ({
      certificate,
      extensions: index === 0 ? leaf : above,
    })),
  }),
});

/** TLS 1.2: answers in the ServerHello, and a CertificateStatus behind the Certificate. */
const answers = (added: Extension[], status?: Bytes): Omit<Script, "identity"> => ({
  version: "TLSv1.2",
  serverHello: (hello) => ({ ...hello, extensions: [...hello.extensions, ...added] }),
  on: {
    certificate: {
      instead: (message) =>
        status === undefined
          ? [message]
          : [message, { type: handshakeType.certificate_status, body: status }],
    },
  },
});
const agreed = extension("status_request");

async function connect(
  script: Omit<Script, "identity">,
  options: object = asking,
  environment: ClientEnvironment = {},
) {
  const config = await identities.config(options, environment);
  return connectToPeer(config, { identity, ...script }).outcome();
}

describe("the ClientHello", () => {
  test("asks for an OCSP response (RFC 6066 §8) and for timestamps (RFC 6962 §3.3.1)", async () => {
    const { received } = await connect({});
    const hello = decodeClientHello(received.messages[0]?.body ?? new Uint8Array());
    expect(hello.extensions.get(extensionType.status_request)).toEqual(fromHex("01 0000 0000"));
    expect(hello.extensions.get(extensionType.signed_certificate_timestamp)).toEqual(
      new Uint8Array(),
    );
  });

  test("asks for an OCSP response unless told not to, for timestamps where told to", async () => {
    const asksFor = async (options: object) => {
      const { received } = await connect({}, options);
      const { extensions } = decodeClientHello(received.messages[0]?.body ?? new Uint8Array());
      const types = ["status_request", "signed_certificate_timestamp"] as const;
      return types.filter((type) => extensions.has(extensionType[type]));
    };
    expect(await asksFor({})).toEqual(["status_request"]);
    expect(await asksFor({ ocspStapling: "required" })).toEqual(["status_request"]);
    expect(await asksFor({ ocspStapling: false })).toEqual([]);
  });

  test("asks for no OCSP response where no certificate may come", async () => {
    const publicKey = new Uint8Array(
      identity.keys.publicKey.export({ type: "spki", format: "der" }),
    );
    const publicKeys = await readTrust({ publicKeys: [publicKey] });
    const config = resolveConfig(peerName, {}, publicKeys);
    expect(config.serverCertificateTypes).toEqual(["RawPublicKey"]);
    const { received } = await connectToPeer(config, { identity }).outcome();
    const { extensions } = decodeClientHello(received.messages[0]?.body ?? new Uint8Array());
    expect(extensions.has(extensionType.status_request)).toBe(false);
  });
});

describe("what comes with the certificate is reported", () => {
  test.each([
    ["TLS 1.3", entries([stapled(), logged()])],
    ["TLS 1.2", answers([agreed, logged()], encodeCertificateStatus(ocspResponse))],
  ])("%s", async (_, script) => {
    const { info, error } = await connect(script, asking, anybody);
    expect(error).toBeUndefined();
    expect(info).toMatchObject({ ocspResponse, signedCertificateTimestamps: timestamps });
  });

  test.each([
    ["TLS 1.3", {}],
    ["TLS 1.2", { version: "TLSv1.2" }],
    ["TLS 1.2, agreed to and left out (RFC 6066 §8)", answers([agreed])],
  ] as const)("%s: nothing", async (_, script) => {
    const { info, error } = await connect(script, asking, anybody);
    expect(error).toBeUndefined();
    expect(info).not.toHaveProperty("ocspResponse");
    expect(info).not.toHaveProperty("signedCertificateTimestamps");
  });

  test("but not of a certificate above the leaf (RFC 8446 §4.4.2.1)", async () => {
    const other = [
      stapled(encodeCertificateStatus(Uint8Array.of(0))),
      logged(encodeTimestamps([Uint8Array.of(0)])),
    ];
    const { info } = await connect(entries([stapled(), logged()], other), asking, anybody);
    expect(info).toMatchObject({ ocspResponse, signedCertificateTimestamps: timestamps });
  });
});

const { undecodable, unexpected, unsupported } = verdict;
const more = { options: asking };
const unasked = { options: { ocspStapling: false } };
const ocsp = "RFC 6066 §8";
const sct = "RFC 6962 §3.3";

describe("TLS 1.3 refuses", () => {
  testFaults({ identities, version: "TLSv1.3", isProtected: true }, [
    fault(
      18,
      ocsp,
      "an empty response",
      entries([stapled(encodeCertificateStatus(fromHex("")))]),
      undecodable,
      more,
    ),
    fault(18, ocsp, "nothing at all", entries([stapled(fromHex(""))]), undecodable, more),
    fault(
      18,
      ocsp,
      "another type",
      entries([stapled(encodeCertificateStatus(ocspResponse, 2))]),
      undecodable,
      more,
    ),
    fault(
      18,
      ocsp,
      "a byte behind the response",
      entries([stapled(fromHex("01 000001 aa 00"))]),
      undecodable,
      more,
    ),
    fault(18, sct, "an empty list", entries([logged(encodeTimestamps([]))]), undecodable, more),
    fault(
      18,
      sct,
      "an empty timestamp",
      entries([logged(encodeTimestamps([Uint8Array.of(1), fromHex("")]))]),
      undecodable,
      more,
    ),
    fault(
      18,
      sct,
      "a byte behind the list",
      entries([logged(fromHex("0003 0001 aa 00"))]),
      undecodable,
      more,
    ),
    fault(15, "RFC 8446 §4.2", "a response unasked", entries([stapled()]), unsupported, unasked),
    fault(15, "RFC 8446 §4.2", "timestamps unasked", entries([logged()]), unsupported),
    fault(16, "RFC 8446 §4.2", "two responses", entries([stapled(), stapled()]), undecodable, more),
  ]);
});

describe("TLS 1.2 refuses", () => {
  testFaults({ identities, version: "TLSv1.2", isProtected: false }, [
    fault(
      18,
      ocsp,
      "an empty response",
      answers([agreed], encodeCertificateStatus(fromHex(""))),
      undecodable,
      more,
    ),
    fault(
      18,
      ocsp,
      "another type",
      answers([agreed], encodeCertificateStatus(ocspResponse, 2)),
      undecodable,
      more,
    ),
    fault(18, ocsp, "an agreement that is not empty", answers([stapled()]), undecodable, more),
    fault(
      19,
      ocsp,
      "CertificateStatus not agreed to",
      answers([], encodeCertificateStatus(ocspResponse)),
      unexpected,
      more,
    ),
    fault(18, sct, "an empty list", answers([logged(encodeTimestamps([]))]), undecodable, more),
    fault(15, "RFC 5246 §7.4.1.4", "an agreement unasked", answers([agreed]), unsupported, unasked),
    fault(15, "RFC 5246 §7.4.1.4", "timestamps unasked", answers([logged()]), unsupported),
  ]);
});
