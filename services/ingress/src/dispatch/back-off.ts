export interface BackOffLimits {
  /** Milliseconds. */
  firstMs: number;
  /** Milliseconds. */
  longestMs: number;
}

/**
 * Pause before try `failures + 1`: doubled each time, bounded, and spread over its upper half, so that several
 * dispatchers do not come back together. Milliseconds.
 * @param failures Failures in a row, 1 or more.
 * @param random 0 (inclusive) to 1 (exclusive).
 */
export function backOffMs(failures: number, limits: BackOffLimits, random: number): number {
  const full = Math.min(limits.longestMs, limits.firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(full / 2 + (full / 2) * random);
}
