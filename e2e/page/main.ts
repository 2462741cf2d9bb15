/** Puts the library, and what the tests do with it, where tests reach it. */

import * as rig from "./rig.ts";

declare global {
  interface Window {
    rig: typeof rig;
  }
}

window.rig = rig;
