import { expect, it } from '@jest/globals';
import { createLogger } from '@ecluse/observability';
import { PartitionKeeper } from './partition-keeper.js';

it('makes partitions once a day, and soon again after a failure', async () => {
  const state = { now: 0, made: 0, fails: true };
  const store = {
    ensurePartitions: () => {
      state.made += 1;
      return state.fails ? Promise.reject(new Error('away')) : Promise.resolve();
    },
  };
  const keeper = new PartitionKeeper(store, createLogger('test', 'silent'), () => state.now);
  await keeper.keep();
  await keeper.keep();
  expect(state.made).toBe(1);
  state.fails = false;
  state.now = 5 * 60_000;
  await keeper.keep();
  state.now += 24 * 3_600_000 - 1;
  await keeper.keep();
  expect(state.made).toBe(2);
  state.now += 1;
  await keeper.keep();
  expect(state.made).toBe(3);
});
