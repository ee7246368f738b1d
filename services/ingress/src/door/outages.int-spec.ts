import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, uniqueName } from '@ecluse/testing';
import { IngressFixture, type TestSource } from '../testing/ingress-fixture.js';
import { TEST_SECRET, deliver } from '../testing/signed-delivery.js';

const AUTH = { auth: { provider: 'standard-webhooks' } };

let fixture: IngressFixture;
let origin: string;
let known: TestSource;

beforeAll(async () => {
  fixture = await IngressFixture.create();
  known = await fixture.addSource(AUTH, { current: TEST_SECRET });
  origin = await fixture.start({ ECLUSE_INGRESS_ROLE: 'both' });
  expect((await deliver(origin, known.path, 'first')).status).toBe(202);
}, 60_000);
afterEach(async () => {
  for (const gate of [fixture.postgres, fixture.vault, fixture.temporal]) gate.reopen();
  await eventually(async () => {
    expect((await deliver(origin, known.path, uniqueName('after'))).status).toBe(202);
  });
});
afterAll(async () => {
  await fixture.close();
});

async function rowsOf(key: string): Promise<number> {
  return (await fixture.rows('SELECT id FROM inbox WHERE delivery_key = $1', [key])).length;
}
async function ready(): Promise<number> {
  return (await fetch(`${origin}/health/ready`)).status;
}
async function expectLater(answer: Response): Promise<void> {
  expect(answer.status).toBe(503);
  const seconds = Number(answer.headers.get('retry-after'));
  expect(seconds).toBeGreaterThanOrEqual(2);
  expect(seconds).toBeLessThanOrEqual(10);
  expect(await answer.json()).toMatchObject({ status: 503, title: 'Temporarily unavailable' });
}

describe('PostgreSQL away', () => {
  it('answers 503 with Retry-After, stores nothing, and is not ready', async () => {
    fixture.postgres.shut();
    await expectLater(await deliver(origin, known.path, 'while-away'));
    expect(await rowsOf('while-away')).toBe(0);
    expect(await ready()).toBe(503);
  });

  it('does not call a token unknown that it cannot look up', async () => {
    fixture.postgres.shut();
    await expectLater(await deliver(origin, `/in/${'B'.repeat(22)}`, 'any'));
  });
});

describe('Vault away', () => {
  it('accepts with cached secrets and keys, and stays ready', async () => {
    fixture.vault.shut();
    expect((await deliver(origin, known.path, 'vault-away')).status).toBe(202);
    expect(await rowsOf('vault-away')).toBe(1);
    expect(await ready()).toBe(200);
  });

  it('answers 503 with Retry-After for a source whose secrets are not cached, and stores nothing', async () => {
    const other = await fixture.addSource(AUTH, { current: TEST_SECRET });
    fixture.vault.shut();
    await expectLater(await deliver(origin, other.path, 'uncached'));
    expect(await rowsOf('uncached')).toBe(0);
  });
});

describe('Temporal away', () => {
  it('accepts, stays ready, and the run starts later', async () => {
    const flow = await fixture.addFlow(known.name);
    fixture.temporal.shut();
    expect((await deliver(origin, known.path, 'engine-away')).status).toBe(202);
    const run = async () => {
      const [row] = await fixture.rows(
        `SELECT r.state, r.start_reason, r.temporal_run_id FROM runs r JOIN inbox i ON i.id = r.delivery_id
         WHERE i.delivery_key = 'engine-away' AND r.flow = $1`,
        [flow],
      );
      return row;
    };
    await eventually(async () => {
      expect(await run()).toMatchObject({ state: 'queued' });
      const tried = await fixture.rows("SELECT id FROM runs WHERE start_reason LIKE 'ECL-2001%'");
      expect(tried).not.toEqual([]);
    });
    expect(await ready()).toBe(200);
    fixture.temporal.reopen();
    await eventually(
      async () => {
        expect(await run()).toMatchObject({
          state: 'started',
          start_reason: null,
          temporal_run_id: expect.any(String),
        });
      },
      { timeoutMs: 30_000 },
    );
  }, 45_000);
});

describe('no room for another body', () => {
  it('is asked to come back later, and finds room when others are done', async () => {
    const large = await fixture.addSource(AUTH, { current: TEST_SECRET });
    const small = await fixture.start({
      ECLUSE_INGRESS_ROLE: 'door',
      ECLUSE_DOOR_MAX_IN_FLIGHT_BYTES: String(1_048_576),
    });
    const { port } = new URL(small);
    const head = `POST ${large.path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1048576\r\n\r\n`;
    const holder = connect(Number(port), '127.0.0.1', () => holder.write(head));
    await eventually(async () => {
      const answer = await deliver(small, large.path, uniqueName('room'));
      expect([answer.status, Number(answer.headers.get('retry-after')) > 0]).toEqual([503, true]);
    });
    holder.destroy();
    await eventually(async () => {
      expect((await deliver(small, large.path, uniqueName('room'))).status).toBe(202);
    });
  });
});
