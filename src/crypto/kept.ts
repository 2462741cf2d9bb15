/**
 * What is made once, when it is first needed.
 *
 * @module
 */

/**
 * Makes something for the first who asks, and keeps it for the others. A failure is not kept: who
 * comes next tries again.
 */
export function kept<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
