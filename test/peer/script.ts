/**
 * What a test asks of the scripted server. Without anything asked it is an honest server; each
 * member changes one thing, and all the rest stays consistent with it: keys and transcripts are
 * those of what was really sent.
 *
 * @module
 */

import type { Bytes } from "../../src/crypto/bytes.ts";
import type { CipherSuiteName, GroupName } from "../../src/tls/options.ts";
import type { CertificateTypeName } from "../../src/tls/server-options.ts";
import type { Issued } from "../authority.ts";
import type { ReceivedClientHello } from "./client-hello.ts";
import type {
  CertificateFields,
  CertificateRequest12Fields,
  Extension,
  ServerHelloFields,
  ServerParams,
  SignatureFields,
} from "./messages.ts";
import type { Peer } from "./peer.ts";
import type { PeerWire } from "./wire.ts";

/** A value in place of another. */
export type Edit<T> = (value: T) => T;

/** Messages of the server's handshake, in the order of TLS 1.3, then of TLS 1.2. */
export type ServerMessageName =
  | "hello_retry_request"
  | "server_hello"
  | "encrypted_extensions"
  | "certificate_request"
  | "certificate"
  | "certificate_verify"
  | "finished"
  | "new_session_ticket"
  | "server_key_exchange"
  | "server_hello_done";

/** A handshake message without its header. */
export interface Message {
  readonly type: number;
  readonly body: Bytes;
}

/** What happens to one message on its way out. */
export interface MessageHooks {
  /** Sends something in front of it. */
  before?(wire: PeerWire): Promise<void> | void;
  /** What is sent in its place: nothing, the same twice, others. It counts as sent. */
  instead?(message: Message): Message[];
  /** Cuts it, header included, into the contents of records. Default: as few as it takes. */
  frame?(encoded: Bytes): Bytes[];
  /** Changes each of its records as it stands on the wire. */
  record?(record: Bytes): Bytes;
  /** Sends something behind it, or hangs up. */
  after?(wire: PeerWire): Promise<void> | void;
}

export interface Script {
  /** Default: TLS 1.3. */
  readonly version?: "TLSv1.3" | "TLSv1.2";
  /** Default: one with AES-128-GCM that goes with the version and the key. */
  readonly suite?: CipherSuiteName;
  /** Default: the first that the client has a key share for; in TLS 1.2 the first it supports. */
  readonly group?: GroupName;
  /** Who the server is. */
  readonly identity: Issued;
  /** The scheme to sign by. Default: the usual one of the key. */
  readonly signatureScheme?: number;
  /** Asks for another ClientHello first (RFC 8446 §4.1.4). */
  readonly retry?: { readonly group?: GroupName; readonly cookie?: Bytes };
  /** Asks for a client certificate. What the client proves by it is checked. */
  readonly requestCertificate?: boolean;
  /** Chooses this type of client certificates (RFC 7250). Default: X.509, without saying so. */
  readonly clientCertificateType?: CertificateTypeName;
  /** TLS 1.3: goes by a PSK instead of its certificate (RFC 8446 §2.2). */
  readonly psk?: {
    readonly secret: Bytes;
    /** Which of those offered. Default: the first. */
    readonly index?: number;
    /** Shows its certificate all the same. Default: false. */
    readonly isCertified?: boolean;
    /** Takes early data under it; what came of it is in what the server got. Default: false. */
    readonly takesEarlyData?: boolean;
  };
  /** TLS 1.3: how many records of early data it lets pass unread. Default: 0. */
  readonly skipsEarlyRecords?: number;
  /** TLS 1.2: resumes the session that the client offers, with this master secret. */
  readonly resumes?: Bytes;
  /** TLS 1.2: gives a ticket out, once it has said so. */
  readonly ticket12?: { readonly lifetime: number; readonly ticket: Bytes };
  /** TLS 1.2: knows RFC 7627. Default: true. */
  readonly extendedMasterSecret?: boolean;

  /** Puts all messages under one key into as few records as it takes. Default: one a message. */
  readonly isPacked?: boolean;

  readonly helloRetryRequest?: Edit<ServerHelloFields>;
  readonly serverHello?: (
    fields: ServerHelloFields,
    client: ReceivedClientHello,
  ) => ServerHelloFields;
  readonly encryptedExtensions?: Edit<readonly Extension[]>;
  readonly certificateRequest?: Edit<readonly Extension[]>;
  readonly certificateRequest12?: Edit<CertificateRequest12Fields>;
  readonly certificate?: Edit<CertificateFields>;
  /** TLS 1.2: before it is signed. */
  readonly serverParams?: Edit<ServerParams>;
  /** Of CertificateVerify, or of ServerKeyExchange. */
  readonly signature?: Edit<SignatureFields>;
  readonly verifyData?: Edit<Bytes>;
  /** In place of the change_cipher_spec record. */
  readonly changeCipherSpec?: (wire: PeerWire) => Promise<void> | void;

  readonly on?: Partial<Record<ServerMessageName, MessageHooks>>;
  /** What the server does once the handshake is done. Default: close_notify. */
  readonly after?: (peer: Peer) => Promise<void> | void;
}
