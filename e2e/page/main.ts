/** Puts the library, and what the tests do with it, where tests reach it. */

import * as callbacks from "./callbacks.ts";
import * as decryption from "./decryption.ts";
import * as identities from "./identities.ts";
import * as rig from "./rig.ts";
import * as sessions from "./sessions.ts";

declare global {
  interface Window {
    rig: typeof rig & typeof sessions & typeof callbacks & typeof identities & typeof decryption;
  }
}

window.rig = { ...rig, ...sessions, ...callbacks, ...identities, ...decryption };
