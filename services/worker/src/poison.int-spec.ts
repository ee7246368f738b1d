import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '@ecluse/testing';
import { BatchHarness } from './testing/batch-harness.js';

/** Real: Temporal, PostgreSQL, Vault with its dynamic users, the ERP, the bundled workflows, all activities. */
let harness: BatchHarness;

jest.setTimeout(120_000);

beforeAll(async () => {
  harness = await BatchHarness.create();
}, 60_000);

afterAll(() => harness.close(), 30_000);

const FOREVER = '($f := function($n) { $f($n + 1) }; loop ? $f(0) : $map([id], function($i) { $i }))';
const steps = [{ id: 'mapped', map: FOREVER }];
const ids = (count: number) => Array.from({ length: count }, (_each, id) => id);

async function endsOf(flow: string) {
  const runs = await harness.runs(flow);
  return runs.map(({ state, delivery_state: delivery, code }) => [state, delivery, code]);
}
const DEAD = ['dead_letter', 'dead_letter', 'ECL-4002'];
const DONE = ['succeeded', 'succeeded', null];

/** Starts what left its batch as soon as it may be started, until all ended. */
async function endAlone(flow: string): Promise<void> {
  await eventually(
    async () => {
      await harness.runAlone(flow);
      const open = (await harness.runs(flow)).filter(
        ({ state }) => state === 'queued' || state === 'running',
      );
      expect(open.map(({ id, state, note }) => ({ id, state, note }))).toEqual([]);
    },
    { timeoutMs: 60_000, intervalMs: 500 },
  );
}

describe('a mapping that runs for ever', () => {
  it('makes dead letters of 12 runs within a minute; a healthy mapping runs meanwhile', async () => {
    const flow = 'poison-alone';
    const batch = await harness.form(
      flow,
      steps,
      ids(12).map((id) => ({ id, loop: true })),
    );
    await harness.dissolve(batch);
    const began = performance.now();
    const poisoned = harness.runAlone(flow);
    const healthy = await harness.flows.start(
      'poison-neighbour',
      steps.map((step) => ({ ...step, map: '$map([1..3], function($i) { $i })' })),
      {},
    );
    await healthy.ended();
    const neighbourMs = performance.now() - began;
    await poisoned;
    const poisonMs = performance.now() - began;
    expect(await endsOf(flow)).toEqual(ids(12).map(() => DEAD));
    expect(await endsOf('poison-neighbour')).toEqual([DONE]);
    expect(poisonMs).toBeLessThan(60_000);
    expect(neighbourMs).toBeLessThan(10_000);
  });

  it('holds up a batch for a few evaluations only; the others leave and come to their end alone', async () => {
    const flow = 'poison-batch';
    const bodies = ids(30).map((id) => ({ id, loop: id % 2 === 0 }));
    const batch = await harness.form(flow, steps, bodies);
    const began = performance.now();
    await (await harness.start(batch)).result();
    const batchMs = performance.now() - began;
    await endAlone(flow);
    expect(await endsOf(flow)).toEqual(bodies.map(({ loop }) => (loop ? DEAD : DONE)));
    expect(batchMs).toBeLessThan(20_000);
  });
});
