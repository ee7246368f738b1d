import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { bundleFlowRun } from './index.js';
import { loadHistories } from './testing/index.js';
import { LANE_BEHAVIOURS } from './testing/lane-script.js';

let code: string;
let recorded: Awaited<ReturnType<typeof loadHistories>>;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  ({ code } = await bundleFlowRun());
  recorded = await loadHistories('flow-lane');
}, 60_000);

afterAll(() => Runtime.instance().shutdown());

/** Names of the histories that this code cannot replay. */
async function failing(bundle: string): Promise<string[]> {
  const histories = recorded.map(({ name, history }) => ({ workflowId: name, history }));
  const failed: string[] = [];
  const results = Worker.runReplayHistories({ workflowBundle: { code: bundle } }, histories);
  for await (const { workflowId, error } of results) if (error !== undefined) failed.push(workflowId);
  return failed.sort();
}

describe('recorded histories of lanes', () => {
  it('exist for every behaviour', () => {
    expect(recorded.map(({ name }) => name)).toEqual(
      expect.arrayContaining(LANE_BEHAVIOURS.map(({ name }) => name)),
    );
  });

  it('replay on this code', async () => {
    expect(await failing(code)).toEqual([]);
  });

  it('refuse a lane that would do something else', async () => {
    const opening = 'const opening = await record.openLaneRun(';
    const changed = code.replace(opening, `await record.returnLaneRuns(lane, []); ${opening}`);
    expect(changed).not.toBe(code);
    expect(await failing(changed)).toEqual(recorded.map(({ name }) => name));
  });
});
