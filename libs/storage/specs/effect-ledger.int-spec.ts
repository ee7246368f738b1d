import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { RunRef } from '@ecluse/contracts';
import type { EffectKey } from '@ecluse/storage';
import { PostgresEffectLedger, PostgresRunQueries } from '@ecluse/storage/postgres';
import { StorageFixture, aTenant, acceptedRuns, refOf, refusalOf, releaseFlow } from './storage-fixture.js';

let fixture: StorageFixture;
let ledger: PostgresEffectLedger;
let run: RunRef;
let key: EffectKey;
const output = { ciphertext: Buffer.from([1, 2, 3]), wrappedKey: 'vault:v1:k', keyName: 'tenant-x' };

beforeAll(async () => {
  fixture = await StorageFixture.create();
  ledger = new PostgresEffectLedger(await fixture.as('worker'));
  const tenant = aTenant();
  await releaseFlow(fixture, tenant);
  const [queued] = await acceptedRuns(fixture, tenant);
  run = refOf(queued!);
});
beforeEach(() => {
  key = { tenant: run.tenant, idempotencyKey: `${run.origin}/${randomUUID()}` };
});
afterAll(() => fixture.close());

const intend = (): ReturnType<PostgresEffectLedger['intend']> =>
  ledger.intend(key, { run, stepId: 'order', connection: 'erp', operation: 'salesOrder.upsert' });

describe('PostgresEffectLedger', () => {
  it('refuses to settle what was never intended', async () => {
    expect(await refusalOf(ledger.settle(key, { state: 'confirmed', output: null, reason: null }))).toBe(
      'NOT_FOUND',
    );
  });

  it('gives exactly one of many concurrent attempts the intention', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, intend));
    expect(answers.filter((answer) => !answer.again)).toHaveLength(1);
    expect(answers.every((answer) => answer.state === 'intended')).toBe(true);
  });

  it('tells a later attempt that the outcome is in doubt', async () => {
    expect(await intend()).toEqual({ state: 'intended', output: null, reason: null, again: false });
    expect(await intend()).toEqual({ state: 'intended', output: null, reason: null, again: true });
  });

  it('answers a confirmed effect with its sealed output, for ever', async () => {
    await intend();
    await ledger.settle(key, { state: 'confirmed', output, reason: null });
    await ledger.settle(key, { state: 'unknown', output: null, reason: 'a late attempt timed out' });
    await ledger.settle(key, { state: 'refused', output: null, reason: 'a late refusal' });
    expect(await intend()).toEqual({ state: 'confirmed', output, reason: null, again: true });
  });

  it('arms a refused effect again, for one attempt only', async () => {
    await intend();
    await ledger.settle(key, { state: 'refused', output: null, reason: 'no such product' });
    const answers = await Promise.all(Array.from({ length: 10 }, intend));
    expect(answers.filter((answer) => !answer.again)).toHaveLength(1);
    expect(answers.every((answer) => answer.state === 'intended')).toBe(true);
  });

  it('keeps an unknown effect in doubt until an end is certain', async () => {
    await intend();
    await ledger.settle(key, { state: 'unknown', output: null, reason: 'connection lost after commit' });
    expect(await intend()).toMatchObject({
      state: 'unknown',
      again: true,
      reason: 'connection lost after commit',
    });
    await ledger.settle(key, { state: 'confirmed', output, reason: null });
    expect(await intend()).toMatchObject({ state: 'confirmed', again: true });
  });

  it('shows operators the effect without its output', async () => {
    await intend();
    await ledger.settle(key, { state: 'confirmed', output, reason: null });
    const found = await new PostgresRunQueries(await fixture.as('admin-api')).find(run.tenant, run.runId);
    const effect = found?.effects.find((candidate) => candidate.idempotencyKey === key.idempotencyKey);
    expect(effect).toMatchObject({
      stepId: 'order',
      state: 'confirmed',
      connection: 'erp',
      operation: 'salesOrder.upsert',
    });
    expect(effect).not.toHaveProperty('output');
  });
});
