/**
 * The resumed 0-RTT handshake of RFC 8448 §4, which goes on from that of §3. In hex.
 *
 * @module
 */

/** The ClientHello up to its binders. */
const clientHelloPrefix = [
  "010001fc03031bc3ceb6bbe39cff938355b5a50adb6db21b7a6af649d7b4bc419d7876487d95",
  "000006130113031302010001cd0000000b0009000006736572766572ff01000100000a001400",
  "12001d00170018001901000101010201030104003300260024001d0020e4ffb68ac05f8d96c9",
  "9da26698346c6be16482badddafe051a66b4f18d668f0b002a0000002b0003020304000d0020",
  "001e040305030603020308040805080604010501060102010402050206020202002d00020101",
  `001c0002400100150057${"00".repeat(87)}`,
  "002900dd00b800b22c035d829359ee5ff7af4ec900000000262a6494dc486d2c8a34cb33fa90",
  "bf1b0070ad3c498883c9367c09a2be785abc55cd226097a3a982117283f82a03a143efd3ff5d",
  "d36d64e861be7fd61d2827db279cce145077d454a3664d4e6da4d29ee03725a6a4dafcd0fc67",
  "d2aea70529513e3da2677fa5906c5b3f7d8f92f228bda40dda721470f9fbf297b5aea617646f",
  "ac5c03272e970727c621a79141ef5f7de6505e5bfbc388e93343694093934ae4d357fad6aacb",
].join("");

const binder = "3add4fb2d8fdf822a0ca3cf7678ef5e88dae990141c5924d57bb6fa31b9e5f9d";

/** Messages, each with its header. */
export const messages = {
  ClientHello: `${clientHelloPrefix}002120${binder}`,
  ServerHello:
    "0200005c03033ccfd2dec890222763472ae8136777c9d7358777bb66e91ea5122495f559ea2d" +
    "00130100003400290002000000330024001d0020121761ee42c333e1b9e77b60dd57c2053cd9" +
    "4512ab47f115e86eff50942cea31002b00020304",
  EncryptedExtensions:
    "080000280026000a00140012001d00170018001901000101010201030104001c000240010000" + "0000002a0000",
  ServerFinished: "1400002048d3e0e1b3d907c6acff145e16090388c77b05c050b634ab1a88bbd0dd1a34b2",
  EndOfEarlyData: "05000000",
  ClientFinished: "140000207230a9c952c25cd6138fc5e6628308c41c5335dd81b9f96bcea50fd32bda416d",
} as const;

/** Of the ticket that §3 ends with. */
export const resumptionPsk = "4ecd0eb6ec3b4d87f5d6028f922ca4c5851a277fd41311c9e62d2c9492e1c4f3";

/** Of the two X25519 keys. */
export const sharedSecret = "f44194756ff9ec9d25180635d66ea6824c6ab3bf179977be37f723570e7ccb2e";

/** By their labels in the key log. */
export const secrets = {
  CLIENT_EARLY_TRAFFIC_SECRET: "3fbbe6a60deb66c30a32795aba0eff7eaa10105586e7be5c09678d63b6caab62",
  EARLY_EXPORTER_SECRET: "b2026866610937d7423e5be90862ccf24c0e6091186d34f812089ff5be2ef7df",
  CLIENT_HANDSHAKE_TRAFFIC_SECRET:
    "2faac08f851d35fea3604fcb4de82dc62c9b164a70974d0462e27f1ab278700f",
  SERVER_HANDSHAKE_TRAFFIC_SECRET:
    "fe927ae271312e8bf0275b581c54eef020450dc4ecffaa05a1a35d27518e7803",
  CLIENT_TRAFFIC_SECRET_0: "2abbf2b8e381d23dbebe1dd2a7d16a8bf484cb4950d23fb7fb7fa8547062d9a1",
  SERVER_TRAFFIC_SECRET_0: "cc21f1bf8feb7dd5fa505bd9c4b468a9984d554a993dc49e6d285598fb672691",
  EXPORTER_SECRET: "3fd93d4ffddc98e64b14dd107aedf8ee4add23f4510f58a4592d0b201bee56b4",
} as const;

/** resumption_master_secret. */
export const resumptionSecret = "5e95bdf1f89005ea2e9aa0ba85e728e3c19c5fe0c699e3f5bee59faebd0b5406";

/** The IVs of the client's keys. */
export const clientIvs = {
  early: "6d475f0993c8e564610db2b9",
  handshake: "eb50c16be7654abf99dd06d9",
  application: "ab1aec26aa78b8fc1176b9ac",
} as const;
