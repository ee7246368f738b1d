import { randomInt } from 'node:crypto';

/** Shortest and longest pause asked of a sender, seconds. Spread, so that senders do not come back all at once. */
const SHORTEST = 2;
const LONGEST = 10;

/** A jittered `Retry-After`, seconds. */
export function retryAfterSeconds(): number {
  return randomInt(SHORTEST, LONGEST + 1);
}
