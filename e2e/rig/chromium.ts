/**
 * A name that leads to this machine, and that Chromium does not know for it: pages from there are
 * in no secure context and have no `crypto.subtle`.
 */
export const insecureHost = "insecure.test";

/** How Chromium is started: Debian's, or the one that `WEBTLS_CHROMIUM` names. */
export const launchOptions = {
  executablePath: process.env.WEBTLS_CHROMIUM || "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    `--host-resolver-rules=MAP ${insecureHost} 127.0.0.1`,
  ],
};
