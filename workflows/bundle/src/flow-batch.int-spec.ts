import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { FLOW_BATCH_WORKFLOW, type BatchRef, type FlowBatchActivities } from '@ecluse/contracts';
import { eventually, testServers, uniqueName } from '@ecluse/testing';
import { bundleFlowRun } from './index.js';
import { BATCH_BEHAVIOURS, saveHistory, scriptBatchActivities } from './testing/index.js';

/** Real: the Temporal server and the bundled workflow. Scripted: the activities. */
let connection: Connection;
let native: NativeConnection;
let client: Client;
let bundle: { code: string };

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const { address, namespace } = testServers().temporal;
  connection = await Connection.connect({ address });
  native = await NativeConnection.connect({ address });
  client = new Client({ connection, namespace });
  bundle = await bundleFlowRun();
}, 60_000);

afterAll(async () => {
  await connection.close();
  await native.close();
  await Runtime.instance().shutdown();
});

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
    connection: native,
    namespace,
    taskQueue,
    workflowBundle: bundle,
    activities,
  });
  return worker.runUntil(async () => {
    const handle = await client.workflow.start(FLOW_BATCH_WORKFLOW, {
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
