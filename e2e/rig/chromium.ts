/** How Chromium is started: Debian's, or the one that `WEBTLS_CHROMIUM` names. */
export const launchOptions = {
  executablePath: process.env.WEBTLS_CHROMIUM || "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};
