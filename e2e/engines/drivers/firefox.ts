import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Driver, startEngine } from "./driver.ts";

/** Nothing but the page: no first-run pages, and no traffic of the browser's own. */
const preferences: Readonly<Record<string, unknown>> = {
  "app.normandy.enabled": false,
  "app.update.disabledForTesting": true,
  "browser.aboutwelcome.enabled": false,
  "browser.safebrowsing.downloads.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,",
  "toolkit.telemetry.enabled": false,
};

/** Firefox ESR of Debian. */
export const firefox: Driver = {
  name: "Firefox ESR",
  open: (url) =>
    startEngine({ path: "/usr/bin/firefox-esr", package: "firefox-esr" }, async (profile) => {
      const lines = Object.entries(preferences).map(
        ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
      );
      await writeFile(join(profile, "user.js"), lines.join(""));
      return { args: ["--headless", "--no-remote", "--profile", profile, url] };
    }),
};
