import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@ecluse/testing';
import { post, runOf, sendDeal, settled, signed, wonDeal } from './stack/deals.js';
import { ordersOf } from './stack/erp.js';
import { allReady, arm, diedAndCameBack } from './stack/failpoints.js';
import { pidOf } from './stack/status.js';

/** Past the worker's restart, Temporal's sticky timeout and the call's start-to-close time. */
const RECOVERY_MS = 120_000;

beforeEach(allReady, RECOVERY_MS);
afterAll(allReady, RECOVERY_MS);

describe('a worker killed (-9)', () => {
  it.each([
    ['before the remote call', 'worker.before-call'],
    ['after the remote call', 'worker.after-call'],
    ['before the ledger is settled', 'worker.before-record'],
    ['after the ledger is settled', 'worker.after-record'],
    ['before the end is recorded', 'worker.before-close'],
  ])(
    '%s leaves one order',
    async (_name, point) => {
      const before = pidOf('worker');
      arm(point);
      const deal = wonDeal();
      const id = await sendDeal(deal.body);
      await diedAndCameBack(point, 'worker', before);
      const delivery = await settled(id, RECOVERY_MS);
      expect(delivery.state).toBe('succeeded');
      expect(delivery.runs).toHaveLength(1);
      expect((await runOf(delivery)).effects.map(({ state }) => state)).toEqual(['confirmed', 'confirmed']);
      expect(await ordersOf(deal.id)).toMatchObject([{ lines: 1, total: '900.00' }]);
    },
    RECOVERY_MS + 60_000,
  );
});

describe('a worker killed (-9) in the middle of a batch', () => {
  it.each([
    ['before the bulk call', 'worker.batch-before-call'],
    ['after the bulk call', 'worker.batch-after-call'],
    ['after the outcomes are recorded', 'worker.batch-before-settle'],
  ])(
    '%s leaves one order of each deal',
    async (_name, point) => {
      const before = pidOf('worker');
      arm(point);
      // More at once than get runs of their own: the others share batches.
      const deals = Array.from({ length: 80 }, () => wonDeal());
      const ids = await Promise.all(deals.map((deal) => sendDeal(deal.body)));
      await diedAndCameBack(point, 'worker', before);
      for (const [index, id] of ids.entries()) {
        const delivery = await settled(id, RECOVERY_MS);
        expect(delivery.state).toBe('succeeded');
        expect(delivery.runs).toHaveLength(1);
        expect(await ordersOf(deals[index]?.id ?? '')).toMatchObject([{ lines: 1, total: '900.00' }]);
      }
    },
    RECOVERY_MS + 60_000,
  );
});

describe('an ingress killed (-9)', () => {
  it.each([
    ['before the start', 'dispatch.before-start'],
    ['between start and mark', 'dispatch.after-start'],
  ])(
    '%s leaves one run',
    async (_name, point) => {
      const before = pidOf('ingress');
      arm(point);
      const deal = wonDeal();
      const id = await sendDeal(deal.body);
      await diedAndCameBack(point, 'ingress', before);
      const delivery = await settled(id, RECOVERY_MS);
      expect(delivery.state).toBe('succeeded');
      expect(delivery.runs).toHaveLength(1);
      expect(await ordersOf(deal.id)).toHaveLength(1);
    },
    RECOVERY_MS + 60_000,
  );

  it.each([
    ['before the commit', 'door.before-commit'],
    ['between commit and answer', 'door.after-commit'],
  ])(
    '%s: the sender repeats, and there is one run',
    async (_name, point) => {
      const before = pidOf('ingress');
      arm(point);
      const deal = wonDeal();
      const request = await signed(deal.body);
      await expect(post(request)).rejects.toThrow();
      await diedAndCameBack(point, 'ingress', before);
      const { status, deliveryId } = await eventually(() => post(request), { timeoutMs: 30_000 });
      expect(status).toBe(202);
      const delivery = await settled(deliveryId, RECOVERY_MS);
      expect(delivery.runs).toHaveLength(1);
      expect(await ordersOf(deal.id)).toHaveLength(1);
    },
    RECOVERY_MS + 60_000,
  );
});

describe('servers killed (-9) under the services', () => {
  it.each(['temporal', 'vault', 'postgres'])(
    '%s comes back, and what was accepted is done',
    async (part) => {
      const deals = Array.from({ length: 5 }, () => wonDeal());
      const accepted = await Promise.all(deals.map(({ body }) => sendDeal(body)));
      process.kill(pidOf(part), 'SIGKILL');
      // Temporal is not on the accept path: the door goes on answering 202 while it is away.
      if (part === 'temporal') accepted.push(await sendDeal(wonDeal().body));
      for (const id of accepted) expect((await settled(id, RECOVERY_MS)).state).toBe('succeeded');
      for (const { id } of deals) expect(await ordersOf(id)).toHaveLength(1);
      const after = await eventually(() => sendDeal(wonDeal().body), { timeoutMs: 30_000 });
      expect((await settled(after, RECOVERY_MS)).state).toBe('succeeded');
    },
    2 * RECOVERY_MS,
  );
});
