import { beforeEach, describe, expect, it } from '@jest/globals';
import { isEcluseError } from '@ecluse/errors';
import { createLogger } from '@ecluse/observability';
import { MemoryConnectionStates } from '../testing/memory-connection-states.js';
import { CIRCUIT_DEFAULTS } from './circuit.js';
import { ConnectionCircuits } from './connection-circuits.js';

let clock: number;
let store: MemoryConnectionStates;
let observed: string[];
let one: ConnectionCircuits;
let two: ConnectionCircuits;

const DOWN = { outcome: 'transient', reason: 'No answer.' } as const;
const OK = { outcome: 'ok', reason: null } as const;
const works = () => Promise.resolve(OK);
const down = () => Promise.resolve(DOWN);

beforeEach(() => {
  clock = 1_000;
  observed = [];
  store = new MemoryConnectionStates(() => clock);
  one = worker();
  two = worker();
});

function worker(): ConnectionCircuits {
  return new ConnectionCircuits({
    store,
    log: createLogger('spec', 'error'),
    observer: { held: (state) => observed.push(`held ${state}`), changed: (to) => observed.push(to) },
    now: () => clock,
    random: () => 0,
  });
}
/** One call through the circuit. */
async function call(circuits: ConnectionCircuits, verdict: Parameters<typeof report>[1], connection = 'erp') {
  return report(await circuits.assertPasses('acme', connection), verdict);
}
async function report(
  pass: Awaited<ReturnType<ConnectionCircuits['assertPasses']>>,
  verdict: { outcome: 'transient' | 'throttled' | 'ok'; reason: string | null; retryAfterMs?: number },
): Promise<void> {
  await pass.report(verdict);
  pass.release();
}
async function held(work: Promise<unknown>): Promise<{ afterMs: number; detail: string | undefined } | 'no'> {
  try {
    await work;
    return 'no';
  } catch (error) {
    if (!isEcluseError(error, 'CONNECTION_HELD')) throw error;
    return { afterMs: Math.round((error.retryAfterSeconds ?? 0) * 1_000), detail: error.detail };
  }
}
async function breakIt(circuits = one): Promise<void> {
  for (let n = 0; n < CIRCUIT_DEFAULTS.threshold; n += 1) await call(circuits, DOWN);
}

describe('circuits of connections', () => {
  it('open at the threshold, for all workers, and for no other connection', async () => {
    await breakIt();
    expect(await held(one.assertPasses('acme', 'erp'))).toEqual({
      afterMs: 1_000,
      detail: 'connection erp does not work at present: No answer',
    });
    expect(await held(one.assertPasses('acme', 'crm'))).toBe('no');
    expect(await held(one.assertPasses('globex', 'crm'))).toBe('no');
    expect(await held(two.assertPasses('acme', 'erp'))).toMatchObject({ afterMs: 1_000 });
    expect(observed).toEqual(['open', 'held open', 'held open']);
  });

  it('write only when they change', async () => {
    for (let n = 0; n < 49; n += 1) await call(one, n % 3 === 0 ? OK : DOWN);
    expect(store.writes).toBe(0);
    await breakIt();
    expect(store.writes).toBe(1);
  });

  it('read the store once a second, and at once after a change', async () => {
    await one.open();
    for (let n = 0; n < 50; n += 1) await call(one, OK);
    expect(store.reads).toBe(1);
    store.put('erp', 'paused', 'migration');
    expect(await held(one.assertPasses('acme', 'erp'))).toEqual({
      afterMs: 5_000,
      detail: 'connection erp is paused: migration',
    });
    expect(store.reads).toBe(2);
    await one.close();
    store.put('erp', 'closed');
    clock += 999;
    expect(await held(one.assertPasses('acme', 'erp'))).not.toBe('no');
    clock += 1;
    expect(await held(one.assertPasses('acme', 'erp'))).toBe('no');
  });

  it('count the calls under way when it opens once only', async () => {
    const passes = await Promise.all(Array.from({ length: 50 }, () => one.assertPasses('acme', 'erp')));
    await Promise.all(passes.map((pass) => report(pass, DOWN)));
    expect(store.writes).toBe(1);
    expect(await held(one.assertPasses('acme', 'erp'))).toMatchObject({ afterMs: 1_000 });
  });

  it('honour Retry-After over all runs, also of a call that ends late', async () => {
    const late = await one.assertPasses('acme', 'erp');
    await call(one, { outcome: 'throttled', reason: null, retryAfterMs: 30_000 });
    await report(late, { outcome: 'throttled', reason: null, retryAfterMs: 90_000 });
    expect(await held(one.assertPasses('acme', 'erp'))).toMatchObject({ afterMs: 90_000 });
    expect(await held(two.awaitTurn('acme', 'erp', works))).toMatchObject({ afterMs: 90_000 });
  });

  it('are probed by one of all who wait, who then goes ahead alone', async () => {
    await breakIt();
    let probes = 0;
    const probe = () => {
      probes += 1;
      return works();
    };
    clock += 1_000;
    const waiting = [one, one, one, two, two].map((circuits) =>
      held(circuits.awaitTurn('acme', 'erp', probe)),
    );
    expect((await Promise.all(waiting)).filter((answer) => answer === 'no')).toHaveLength(1);
    expect(probes).toBe(1);
    const trial = await one.assertPasses('acme', 'erp');
    expect(await held(one.assertPasses('acme', 'erp'))).toMatchObject({
      detail: 'connection erp is being tried with one call',
    });
    await report(trial, OK);
    expect(await held(one.assertPasses('acme', 'erp'))).toBe('no');
    expect(await held(one.awaitTurn('acme', 'erp', probe))).toBe('no');
  });

  it('free the trial when its call ends without telling anything', async () => {
    await breakIt();
    clock += 1_000;
    await one.awaitTurn('acme', 'erp', works);
    const trial = await one.assertPasses('acme', 'erp');
    trial.release();
    trial.release();
    expect(await held(one.assertPasses('acme', 'erp'))).toBe('no');
  });

  it('stay open for longer after each probe that fails, or that cannot be made', async () => {
    await breakIt();
    clock += 1_000;
    expect(await held(one.awaitTurn('acme', 'erp', down))).toMatchObject({ afterMs: 2_000 });
    clock += 2_000;
    await expect(one.awaitTurn('acme', 'erp', () => Promise.reject(new Error('no lease')))).rejects.toThrow(
      'no lease',
    );
    expect(await held(two.awaitTurn('acme', 'erp', down))).toMatchObject({ afterMs: 1_000 });
    clock += 1_000;
    expect(await held(two.awaitTurn('acme', 'erp', down))).toMatchObject({ afterMs: 4_000 });
  });

  it('never undo a pause, and start closed when it ends', async () => {
    await breakIt();
    const pass = await two.assertPasses('acme', 'crm');
    store.put('crm', 'paused');
    await report(pass, { outcome: 'throttled', reason: null, retryAfterMs: 1 });
    expect(await held(two.assertPasses('acme', 'crm'))).toMatchObject({
      detail: 'connection crm is paused',
    });
    store.put('crm', 'closed');
    clock += 1_000;
    expect(await held(two.assertPasses('acme', 'crm'))).toBe('no');
  });

  it('stay paused, and stay open, over the restart of a worker', async () => {
    store.put('crm', 'paused', 'migration');
    await breakIt();
    const restarted = worker();
    expect(await held(restarted.assertPasses('acme', 'crm'))).toMatchObject({
      detail: 'connection crm is paused: migration',
    });
    expect(await held(restarted.assertPasses('acme', 'erp'))).toMatchObject({ afterMs: 1_000 });
  });

  it('hold in one worker when the store is away, and refuse what they cannot know', async () => {
    const passes = await Promise.all(Array.from({ length: 10 }, () => one.assertPasses('acme', 'erp')));
    store.away = true;
    for (const pass of passes) await report(pass, DOWN);
    expect(await held(one.assertPasses('acme', 'erp'))).toMatchObject({ afterMs: 1_000 });
    await expect(two.assertPasses('acme', 'erp')).rejects.toThrow('ECL-2');
  });
});
