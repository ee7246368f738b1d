import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, uniqueName } from '@ecluse/testing';
import { IngressFixture, type TestSource } from '../testing/ingress-fixture.js';
import { TEST_SECRET, deliver } from '../testing/signed-delivery.js';

const AUTH = { auth: { provider: 'standard-webhooks' } };
const MILLION = 1_000_000;

let fixture: IngressFixture;
let origin: string;
let known: TestSource;
/** Connections that would keep an ingress from ending. */
const held: Socket[] = [];

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
  for (const socket of held) socket.destroy();
  await fixture.close();
}, 30_000);

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

/** The answer and the milliseconds until it came. */
async function timed(key: string): Promise<{ answer: Response; ms: number }> {
  const begun = performance.now();
  const answer = await deliver(origin, known.path, key);
  return { answer, ms: performance.now() - begun };
}

describe('PostgreSQL silent', () => {
  it('answers every one of many within a second, and loses none that the sender repeats', async () => {
    const keys = Array.from({ length: 40 }, () => uniqueName('silent'));
    fixture.postgres.freeze();
    const answers = await Promise.all(keys.map(timed));
    expect(new Set(answers.map(({ answer }) => answer.status))).toEqual(new Set([503]));
    // The door's own bound is 0.8 s; the rest is for a machine that runs other tests as well.
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(2_000);
    const unknown = performance.now();
    await expectLater(await deliver(origin, `/in/${'C'.repeat(22)}`, 'any'));
    expect(performance.now() - unknown).toBeLessThan(2_000);
    fixture.postgres.reopen();
    await eventually(async () => {
      const repeated = await Promise.all(keys.map((key) => deliver(origin, known.path, key)));
      expect(new Set(repeated.map(({ status }) => status))).toEqual(new Set([202]));
    });
    for (const key of keys) expect(await rowsOf(key)).toBe(1);
  }, 30_000);
});

describe('Vault silent', () => {
  it('accepts within a second, also when the secrets are due to be read again', async () => {
    fixture.vault.freeze();
    await fixture.notifySources();
    const { answer, ms } = await timed(uniqueName('vault-silent'));
    expect(answer.status).toBe(202);
    expect(ms).toBeLessThan(2_000);
  });
});

describe('PostgreSQL full', () => {
  it('answers 503 with Retry-After, stores nothing, and accepts again when there is space', async () => {
    // What a full disk raises, raised where it would be.
    await fixture.rows(`CREATE FUNCTION spec_full() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$`);
    await fixture.rows(
      'CREATE TRIGGER spec_full BEFORE INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION spec_full()',
    );
    const answer = await deliver(origin, known.path, 'while-full');
    await fixture.rows('DROP TRIGGER spec_full ON inbox');
    expect([answer.status, Number(answer.headers.get('retry-after')) >= 2]).toEqual([503, true]);
    expect(await rowsOf('while-full')).toBe(0);
    expect((await deliver(origin, known.path, 'while-full')).status).toBe(202);
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
    const { path } = await fixture.addSource(AUTH, { current: TEST_SECRET });
    const small = await fixture.start({
      ECLUSE_INGRESS_ROLE: 'door',
      ECLUSE_DOOR_MAX_IN_FLIGHT_BYTES: String(1_048_576),
    });
    const send = (body: string) => deliver(small, path, uniqueName('room'), body);
    const large = JSON.stringify({ text: 'y'.repeat(60_000) });
    const idle = await hold(small, path, MILLION, 0);
    // Who announces much and sends nothing takes no room from anybody.
    expect((await send(large)).status).toBe(202);
    const holder = await hold(small, path, MILLION, MILLION - 1);
    // Announcing takes nothing, so it tells without disturbing when so much has arrived that the body finds no room.
    await eventually(async () => {
      const probe = await hold(small, path, large.length, 0);
      const answered = once(probe, 'data', { signal: AbortSignal.timeout(200) });
      await answered.finally(() => probe.destroy());
    });
    const answer = await send(large);
    expect([answer.status, Number(answer.headers.get('retry-after')) > 0]).toEqual([503, true]);
    idle.destroy();
    holder.destroy();
    await eventually(async () => {
      expect((await send(large)).status).toBe(202);
    });
  }, 30_000);
});

/** A sender that announces a body, sends some bytes of it, and stalls. */
async function hold(at: string, path: string, announced: number, sent: number): Promise<Socket> {
  const fields = `host: x\r\ncontent-type: application/json\r\ncontent-length: ${String(announced)}`;
  const socket = connect(Number(new URL(at).port), '127.0.0.1');
  held.push(socket);
  const request = `POST ${path} HTTP/1.1\r\n${fields}\r\n\r\n${'x'.repeat(sent)}`;
  await new Promise((resolve) => socket.write(request, resolve));
  return socket;
}
