import { decodeClientHello, type ReceivedClientHello } from "../../test/peer/client-hello.ts";
import { type LocalServer, startTcp } from "../../test/servers/tcp.ts";

/** A running catcher. */
export interface HelloCatcher extends LocalServer {
  /** The first ClientHello that came. */
  readonly hello: Promise<ReceivedClientHello>;
}

/** Of a record and of a handshake message in it, in bytes (RFC 8446 §5.1, §4). */
const recordHeader = 5;
const messageHeader = 4;

/** A server that reads a ClientHello, which must fit in one record, and hangs up. */
export async function startHelloCatcher(): Promise<HelloCatcher> {
  let caught: (hello: ReceivedClientHello) => void = () => {};
  const hello = new Promise<ReceivedClientHello>((resolve) => {
    caught = resolve;
  });
  const server = await startTcp((socket) => {
    let bytes = new Uint8Array(0);
    socket.on("data", (chunk: Buffer) => {
      bytes = new Uint8Array(Buffer.concat([bytes, chunk]));
      if (bytes.length < recordHeader) return;
      const end = recordHeader + new DataView(bytes.buffer).getUint16(3);
      if (bytes.length < end) return;
      caught(decodeClientHello(bytes.slice(recordHeader + messageHeader, end)));
      socket.destroy();
    });
  });
  return { ...server, hello };
}
