import { proxyActivities, proxyLocalActivities, sleep, upsertMemo } from '@temporalio/workflow';
import type { RunRef } from '@ecluse/contracts';

export interface CanaryActivities {
  echo(text: string): Promise<string>;
  fail(text: string): Promise<never>;
}
const retry = { maximumAttempts: 1 };
const normal = proxyActivities<CanaryActivities>({
  startToCloseTimeout: '10s',
  heartbeatTimeout: '5s',
  retry,
});
const local = proxyLocalActivities<CanaryActivities>({ startToCloseTimeout: '10s', retry });

/** Puts a value that must not be readable into every part of a history that can carry one. */
export async function flowRun(run: RunRef): Promise<string> {
  const canary = `canary-${run.deliveryId}`;
  upsertMemo({ canary });
  await sleep('10ms', { summary: canary });
  const echoed = [await normal.echo(canary), await local.echo(canary)];
  await normal.fail(canary).catch(() => undefined);
  await local.fail(canary).catch(() => undefined);
  return echoed.join();
}
