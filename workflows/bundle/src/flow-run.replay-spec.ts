import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { bundleFlowRun, MAX_BUNDLE_BYTES } from './index.js';
import { BATCH_BEHAVIOURS, BEHAVIOURS, loadHistories } from './testing/index.js';

type Recorded = Awaited<ReturnType<typeof loadHistories>>;

let code: string;
let recorded: Recorded;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  ({ code } = await bundleFlowRun());
  recorded = await loadHistories();
}, 60_000);

afterAll(() => Runtime.instance().shutdown());

/** Names of the histories that this code cannot replay, with the error's name. */
async function replay(bundle: string, of = recorded): Promise<Record<string, string>> {
  const histories = of.map(({ name, history }) => ({ workflowId: name, history }));
  const failed: Record<string, string> = {};
  for await (const { workflowId, error } of Worker.runReplayHistories(
    { workflowBundle: { code: bundle } },
    histories,
  )) {
    if (error !== undefined) failed[workflowId] = error.name;
  }
  return failed;
}

describe('recorded histories', () => {
  it('exist for every behaviour', () => {
    expect(recorded.map(({ name }) => name)).toEqual(
      expect.arrayContaining(BEHAVIOURS.map(({ name }) => name)),
    );
  });

  it('replay on this code', async () => {
    expect(await replay(code)).toEqual({});
  });

  it('refuse a workflow that would do something else', async () => {
    const changed = code.replace(
      'record.openRun(run)',
      '(await record.closeRun(run), await record.openRun(run))',
    );
    expect(changed).not.toBe(code);
    const failed = await replay(changed);
    expect(Object.keys(failed).sort()).toEqual(recorded.map(({ name }) => name));
    expect(Object.values(failed)).toContain('DeterminismViolationError');
  });
});

describe('recorded histories of batches', () => {
  let batches: Recorded;
  beforeAll(async () => {
    batches = await loadHistories('flow-batch');
  });

  it('exist for every behaviour', () => {
    expect(batches.map(({ name }) => name)).toEqual(
      expect.arrayContaining(BATCH_BEHAVIOURS.map(({ name }) => name)),
    );
  });

  it('replay on this code', async () => {
    expect(await replay(code, batches)).toEqual({});
  });

  it('refuse a workflow that would do something else', async () => {
    const changed = code.replace(
      'record.openBatch(batch)',
      '(await record.closeBatch(batch), await record.openBatch(batch))',
    );
    expect(changed).not.toBe(code);
    expect(Object.keys(await replay(changed, batches)).sort()).toEqual(batches.map(({ name }) => name));
  });
});

describe('workflow bundle', () => {
  it('stays small: no library slipped in', () => {
    expect(Buffer.byteLength(code)).toBeLessThan(MAX_BUNDLE_BYTES);
    expect(code).not.toContain('class-validator');
  });
});
