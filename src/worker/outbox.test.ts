import { describe, expect, test, vi } from "vitest";
import type { TlsErrorRecord } from "../errors.ts";
import { Outbox } from "./outbox.ts";
import type { WorkerMessage } from "./protocol.ts";
import { said } from "./wording.ts";

const spelling = {
  spelledOut: (error: TlsErrorRecord) => ({ ...error, message: "In words.", cause: "In words." }),
};

const error = (message: string): TlsErrorRecord => ({ code: "certificate/expired", message });

/** An outbox with what it has posted so far, and what ends its patience. */
function makeOutbox(load = () => Promise.resolve(spelling)) {
  const posted: WorkerMessage[] = [];
  const timers: (() => void)[] = [];
  const port = { postMessage: (message: WorkerMessage) => posted.push(message) };
  const schedule = (run: () => void) => {
    timers.push(run);
    return () => {};
  };
  const outOfPatience = () => {
    for (const run of timers) run();
  };
  return { posted, outOfPatience, outbox: new Outbox(port as never, schedule, load) };
}

describe("an outbox", () => {
  test("posts at once what says all there is", () => {
    const { outbox, posted } = makeOutbox();
    outbox.post({ type: "failed", error: error("It has expired.") }, []);
    outbox.post({ type: "result", id: 1, error: "thrown by the caller" }, []);
    outbox.post({ type: "closed" }, []);
    expect(posted).toEqual([
      { type: "failed", error: error("It has expired.") },
      { type: "result", id: 1, error: "thrown by the caller" },
      { type: "closed" },
    ]);
  });

  test("keeps the order while words are loaded, and posts at once again afterwards", async () => {
    const { outbox, posted } = makeOutbox();
    outbox.post({ type: "write-failed", error: error(said(0)) }, []);
    outbox.post({ type: "credit", cost: 1 }, []);
    outbox.post({ type: "result", id: 1, error: error(said(0, "a")) }, []);
    outbox.post({ type: "ended" }, []);
    expect(posted).toEqual([]);
    await vi.waitFor(() => expect(posted).toHaveLength(4));
    expect(posted.map(({ type }) => type)).toEqual(["write-failed", "credit", "result", "ended"]);
    expect(posted[0]).toMatchObject({ error: { message: "In words.", cause: "In words." } });
    await new Promise((resolve) => setTimeout(resolve));
    outbox.post({ type: "closed" }, []);
    expect(posted.at(-1)).toEqual({ type: "closed" });
  });

  test("says in short what it has no words for", async () => {
    const failing = () => Promise.reject(new TypeError("Failed to fetch the module"));
    const { outbox, posted } = makeOutbox(failing);
    outbox.post({ type: "failed", error: { ...error(said(0)), cause: said(1) } }, []);
    await vi.waitFor(() => expect(posted).toHaveLength(1));
    const [message] = posted;
    expect(message).toMatchObject({ type: "failed", error: { code: "certificate/expired" } });
    expect(message).not.toHaveProperty("error.cause");
    expect(JSON.stringify(message)).toContain("did not load");
  });

  test("does not wait for words for ever", async () => {
    const { outbox, posted, outOfPatience } = makeOutbox(() => new Promise(() => {}));
    outbox.post({ type: "failed", error: error(said(0)) }, []);
    outOfPatience();
    await vi.waitFor(() => expect(posted).toHaveLength(1));
    expect(JSON.stringify(posted)).toContain("did not load");
  });
});
