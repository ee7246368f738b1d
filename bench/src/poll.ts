import { setTimeout as sleep } from 'node:timers/promises';

/** How a number is watched. Milliseconds. */
export interface Watch {
  readonly everyMs: number;
  /** Given up when the number has not changed for this long. */
  readonly stalledMs: number;
}

/** Reads a number until it fits or does not move any more; answers the last one. */
export async function poll(
  read: () => Promise<number>,
  fits: (value: number) => boolean,
  { everyMs, stalledMs }: Watch,
): Promise<number> {
  let last = await read();
  let movedAt = performance.now();
  while (!fits(last) && performance.now() - movedAt < stalledMs) {
    await sleep(everyMs);
    const next = await read();
    if (next !== last) movedAt = performance.now();
    last = next;
  }
  return last;
}
