/**
 * `await using`, where the platform knows it.
 *
 * @module
 */

/**
 * Makes `close()` what ends an `await using` block. WebKit has no `Symbol.asyncDispose`: a method
 * written with that name in its class would be called "undefined" there.
 */
export function closeOnDispose(prototype: { close(): Promise<void> }): void {
  if (Symbol.asyncDispose === undefined) return;
  Object.defineProperty(prototype, Symbol.asyncDispose, {
    value(this: typeof prototype) {
      return this.close();
    },
    configurable: true,
    writable: true,
  });
}
