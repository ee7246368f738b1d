/** Runs `work` for 0..count-1 with at most `inFlight` at once; resolves when all are done. */
export async function closedLoop(
  count: number,
  inFlight: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const runner = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(count, inFlight) }, runner));
}
