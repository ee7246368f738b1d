/** Maps with at most `limit` calls at once; results in order. After the first failure nothing new begins, and it rejects. */
export async function mapBounded<T, R>(
  items: readonly T[],
  limit: number,
  map: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  let failed = false;
  const work = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failed) return;
      try {
        results[index] = await map(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  // All have ended before this rejects: nothing of the batch is under way afterwards.
  const ends = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, work));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return results;
}
