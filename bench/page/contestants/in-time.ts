/**
 * An end to waiting for what others have promised.
 *
 * @module
 */

/** Longest wait, in milliseconds: a library that has not answered by then has gone astray. */
const patience = 20_000;

/** @throws Error that says what did not come in time. */
export async function inTime<Value>(what: string, promise: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took too long.`)), patience);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
