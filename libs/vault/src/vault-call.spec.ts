import { beforeEach, describe, expect, it } from '@jest/globals';
import { EcluseError } from '@ecluse/errors';
import { Circuit } from './circuit.js';
import { callVault, type CallSurroundings } from './vault-call.js';
import type { VaultFailure } from './vault-failure.js';
import { VaultTransportError } from './vault-transport.js';

const REFUSED: VaultFailure = { status: 0, transportCode: 'ECONNREFUSED', messages: [] };
const RESET: VaultFailure = { status: 0, transportCode: 'ECONNRESET', messages: [] };
const STALE: VaultFailure = { status: 403, messages: ['permission denied', 'invalid token'] };
const DENIED: VaultFailure = { status: 403, messages: ['permission denied'] };
const SEALED: VaultFailure = { status: 503, messages: ['Vault is sealed'] };

describe('callVault', () => {
  let now = 0;
  let pauses: number[] = [];
  let tries = 0;
  let relogins = 0;
  let around: CallSurroundings;
  beforeEach(() => {
    now = tries = relogins = 0;
    pauses = [];
    around = {
      circuit: new Circuit(() => now),
      now: () => now,
      random: () => 1,
      sleep: (ms) => {
        pauses.push(ms);
        now += ms;
        return Promise.resolve();
      },
    };
  });
  const call = (
    failures: unknown[],
    idempotent: boolean,
    options: { signal?: AbortSignal } = {},
  ): Promise<string> =>
    callVault(
      {
        path: 'kv/data/x',
        idempotent,
        ...options,
        attempt: () => {
          const failure = failures[tries];
          tries += 1;
          if (failure === undefined) return Promise.resolve('done');
          const thrown =
            failure instanceof Error ? failure : new VaultTransportError(failure as VaultFailure);
          return Promise.reject(thrown);
        },
        relogin: () => {
          relogins += 1;
        },
      },
      around,
    );

  it.each([
    ['a policy', DENIED, true, 'ECL-3002', 1],
    ['an unknown outcome of a write', RESET, false, 'ECL-3001', 1],
    ['a seal', SEALED, true, 'ECL-3001', 1],
    ['three lost reads', RESET, true, 'ECL-3001', 3],
    ['three refused connections, also of a write', REFUSED, false, 'ECL-3001', 3],
    ['a token refused twice', STALE, true, 'ECL-3002', 2],
  ])('gives up after %s', async (_name, failure, idempotent, code, expected) => {
    await expect(call([failure, failure, failure, failure], idempotent)).rejects.toMatchObject({ code });
    expect(tries).toBe(expected);
  });

  it('goes on after a lost read, with growing pauses', async () => {
    expect(await call([RESET, RESET], true)).toBe('done');
    expect(pauses).toEqual([400, 1600]);
  });

  it('logs in again once for a stale token, also for a write', async () => {
    expect(await call([STALE], false)).toBe('done');
    expect(relogins).toBe(1);
  });

  it('stops within its budget when tries are slow', async () => {
    around.sleep = (ms) => {
      now += ms + 5000;
      return Promise.resolve();
    };
    await expect(call([RESET, RESET, RESET], true)).rejects.toMatchObject({ code: 'ECL-3001' });
    expect(tries).toBe(2);
  });

  it('does not ask a sealed Vault again within a second', async () => {
    await expect(call([SEALED], true)).rejects.toMatchObject({ retryAfterSeconds: 15 });
    await expect(call([], true)).rejects.toMatchObject({ code: 'ECL-3001', retryAfterSeconds: 1 });
    expect(tries).toBe(1);
    now += 1000;
    expect(await call([], true)).toBe('done');
  });

  it('ends with VAULT_UNAVAILABLE when its caller cancelled, without a second try', async () => {
    const signal = AbortSignal.abort();
    await expect(call([RESET], true, { signal })).rejects.toMatchObject({ code: 'ECL-3001' });
    expect(tries).toBe(1);
  });

  it('passes an own error on, and hides a foreign one', async () => {
    await expect(call([new EcluseError('VAULT_DENIED')], true)).rejects.toMatchObject({ code: 'ECL-3002' });
    tries = 0;
    const foreign = call([new TypeError('canary')], true);
    await expect(foreign).rejects.toMatchObject({ code: 'ECL-3005' });
    await expect(foreign).rejects.not.toThrow('canary');
  });
});
