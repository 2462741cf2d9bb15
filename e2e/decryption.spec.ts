import { expect, test } from "./rig/fixtures.ts";
import { startStaticHost } from "./rig/static-host.ts";

test("a worker of its own decrypts records in their order, and ends with its last user", async ({
  lab,
}) => {
  const begun: string[] = [];
  lab.on("worker", (worker) => begun.push(worker.url()));
  const found = await lab.evaluate(() =>
    Promise.all([window.rig.readAside(300), window.rig.readAside(100)]),
  );
  expect(found).toEqual([true, true]);
  expect(begun).toEqual([expect.stringContaining("/decryption/entry.ts")]);
  await expect.poll(() => lab.workers().filter((one) => one.url() === begun[0])).toEqual([]);
});

test("the built package has that worker's file, which a strict policy lets run", async ({
  page,
  keep,
}) => {
  const host = await keep(startStaticHost("'none'"));
  await page.goto(host.origin);
  const said = await page.evaluate(async () => {
    const worker = new Worker("/dist/worker/decryption.js", { type: "module" });
    const message = await new Promise<unknown>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = () => reject(new Error("it did not start"));
    });
    worker.terminate();
    return message;
  });
  expect(said).toBe("ready");
});
