import { startProcess } from "../../../test/servers/process.ts";
import { type Driver, requireProgram, startEngine } from "./driver.ts";

/** Debian's name of this machine's architecture, where it is not Node's. */
const architectures: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };
const architecture = architectures[process.arch] ?? process.arch;

const miniBrowser = {
  path: `/usr/lib/${architecture}-linux-gnu/webkit2gtk-4.1/MiniBrowser`,
  package: "libwebkit2gtk-4.1-0",
};
const xvfb = { path: "/usr/bin/Xvfb", package: "xvfb" };

/** WebKitGTK of Debian: its own small browser, on a display of its own, as it has no headless mode. */
export const webkitGtk: Driver = {
  name: "WebKitGTK",
  async open(url) {
    await requireProgram(xvfb);
    // It takes the first display number that is free, and prints it once it is ready.
    const display = await startProcess(
      xvfb.path,
      ["-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp"],
      { ready: /^(\d+)$/m },
    );
    try {
      const browser = await startEngine(miniBrowser, async () => ({
        args: [url],
        env: { DISPLAY: `:${display.ready[1]}`, GDK_BACKEND: "x11" },
      }));
      return {
        output: browser.output,
        async close() {
          await browser.close();
          await display.stop();
        },
      };
    } catch (error) {
      await display.stop();
      throw error;
    }
  },
};
