/**
 * Modules that are loaded when they are first needed.
 *
 * @module
 */

import { TlsError } from "./errors.ts";

/** A module loaded on demand; the failure to load it, told in words. */
export async function loaded<Module>(module: Promise<Module>): Promise<Module> {
  try {
    return await module;
  } catch (cause) {
    throw new TlsError(
      "configuration/unsupported-platform",
      "A part of webtls that this connection needs could not be loaded: serve every file of the build from where the first one came, and allow it in the content security policy.",
      { cause },
    );
  }
}
