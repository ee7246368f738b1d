import { Context } from '@temporalio/activity';

/** Well below the activity's heartbeat timeout of 10 s. Milliseconds. */
const HEARTBEAT_MS = 2_000;

/**
 * Tells Temporal that the worker lives, which is also the only way a cancellation gets here. A local activity has no
 * heartbeat: it is over before anybody could miss it, and hears of cancellations in its own process.
 */
export async function whileHeartbeating<T>(body: () => Promise<T>): Promise<T> {
  const context = Context.current();
  if (context.info.isLocal) return body();
  context.heartbeat();
  const timer = setInterval(() => {
    context.heartbeat();
  }, HEARTBEAT_MS);
  try {
    return await body();
  } finally {
    clearInterval(timer);
  }
}
