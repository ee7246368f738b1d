import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks `condition` until it answers true. False after `timeoutMs`. A condition that throws counts as "not yet".
 * Asks again every 50 ms.
 */
export async function waitUntil(condition: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (await condition().catch(() => false)) return true;
    if (Date.now() >= deadline) return false;
    await delay(50);
  }
}
