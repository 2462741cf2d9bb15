/**
 * How records are read ahead.
 *
 * @module
 */

/** Records that are taken at once: more than a bridge's message holds of all but small ones. */
export const mostTaken = 128;

/** Of a job, in bytes: less is opened here, since to give it away would take longer. */
export const leastJob = 32 * 1024;

/** Of a job, in bytes: a shorter one waits for more, for a moment. */
export const enoughForJob = 256 * 1024;

/**
 * What a record, and a piece of memory that some lie in, counts besides its bytes: that many tiny ones
 * are many is what bounds them, too.
 */
export const partOverhead = 256;

/** Of records that are being decrypted or wait for their turn, in bytes. */
export const mostAhead = 4 * 1024 * 1024;
