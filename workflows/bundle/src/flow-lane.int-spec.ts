import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { FLOW_LANE_WORKFLOW, LANE_DELIVER_SIGNAL, type LaneItem, type LaneRef } from '@ecluse/contracts';
import { eventually, testServers, uniqueName } from '@ecluse/testing';
import { saveHistory } from './testing/index.js';
import { LANE_BEHAVIOURS, laneItem, LaneScript } from './testing/lane-script.js';
import { openRealEngine, type RealEngine } from './testing/real-engine.js';

/** Real: the Temporal server and the bundled lane. Scripted: the activities. */
let engine: RealEngine;
beforeAll(async () => {
  engine = await openRealEngine();
}, 60_000);
afterAll(() => engine.close());

const lane: LaneRef = { tenant: 'acme', flow: 'deal-won-to-order', laneKey: '0'.repeat(32) };

async function onWorker<T>(script: LaneScript, use: (lane: TestLane) => Promise<T>): Promise<T> {
  const taskQueue = uniqueName('flows');
  const { namespace } = testServers().temporal;
  const { activities } = script;
  const options = {
    connection: engine.native,
    namespace,
    taskQueue,
    workflowBundle: engine.bundle,
    activities,
  };
  const worker = await Worker.create(options);
  return worker.runUntil(() => use(new TestLane(taskQueue)));
}

class TestLane {
  readonly workflowId = uniqueName('lane');
  constructor(private readonly taskQueue: string) {}

  get handle() {
    return engine.client.workflow.getHandle(this.workflowId);
  }

  async deliver(positions: readonly number[]): Promise<void> {
    await engine.client.workflow.signalWithStart<LaneWorkflow, [LaneItem[]]>(FLOW_LANE_WORKFLOW, {
      taskQueue: this.taskQueue,
      workflowId: this.workflowId,
      args: [lane],
      signal: LANE_DELIVER_SIGNAL,
      signalArgs: [positions.map(laneItem)],
    });
  }
}
type LaneWorkflow = (of: LaneRef) => Promise<void>;

describe('flowLane on a real Temporal server', () => {
  it.each(LANE_BEHAVIOURS)('$name', async ({ name, signals, expected, expectedBack = [], ...behaviour }) => {
    const script = new LaneScript(behaviour);
    await onWorker(script, async (running) => {
      for (const positions of signals) await running.deliver(positions);
      await eventually(() => {
        expect([script.closed, script.back]).toEqual([expected, expectedBack]);
      });
      const stops = behaviour.held === true || behaviour.refused !== undefined;
      // A lane that stopped ends at once; one that goes on waits for more.
      if (stops) await running.handle.result();
      if (process.env['RECORD_HISTORIES'] === '1')
        await saveHistory(name, await running.handle.fetchHistory(), 'flow-lane');
      await running.handle.terminate().catch(() => undefined);
    });
    expect(script.mostCalls).toBeLessThanOrEqual(1);
  });

  it('begins its history anew and loses nothing that is signalled meanwhile', async () => {
    const script = new LaneScript();
    const all = Array.from({ length: 450 }, (_, index) => index + 1);
    await onWorker(script, async (running) => {
      for (let from = 0; from < all.length; from += 10) await running.deliver(all.slice(from, from + 10));
      await eventually(
        () => {
          expect(script.closed).toHaveLength(all.length);
        },
        { timeoutMs: 90_000 },
      );
      const { raw } = await running.handle.describe();
      expect(raw.workflowExecutionInfo?.firstRunId).not.toBe(raw.workflowExecutionInfo?.execution?.runId);
      await running.handle.terminate();
    });
    expect(script.closed).toEqual(all);
    expect(script.mostCalls).toBe(1);
  }, 120_000);

  it('gives back what it holds when it is cancelled, and records its head', async () => {
    const script = new LaneScript();
    let called = false;
    const activities = {
      ...script.activities,
      callConnection: async () => {
        called = true;
        const { Context } = await import('@temporalio/activity');
        const context = Context.current();
        const beat = setInterval(() => {
          context.heartbeat();
        }, 200);
        return context.cancelled.finally(() => {
          clearInterval(beat);
        });
      },
    };
    const cancelled = Object.defineProperty(new LaneScript(), 'activities', { value: activities });
    await onWorker(cancelled, async (running) => {
      await running.deliver([1, 2, 3]);
      await eventually(() => {
        expect(called).toBe(true);
      });
      await running.handle.cancel();
      await running.handle.result().catch(() => undefined);
    });
    expect([script.closed, script.back.sort()]).toEqual([[1], [2, 3]]);
  }, 40_000);
});
