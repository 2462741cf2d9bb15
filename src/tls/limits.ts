/**
 * Every bound of the protocol, in one place. Those that no RFC sets are what rustls
 * and BoringSSL use, so that no real server meets them.
 *
 * @module
 */

/** Longest plaintext of a record, in bytes (RFC 8446 §5.1). */
export const maxFragment = 2 ** 14;

/** The least that an endpoint may ask records to be limited to, in bytes (RFC 8449 §4). */
export const minRecordSizeLimit = 64;

/** Longest early data, in bytes: they are sent in one go. */
export const maxEarlyData = 2 ** 20;

/** Longest protected record of TLS 1.3, in bytes (RFC 8446 §5.2). */
export const maxCiphertext13 = maxFragment + 256;

/** Longest protected record of TLS 1.2, in bytes (RFC 5246 §6.2.3). */
export const maxCiphertext12 = maxFragment + 2048;

/** Longest handshake message, in bytes; a chain of certificates is the only long one. */
export const maxHandshakeMessage = 2 ** 16;

/** Empty records in a row, which cost work and bring nothing. */
export const maxEmptyRecords = 32;

/** Warning alerts of TLS 1.2 and `user_canceled` ones of TLS 1.3 without data between them. */
export const maxWarningAlerts = 4;

/** change_cipher_spec records that TLS 1.3 drops (RFC 8446 §5, appendix D.4). */
export const maxChangeCipherSpecs = 2;

/** KeyUpdate and NewSessionTicket messages without data between them. */
export const maxPostHandshakeMessages = 32;

/** Records decrypted or encrypted together. */
export const recordBatch = 32;

/** Records under one AES-GCM key before it has to be changed (RFC 8446 §5.5). */
export const maxRecordsAesGcm = 2 ** 24;

/**
 * Records under one ChaCha20-Poly1305 key: only the sequence number limits it (RFC 8446 §5.5), and
 * JavaScript counts exactly up to 2^53.
 */
export const maxRecordsChaCha20Poly1305 = 2 ** 52;

/** Records beyond these limits that alerts may take, so that an end can always be said. */
export const recordsKeptForAlerts = 8;

/** Longest cookie of a HelloRetryRequest that is sent back, in bytes; some hundred are usual. */
export const maxCookie = 2 ** 14;

/** Longest life of a session, in milliseconds: seven days (RFC 8446 §4.6.1). */
export const maxSessionLifetime = 7 * 24 * 60 * 60 * 1000;

/** Life of a TLS 1.2 session whose server names none, in milliseconds: a day (RFC 5246 §F.1.4). */
export const usualSessionLifetime12 = 24 * 60 * 60 * 1000;

/**
 * Longest session that is kept, in bytes of its encoding: room for the longest chain that is taken,
 * while what hostile servers fill a store with stays bearable.
 */
export const maxSessionLength = maxHandshakeMessage + 2 ** 14;

/** Sessions kept of one connection, and for one partition, and partitions kept in memory; the oldest go first. */
export const maxSessionsPerPartition = 8;
export const maxSessionPartitions = 256;
