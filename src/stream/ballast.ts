/**
 * Having garbage collected while a large download goes on.
 *
 * What a download leaves behind are buffers, which lie outside of JavaScript's heap. V8 has a limit for
 * them, but looks at it only when something is allocated, and a page that is given plaintext by a
 * worker allocates next to nothing: it held up to twice as much garbage as a page that reads a
 * WebSocket itself. To allocate as much as the limit makes V8 look. Memory that is never touched takes
 * up addresses only.
 *
 * @module
 */

/** In bytes: V8's limit. */
const weight = 64 * 1024 * 1024;

/** Starts a collection, which goes on by itself. */
export function throwBallast(): void {
  try {
    // Bundlers leave out what is made with "new" and not used.
    Reflect.construct(ArrayBuffer, [weight]);
  } catch {
    // Where addresses are scarce, it goes without.
  }
}
