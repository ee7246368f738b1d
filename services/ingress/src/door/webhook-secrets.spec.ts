import { describe, expect, it } from '@jest/globals';
import { EcluseError, isEcluseError } from '@ecluse/errors';
import { createLogger } from '@ecluse/observability';
import { WebhookSecrets } from './webhook-secrets.js';

/** Vault as the cache sees it: values, or an error, and a count of the reads. */
function setUp(values: Record<string, unknown> | EcluseError) {
  const state = { values, reads: 0, now: 0 };
  const vault = {
    read: () => {
      state.reads += 1;
      if (isEcluseError(state.values)) return Promise.reject(state.values);
      return Promise.resolve({ data: { data: state.values } });
    },
  };
  const log = createLogger('test', 'silent');
  const secrets = new WebhookSecrets(vault, { freshMs: 300_000, now: () => state.now }, log);
  return { state, secrets, of: () => secrets.of('acme', 'crm') };
}
const away = new EcluseError('VAULT_UNAVAILABLE');
const denied = new EcluseError('VAULT_DENIED');
const refused = (error: unknown) =>
  isEcluseError(error, 'SECRET_UNAVAILABLE') && error.retryAfterSeconds !== undefined;

describe('WebhookSecrets', () => {
  it('refuses when Vault is away or denies and nothing is cached', async () => {
    for (const error of [away, denied])
      expect(
        refused(
          await setUp(error)
            .of()
            .catch((thrown: unknown) => thrown),
        ),
      ).toBe(true);
  });

  it('reads once for many at the same time, and again when no longer fresh', async () => {
    const { state, of } = setUp({ a: 'one', number: 1 });
    const all = await Promise.all(Array.from({ length: 20 }, of));
    expect(all[0]).toEqual([{ id: 'a', value: 'one' }]);
    state.now = 299_999;
    await of();
    expect(state.reads).toBe(1);
    state.now = 300_000;
    state.values = { b: 'two' };
    expect(await of()).toEqual([{ id: 'b', value: 'two' }]);
  });

  it('is used for 15 minutes while Vault is away, without asking for each delivery', async () => {
    const { state, of } = setUp({ a: 'one' });
    await of();
    state.values = away;
    state.now = 400_000;
    await of();
    state.now += 4_999;
    await of();
    expect(state.reads).toBe(2);
    state.now = 899_999;
    expect(await of()).toHaveLength(1);
    state.now = 900_000;
    await expect(of()).rejects.toMatchObject({ errorName: 'SECRET_UNAVAILABLE' });
  });

  it('is not used any longer when Vault denies', async () => {
    const { state, of } = setUp({ a: 'one' });
    await of();
    state.values = denied;
    state.now = 300_000;
    await expect(of()).rejects.toMatchObject({ errorName: 'SECRET_UNAVAILABLE' });
  });

  it('has none where none is stored', async () => {
    expect(await setUp(new EcluseError('CREDENTIAL_MISSING')).of()).toEqual([]);
  });

  it('is read again after a change', async () => {
    const { state, secrets, of } = setUp({ a: 'one' });
    await of();
    state.now = 2_001;
    secrets.expire();
    await of();
    await of();
    expect(state.reads).toBe(2);
    expect(secrets.hasUsable).toBe(true);
  });
});
