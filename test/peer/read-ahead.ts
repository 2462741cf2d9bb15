/**
 * Reading ahead as a worker's own worker would decrypt: nothing but copies goes there and comes back.
 *
 * @module
 */

import { aeadKeyOf } from "../../src/crypto/webcrypto/aead.ts";
import { type Decrypter, Decryption, type DecryptionJob } from "../../src/tls/record/decryption.ts";
import { ReadAhead } from "../../src/tls/record/read-ahead.ts";
import type { RecordReader } from "../../src/tls/record/reader.ts";

/** A decrypter that has been given these jobs. */
export interface SeenDecrypter extends Decrypter {
  readonly jobs: readonly DecryptionJob[];
}

export function cloningDecrypter(): SeenDecrypter {
  const decryption = new Decryption(aeadKeyOf, () => {});
  const jobs: DecryptionJob[] = [];
  return {
    jobs,
    async decrypt(job) {
      const given = new Set(job.pieces.map(({ buffer }) => buffer));
      const moved = structuredClone(job, { transfer: [...given] });
      jobs.push(moved);
      const runs = await decryption.decrypt(moved);
      const results = runs.map((run) => ("data" in run ? run.data : run.refused).buffer);
      return structuredClone(runs, { transfer: results });
    },
  };
}

export function readAhead(reader: RecordReader, decrypter: Decrypter = cloningDecrypter()) {
  return new ReadAhead(reader, decrypter, (callback) => setTimeout(callback, 1));
}
