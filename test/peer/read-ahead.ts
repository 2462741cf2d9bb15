/**
 * Reading ahead as a worker's own worker would decrypt: nothing but copies goes there and comes back.
 *
 * @module
 */

import { aeadKeyOf } from "../../src/crypto/webcrypto/aead.ts";
import { jobMemory } from "../../src/tls/record/ahead-limits.ts";
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
    memory: () => new ArrayBuffer(jobMemory),
    async decrypt(job) {
      const moved = structuredClone(job, { transfer: [job.memory] });
      jobs.push(moved);
      const { runs, memory } = await decryption.decrypt(moved);
      const results = runs.map((run) => ("data" in run ? run.data : run.refused).buffer);
      return structuredClone({ runs, memory }, { transfer: [...results, memory] });
    },
  };
}

export function readAhead(reader: RecordReader, decrypter: Decrypter = cloningDecrypter()) {
  return new ReadAhead(reader, decrypter, (callback) => setTimeout(callback, 1));
}
