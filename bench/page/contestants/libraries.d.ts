/** What the adapters use of the peers; they come from `bench/peers/vite.ts`. */

declare module "peer:subtls" {
  type Read = (bytes: number) => Promise<Uint8Array | undefined>;

  export class LazyReadFunctionReadQueue {
    constructor(read: () => Promise<Uint8Array | undefined>);
    read: Read;
  }

  export function startTls(
    host: string,
    roots: string,
    networkRead: Read,
    networkWrite: (bytes: Uint8Array) => void,
    options: { requireDigitalSigKeyUsage: boolean },
  ): Promise<{
    read(): Promise<Uint8Array | undefined>;
    write(bytes: Uint8Array): Promise<void>;
  }>;
}

declare module "peer:node-forge" {
  /** Bytes are strings of one character each. */
  export interface ByteBuffer {
    getBytes(): string;
  }

  export interface Certificate {
    getExtension(name: "subjectAltName"): { altNames: { value: string }[] } | null;
  }

  export interface Connection {
    readonly tlsData: ByteBuffer;
    readonly data: ByteBuffer;
    handshake(): void;
    process(bytes: string): number;
    prepare(bytes: string): boolean;
    close(): void;
  }

  export const tls: {
    readonly CipherSuites: { readonly TLS_RSA_WITH_AES_128_CBC_SHA: object };
    createConnection(options: {
      server: false;
      virtualHost: string;
      caStore: string[];
      cipherSuites: object[];
      verify(
        connection: Connection,
        verified: unknown,
        depth: number,
        chain: Certificate[],
      ): unknown;
      connected(): void;
      tlsDataReady(connection: Connection): void;
      dataReady(connection: Connection): void;
      closed(): void;
      error(connection: Connection, error: { message: string }): void;
    }): Connection;
  };
}

declare module "peer:reclaim" {
  interface Certificate {
    readonly internal: object;
  }

  export const webcryptoCrypto: object;
  export function setCryptoImplementation(implementation: object): void;
  export function loadX509FromPem(pem: string): Certificate;
  export function makeTLSClient(options: {
    host: string;
    verifyServerCertificate: true;
    rootCAs: Certificate[];
    supportedProtocolVersions: "TLS1_3"[];
    cipherSuites: string[];
    namedCurves: string[];
    logger: object;
    write(packet: { header: Uint8Array; content: Uint8Array }): Promise<void>;
    onHandshake(): void;
    onApplicationData(bytes: Uint8Array): void;
    onTlsEnd(error?: Error): void;
  }): {
    startHandshake(): Promise<void>;
    handleReceivedBytes(bytes: Uint8Array): Promise<void>;
    write(bytes: Uint8Array): Promise<void>;
  };
}

declare module "peer:libcurl" {
  class TLSSocket {
    constructor(host: string, port: number);
    onopen: () => void;
    onmessage: (bytes: Uint8Array) => void;
    onclose: () => void;
    onerror: (code: number) => void;
    send(bytes: Uint8Array): void;
    close(): void;
  }

  interface WispConnection {
    readonly ws: WebSocket;
    readonly active_streams: Readonly<Record<string, { readonly send_buffer: Uint8Array[] }>>;
  }

  export const libcurl: {
    load_wasm(url: string): Promise<void>;
    set_websocket(url: string): void;
    get_error_string(code: number): string;
    readonly wisp: { readonly wisp_connections: Readonly<Record<string, WispConnection>> };
    readonly TLSSocket: typeof TLSSocket;
  };
}

declare module "peer:epoxy" {
  interface TlsStream {
    send(bytes: Uint8Array): Promise<void>;
    close(): Promise<void>;
  }

  export class EpoxyClient {
    constructor(url: string, userAgent: string, redirectLimit: number);
    connect_tls(
      onopen: () => void,
      onclose: () => void,
      onerror: (error: unknown) => void,
      onmessage: (bytes: Uint8Array) => void,
      address: string,
    ): Promise<TlsStream>;
  }

  /** Loads its WebAssembly; only then are its members of use. */
  const library: {
    (wasm: Uint8Array): Promise<unknown>;
    readonly EpoxyClient: typeof EpoxyClient;
  };
  export default library;
}

declare module "peer:epoxy-2" {
  export class EpoxyClientOptions {
    pem_files: string[];
  }

  export class EpoxyClient {
    constructor(url: string, options: EpoxyClientOptions);
    connect_tls(address: string): Promise<{
      read: ReadableStream<Uint8Array>;
      write: WritableStream<Uint8Array>;
    }>;
  }

  const load: () => Promise<void>;
  export default load;
}

declare module "peer:libcurl-wasm" {
  const url: string;
  export default url;
}

declare module "peer:epoxy-wasm" {
  const url: string;
  export default url;
}
