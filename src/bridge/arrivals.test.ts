import { expect, test } from "vitest";
import { Arrivals } from "./arrivals.ts";

test("items leave in the order they came, whenever they are taken", () => {
  const arrivals = new Arrivals<number>();
  const taken: (number | undefined)[] = [];
  for (const item of [1, 2, 3]) arrivals.push(item);
  taken.push(arrivals.shift());
  arrivals.push(4);
  for (let count = 0; count < 4; count++) taken.push(arrivals.shift());
  arrivals.push(5);
  taken.push(arrivals.shift());
  expect(taken).toEqual([1, 2, 3, 4, undefined, 5]);
});
