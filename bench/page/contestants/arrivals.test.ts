import { describe, expect, it } from "vitest";
import { Arrivals } from "./arrivals.ts";
import type { Pipe } from "./contestant.ts";

describe("Arrivals", () => {
  it("gives what has come, in order, then the end", async () => {
    const arrivals = new Arrivals();
    arrivals.add(Uint8Array.of(1));
    arrivals.add(Uint8Array.of(2));
    arrivals.end();
    expect(await arrivals.read()).toEqual(Uint8Array.of(1));
    expect(await arrivals.read()).toEqual(Uint8Array.of(2));
    expect(await arrivals.read()).toBeUndefined();
  });

  it("lets a reader wait for what comes later", async () => {
    const arrivals = new Arrivals();
    const read = arrivals.read();
    arrivals.add(Uint8Array.of(1));
    expect(await read).toEqual(Uint8Array.of(1));
  });

  it("fails once what came before an error is read", async () => {
    const arrivals = new Arrivals();
    arrivals.add(Uint8Array.of(1));
    arrivals.end(new Error("broken"));
    expect(await arrivals.read()).toEqual(Uint8Array.of(1));
    await expect(arrivals.read()).rejects.toThrow("broken");
    await expect(arrivals.opened).rejects.toThrow("broken");
  });

  it("is fed until the library fails", async () => {
    const arrivals = new Arrivals();
    const bridge: Pipe = { read: async () => Uint8Array.of(1), write: stop, close: stop };
    await arrivals.feed(bridge, () => Promise.reject(new Error("no record")));
    await expect(arrivals.read()).rejects.toThrow("no record");
  });
});

async function stop(): Promise<void> {}
