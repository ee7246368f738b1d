import { setTimeout as delay } from 'node:timers/promises';

/** Patience of `eventually`. */
export interface EventuallyOptions {
  /** Default 10 000 ms. */
  readonly timeoutMs?: number;
  /** Default 50 ms. */
  readonly intervalMs?: number;
}

/**
 * Calls `attempt` until it does not throw, and gives its result. After `timeoutMs` the last failure is thrown,
 * so a test says what was not yet true.
 */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<T> {
  const { timeoutMs = 10_000, intervalMs = 50 } = options;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
    }
    await delay(intervalMs);
  }
}
