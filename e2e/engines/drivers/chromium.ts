import { launchOptions } from "../../rig/chromium.ts";
import { type Driver, startEngine } from "./driver.ts";

/** Chromium of Debian, or the one that `WEBTLS_CHROMIUM` names. */
export const chromium: Driver = {
  name: "Chromium",
  open: (url) =>
    startEngine({ path: launchOptions.executablePath, package: "chromium" }, async (profile) => ({
      args: [
        ...launchOptions.args,
        "--headless",
        "--no-first-run",
        `--user-data-dir=${profile}`,
        url,
      ],
    })),
};
