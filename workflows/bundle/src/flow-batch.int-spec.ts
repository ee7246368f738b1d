import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { FLOW_BATCH_WORKFLOW, type BatchRef, type FlowBatchActivities } from '@ecluse/contracts';
import { eventually, testServers, uniqueName } from '@ecluse/testing';
import { BATCH_BEHAVIOURS, saveHistory, scriptBatchActivities } from './testing/index.js';
import { openRealEngine, type RealEngine } from './testing/real-engine.js';

/** Real: the Temporal server and the bundled workflow. Scripted: the activities. */
let engine: RealEngine;
beforeAll(async () => {
  engine = await openRealEngine();
}, 60_000);
afterAll(() => engine.close());

const batch: BatchRef = {
  tenant: 'acme',
  batchId: '019a0000-0000-7000-8000-000000000003',
  flow: 'deal-won-to-order',
  flowVersion: 1,
  flowSha256: '0'.repeat(64),
};

async function run(
  name: string,
  activities: FlowBatchActivities,
  meanwhile?: (cancel: () => Promise<unknown>) => Promise<void>,
) {
  const taskQueue = uniqueName('flows');
  const { namespace } = testServers().temporal;
  const worker = await Worker.create({
    connection: engine.native,
    namespace,
    taskQueue,
    workflowBundle: engine.bundle,
    activities,
  });
  return worker.runUntil(async () => {
    const handle = await engine.client.workflow.start(FLOW_BATCH_WORKFLOW, {
      taskQueue,
      workflowId: uniqueName(name),
      args: [batch],
    });
    await meanwhile?.(() => handle.cancel());
    await handle.result().catch(() => undefined);
    if (process.env['RECORD_HISTORIES'] === '1')
      await saveHistory(name, await handle.fetchHistory(), 'flow-batch');
    return (await handle.describe()).status.name;
  });
}

describe('flowBatch on a real Temporal server', () => {
  it.each(BATCH_BEHAVIOURS)(
    '$name',
    async (behaviour) => {
      const script = scriptBatchActivities(behaviour);
      expect(await run(behaviour.name, script.activities)).toBe('COMPLETED');
      expect(script.closed).toEqual([behaviour.expected]);
      expect(script.executed).toEqual(behaviour.executed);
    },
    20_000,
  );

  it('numbers the attempts on after a wait', async () => {
    const waiting = BATCH_BEHAVIOURS.find(({ name }) => name === 'waits-for-the-platform');
    const script = scriptBatchActivities(waiting!);
    await run('waits-for-the-platform', script.activities);
    expect(script.attemptsUsed).toEqual([0, 1]);
  }, 20_000);

  it('is closed with dead letters when it is cancelled, and ends as cancelled', async () => {
    const [behaviour] = BATCH_BEHAVIOURS;
    const script = scriptBatchActivities(behaviour!);
    let called = false;
    const callBatch: FlowBatchActivities['callBatch'] = async () => {
      called = true;
      const { Context } = await import('@temporalio/activity');
      const beat = setInterval(() => {
        Context.current().heartbeat();
      }, 200);
      return Context.current().cancelled.finally(() => {
        clearInterval(beat);
      });
    };
    const status = await run('cancelled', { ...script.activities, callBatch }, async (cancel) => {
      await eventually(() => {
        expect(called).toBe(true);
      });
      await cancel();
    });
    expect(status).toBe('CANCELLED');
    expect(script.closed).toMatchObject([{ state: 'dead_letter', failure: { code: 'ECL-2006' } }]);
  }, 40_000);
});
