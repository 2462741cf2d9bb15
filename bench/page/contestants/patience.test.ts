import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Contestant, Target } from "./contestant.ts";
import { impatient } from "./patience.ts";

const target: Target = { bridge: "wisp", url: "", host: "localhost", port: 1, roots: "" };
const never = () => new Promise<never>(() => {});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("gives up on what never opens", async () => {
  const contestant: Contestant = { name: "astray", verifies: false, open: never };
  const opened = expect(impatient(contestant).open(target)).rejects.toThrow("Opening");
  await vi.advanceTimersByTimeAsync(60_000);
  await opened;
});

it("gives up on reading and writing that never end, and on nothing that has ended", async () => {
  let read: () => Promise<Uint8Array | undefined> = async () => Uint8Array.of(1);
  const open: Contestant["open"] = async () => ({
    read: () => read(),
    write: never,
    close: async () => {},
  });
  const pipe = await impatient({ name: "astray", verifies: false, open }).open(target);
  expect(await pipe.read()).toEqual(Uint8Array.of(1));
  await vi.advanceTimersByTimeAsync(60_000);
  read = never;
  const reading = expect(pipe.read()).rejects.toThrow("Reading");
  const writing = expect(pipe.write(Uint8Array.of(1))).rejects.toThrow("Writing");
  await vi.advanceTimersByTimeAsync(60_000);
  await Promise.all([reading, writing]);
  await pipe.close();
  expect(vi.getTimerCount()).toBe(0);
});
