/**
 * Sentences of errors, each cut where something is put in. None in the source, where they stand where
 * they are thrown: it is the build of the worker that takes them out there, and puts them here
 * (`scripts/sentences.mjs`).
 *
 * @module
 */

export const sentences: readonly (readonly string[])[] = [];
