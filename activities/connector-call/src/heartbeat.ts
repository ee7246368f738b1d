import { Context } from '@temporalio/activity';

/** Well below the activity's heartbeat timeout of 10 s. Milliseconds. */
const HEARTBEAT_MS = 2_000;

/** Tells Temporal that the worker lives, which is also the only way a cancellation gets here. */
export async function whileHeartbeating<T>(body: () => Promise<T>): Promise<T> {
  const context = Context.current();
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
