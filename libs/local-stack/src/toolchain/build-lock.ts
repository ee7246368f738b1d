import { setTimeout as delay } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { errorCode } from '../system-error.js';

/** A lock whose holder has not touched it for this long belongs to a dead process. */
const STALE_MS = 20_000;

/**
 * Runs `work` while no other process of this user runs it for the same `entry`. Gives up waiting as soon as
 * `done` answers true, which the other process may have brought about. `work` must end when its signal aborts.
 */
export async function underBuildLock(
  entry: string,
  done: () => Promise<boolean>,
  work: (signal: AbortSignal) => Promise<void>,
  outer?: AbortSignal,
): Promise<void> {
  const lost = new AbortController();
  const signal = outer === undefined ? lost.signal : AbortSignal.any([outer, lost.signal]);
  while (!(await done())) {
    signal.throwIfAborted();
    const release = await tryLock(entry, lost);
    if (release === undefined) {
      await delay(200);
      continue;
    }
    try {
      if (!(await done())) await work(signal);
    } finally {
      if (!lost.signal.aborted) await release();
    }
  }
}

async function tryLock(entry: string, lost: AbortController): Promise<(() => Promise<void>) | undefined> {
  try {
    return await lock(entry, {
      realpath: false, // the entry does not exist yet
      stale: STALE_MS,
      update: STALE_MS / 4,
      onCompromised: (error) => {
        lost.abort(error);
      },
    });
  } catch (error) {
    if (errorCode(error) === 'ELOCKED') return undefined;
    throw error;
  }
}
