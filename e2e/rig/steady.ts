/** Waits until a count has begun and does not grow any more, and returns it. */
export async function untilSteady(count: () => number | Promise<number>): Promise<number> {
  let last = 0;
  let steady = 0;
  while (steady < 10) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const now = await count();
    steady = now > 0 && now === last ? steady + 1 : 0;
    last = now;
  }
  return last;
}
