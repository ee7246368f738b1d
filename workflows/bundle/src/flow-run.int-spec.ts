import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WorkflowFailedError } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { FLOW_RUN_WORKFLOW, type FlowRunActivities, type RunRef } from '@ecluse/contracts';
import { eventually, testServers, uniqueName } from '@ecluse/testing';
import { BEHAVIOURS, saveHistory, scriptActivities, type FlowBehaviour } from './testing/index.js';
import { openRealEngine, type RealEngine } from './testing/real-engine.js';

/** Real: the Temporal server and the bundled interpreter. Scripted: the activities. */
let engine: RealEngine;
beforeAll(async () => {
  engine = await openRealEngine();
}, 60_000);
afterAll(() => engine.close());

function runRef(workflowId: string): RunRef {
  return {
    tenant: 'acme',
    runId: '019a0000-0000-7000-8000-000000000001',
    deliveryId: '019a0000-0000-7000-8000-000000000002',
    flow: 'deal-won-to-order',
    flowVersion: 1,
    flowSha256: '0'.repeat(64),
    origin: workflowId,
  };
}

async function onWorker<T>(
  activities: FlowRunActivities,
  use: (taskQueue: string) => Promise<T>,
): Promise<T> {
  const taskQueue = uniqueName('flows');
  const worker = await Worker.create({
    connection: engine.native,
    namespace: testServers().temporal.namespace,
    taskQueue,
    workflowBundle: engine.bundle,
    activities,
  });
  return worker.runUntil(() => use(taskQueue));
}

async function start(taskQueue: string, name: string) {
  const workflowId = uniqueName(name);
  return engine.client.workflow.start(FLOW_RUN_WORKFLOW, {
    taskQueue,
    workflowId,
    args: [runRef(workflowId)],
  });
}

async function run(behaviour: FlowBehaviour) {
  const script = scriptActivities(behaviour);
  const ended = await onWorker(script.activities, async (taskQueue) => {
    const handle = await start(taskQueue, behaviour.name);
    const end = await handle.result().then(
      (result: unknown) => ({ result }),
      (error: unknown) => ({ error }),
    );
    if (process.env['RECORD_HISTORIES'] === '1')
      await saveHistory(behaviour.name, await handle.fetchHistory());
    return end;
  });
  return { ...script, ended };
}

describe('flowRun on a real Temporal server', () => {
  it.each(BEHAVIOURS)('$name', async (behaviour) => {
    const { closed, ended } = await run(behaviour);
    expect(closed).toEqual([behaviour.expected]);
    if (behaviour.expected.state === 'succeeded') {
      expect(ended).toEqual({ result: behaviour.expected });
    } else {
      expect(ended).toMatchObject({
        error: { cause: { type: behaviour.expected.failure.code, nonRetryable: true } },
      });
    }
  });

  it('does not count waiting for the platform as an attempt', async () => {
    const behaviour = BEHAVIOURS.find(({ name }) => name === 'waits-for-platform-then-succeeds');
    const { callsMade, platformWaits } = await run(behaviour!);
    expect(callsMade.map(({ attemptsUsed }) => attemptsUsed)).toEqual([0, 0, 0]);
    expect(platformWaits()).toBe(2);
  });

  it.each([
    ['local-calls-succeed', [0, 0], [true, true]],
    // The second and the third are one normal activity, whose attempts Temporal counts.
    ['local-call-goes-on-as-activity', [0, 1, 1], [true, false, false]],
    ['local-call-waits-for-platform', [0, 0, 0], [true, false, false]],
    ['local-call-was-the-last-attempt', [2], [true]],
    ['done-while-opened', [], []],
    ['first-step-done-second-goes-on-as-activity', [1, 0], [false, true]],
    ['first-step-refused-while-opened', [], []],
  ])('%s: counts attempts over local and normal activities', async (name, used, local) => {
    const { callsMade } = await run(BEHAVIOURS.find((behaviour) => behaviour.name === name)!);
    expect(callsMade.map(({ attemptsUsed }) => attemptsUsed)).toEqual(used);
    expect(callsMade.map(({ isLocal }) => isLocal)).toEqual(local);
  });

  it('needs one workflow task for a run of local calls', async () => {
    const behaviour = BEHAVIOURS.find(({ name }) => name === 'local-calls-succeed')!;
    const { activities } = scriptActivities(behaviour);
    const history = await onWorker(activities, async (taskQueue) => {
      const handle = await start(taskQueue, 'one-task');
      await handle.result();
      return handle.fetchHistory();
    });
    const tasks = history.events?.filter((event) => event.workflowTaskCompletedEventAttributes != null);
    expect(tasks).toHaveLength(1);
  });

  it('does nothing when the end of the run is recorded already', async () => {
    const script = scriptActivities(BEHAVIOURS[0]!);
    const openRun = async () => ({ ended: true as const });
    await onWorker({ ...script.activities, openRun }, async (taskQueue) => {
      const handle = await start(taskQueue, 'ended');
      await handle.result();
    });
    expect(script.callsMade).toEqual([]);
  });

  it('records a cancelled run as a dead letter and ends as cancelled', async () => {
    const steps = [{ id: 'order', call: { connection: 'erp', operation: 'salesOrder.upsert', with: '{}' } }];
    const script = scriptActivities({
      name: 'cancelled',
      steps,
      expected: { state: 'succeeded', triggered: true },
    });
    let called = false;
    const never: FlowRunActivities['callConnection'] = async () => {
      called = true;
      const { Context } = await import('@temporalio/activity');
      const context = Context.current();
      const beat = setInterval(() => {
        context.heartbeat();
      }, 200);
      return context.cancelled.finally(() => {
        clearInterval(beat);
      });
    };
    await onWorker({ ...script.activities, callConnection: never }, async (taskQueue) => {
      const handle = await start(taskQueue, 'cancelled');
      await eventually(() => {
        expect(called).toBe(true);
      });
      await handle.cancel();
      await expect(handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
      expect((await handle.describe()).status.name).toBe('CANCELLED');
    });
    expect(script.closed).toEqual([
      {
        state: 'dead_letter',
        failure: {
          stepId: 'order',
          code: 'ECL-2006',
          outcome: null,
          reason: 'The run was cancelled during step order; later steps did not run.',
        },
      },
    ]);
  }, 40_000);

  it('goes on when a new worker takes the run over between two steps', async () => {
    const [twoCalls] = BEHAVIOURS;
    const script = scriptActivities(twoCalls!);
    const gate = Promise.withResolvers<undefined>();
    const taskQueue = uniqueName('flows');
    const options = {
      connection: engine.native,
      namespace: testServers().temporal.namespace,
      taskQueue,
      workflowBundle: engine.bundle,
    };
    const first = await Worker.create({
      ...options,
      activities: {
        ...script.activities,
        callConnection: async (input: Parameters<FlowRunActivities['callConnection']>[0]) => {
          if (input.stepId === 'customer') gate.resolve(undefined);
          return script.activities.callConnection(input);
        },
      },
      shutdownGraceTime: '5s',
    });
    const handle = await first.runUntil(async () => {
      const started = await start(taskQueue, 'taken-over');
      await gate.promise;
      return started;
    });
    const second = await Worker.create({ ...options, activities: script.activities });
    await second.runUntil(() => handle.result());
    expect(script.closed).toEqual([{ state: 'succeeded', triggered: true }]);
    expect(script.callsMade.filter(({ stepId }) => stepId === 'customer')).toHaveLength(1);
  }, 40_000);
});
