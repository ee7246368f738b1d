/** Milliseconds before the n-th restart in a row; the last value repeats. */
const DELAYS_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000] as const;
/** A part that was ready for at least this long, in milliseconds, counts as healthy again: it did not fail at its start. */
const HEALTHY_AFTER_MS = 2_000;
/** Restarts in a row before the supervisor gives up on the part. */
export const MAX_RESTARTS = 6;

export type RestartDecision =
  | { readonly kind: 'restart'; readonly restarts: number; readonly delayMs: number }
  | { readonly kind: 'give-up'; readonly restarts: number };

/**
 * Decides what happens after a part ended by itself.
 * @param restarts restarts in a row so far
 * @param readyMs milliseconds from when it was ready to its end; 0 when it never was
 */
export function decideRestart(restarts: number, readyMs: number): RestartDecision {
  const inARow = readyMs >= HEALTHY_AFTER_MS ? 0 : restarts;
  if (inARow >= MAX_RESTARTS) return { kind: 'give-up', restarts: inARow };
  const delayMs = DELAYS_MS[Math.min(inARow, DELAYS_MS.length - 1)] ?? 0;
  return { kind: 'restart', restarts: inARow + 1, delayMs };
}
