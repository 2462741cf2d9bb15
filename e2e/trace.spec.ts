import { startPeer } from "../test/servers/peers.ts";
import { expect, test } from "./rig/fixtures.ts";

test("trace events cross from the worker, on the clock of the page", async ({
  lab,
  identity,
  keep,
  trial,
}) => {
  const server = await keep(startPeer("node", await identity(), { version: "TLSv1.3" }));
  const { events, duration } = await lab.evaluate(
    (trial) => window.rig.trace(trial),
    await trial("webtls", server.port),
  );
  const words = events.map((event) => ("name" in event ? event.name : event.kind));
  expect(words.slice(0, 5)).toEqual([
    "bridge-opening",
    "bridge-open",
    "client_hello",
    "first-byte",
    "server_hello",
  ]);
  expect(words).toContain("certificate-verified");
  // A server sends its tickets when it likes, behind the client's close_notify too. Whether the end of
  // both sides is seen depends on who closes the transport first.
  const last = words.filter((word) => word !== "new_session_ticket" && word !== "ended").at(-1);
  expect(last).toBe("close_notify");
  const times = events.map(({ at }) => at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  // A browser may round its clocks.
  const done = events.find(({ kind }) => kind === "handshake-done")?.at;
  expect(done).toBeGreaterThan(0);
  expect(done).toBeLessThanOrEqual(duration + 1);
});
