import { expect, pagesOrigin, test } from "./rig/fixtures.ts";
import { openLab } from "./rig/lab.ts";
import { startStaticHost } from "./rig/static-host.ts";

test("fast downloads are decrypted by a worker of its own, which ends with the last of them", async ({
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

test("a download goes on when another one ends in the middle of its records", async ({ lab }) => {
  expect(await lab.evaluate(() => window.rig.readBesideEnd(300))).toBe(true);
});

test("a download whose worker fails ends with an error, and the next one has another", async ({
  page,
}) => {
  await openLab(page, pagesOrigin());
  await page.exposeFunction("fail", async () => {
    const [worker] = page.workers();
    await worker?.evaluate(() => {
      setTimeout(() => {
        throw new Error("a defect");
      });
    });
    await expect.poll(() => page.workers().length).toBe(0);
  });
  const said = await page.evaluate(() => {
    const { fail } = window as unknown as { fail(): Promise<void> };
    return window.rig.readBehindFailure(fail);
  });
  expect(said).toBe("Error: The worker that decrypts has failed.");
  expect(await page.evaluate(() => window.rig.readAside(100))).toBe(true);
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
