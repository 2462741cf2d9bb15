import { expect, test } from "vitest";
import { Ballast } from "./ballast.ts";

const mebibyte = 1024 * 1024;

test("it is held for a while once much is delivered, and never again", () => {
  const ballast = new Ballast();
  expect(ballast.held).toBe(0);
  ballast.delivered(mebibyte);
  expect(ballast.held).toBe(60 * mebibyte);
  ballast.delivered(8 * mebibyte);
  expect(ballast.held).toBe(60 * mebibyte);
  ballast.delivered(mebibyte);
  expect(ballast.held).toBe(0);
  for (let times = 0; times < 20; times++) ballast.delivered(mebibyte);
  expect(ballast.held).toBe(0);
});

test("one delivery that passes the bound holds none", () => {
  const ballast = new Ballast();
  ballast.delivered(100 * mebibyte);
  expect(ballast.held).toBe(0);
});
