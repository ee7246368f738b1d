import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@ecluse/testing';
import { laneWorkflowId } from '@ecluse/temporal';
import { LaneHarness, laneKeyOf } from './testing/lane-harness.js';

/** Real: Temporal, PostgreSQL, Vault, the ERP, the bundled lane, all activities. Of the dispatcher: its stores and its signal. */
let harness: LaneHarness;

beforeAll(async () => {
  harness = await LaneHarness.create();
  harness.pump();
}, 60_000);

afterAll(() => harness.close(), 30_000);

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

async function acceptAll(flow: string, key: string, numbers: readonly number[]): Promise<void> {
  for (const n of numbers) await harness.accept(flow, key, n);
}

async function statesOf(flow: string, key: string): Promise<unknown[]> {
  return (await harness.runs(flow, key)).map(({ state }) => state);
}

describe('order', () => {
  it('is kept over 500 deliveries, doubled signals and several histories', async () => {
    await harness.release('long', {});
    harness.signals = 2;
    await acceptAll('long', 'deal-1', upTo(500));
    await eventually(
      async () => {
        expect(await harness.moves('deal-1')).toHaveLength(500);
      },
      { timeoutMs: 120_000 },
    );
    harness.signals = 1;
    expect(await harness.moves('deal-1')).toEqual(upTo(500));
    const lane = { tenant: 'acme', flow: 'long', laneKey: laneKeyOf('deal-1') };
    const handle = harness.flows.temporal.client.workflow.getHandle(laneWorkflowId(lane));
    const { raw } = await handle.describe();
    expect(raw.workflowExtendedInfo).toBeDefined();
  }, 150_000);
});
