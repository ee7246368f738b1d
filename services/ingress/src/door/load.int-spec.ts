import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, uniqueName } from '@ecluse/testing';
import { freePort } from '@ecluse/local-stack';
import { IngressFixture, type TestSource } from '../testing/ingress-fixture.js';
import { IngressProcess } from '../testing/ingress-process.js';
import { TEST_SECRET, deliver } from '../testing/signed-delivery.js';

const AUTH = { auth: { provider: 'standard-webhooks' } };
/** The senders, and other tests, use the same processors: their work must not count as the door's being late. */
const PATIENT = {
  ECLUSE_INGRESS_ROLE: 'door',
  ECLUSE_DOOR_MAX_LOOP_DELAY_MS: '10000',
  ECLUSE_DOOR_ANSWER_WITHIN_MS: '10000',
};
const BODY = '{"type":"deal.won"}';

let fixture: IngressFixture;
let source: TestSource;
let origin: string;
beforeAll(async () => {
  fixture = await IngressFixture.create();
  source = await fixture.addSource(AUTH, { current: TEST_SECRET });
  origin = await fixture.start(PATIENT);
}, 60_000);
afterAll(async () => {
  await fixture.close();
});

async function forged(): Promise<number> {
  const headers = {
    ...{ 'content-type': 'application/json', 'webhook-id': uniqueName('msg') },
    'webhook-timestamp': String(Math.floor(Date.now() / 1_000)),
    'webhook-signature': `v1,${Buffer.alloc(32, 7).toString('base64')}`,
  };
  const answer = await fetch(`${origin}${source.path}`, { method: 'POST', headers, body: BODY });
  await answer.body?.cancel();
  return answer.status;
}
async function storedAs(key: string): Promise<{ id: string }[]> {
  return fixture.rows<{ id: string }>('SELECT id FROM inbox WHERE delivery_key = $1', [key]);
}

describe('a flood of forged deliveries', () => {
  it('reaches neither PostgreSQL nor Vault nor Temporal, and is a handful of lines in the log', async () => {
    expect((await deliver(origin, source.path, uniqueName('warm'))).status).toBe(202);
    const gates = [fixture.postgres, fixture.vault, fixture.temporal];
    const linesBefore = fixture.logs.length;
    // Nothing can pass a shut gate: what is answered was decided by the door alone.
    for (const gate of gates) gate.freeze();
    const answers = await Promise.all(Array.from({ length: 500 }, forged));
    for (const gate of gates) gate.reopen();
    expect(new Set(answers)).toEqual(new Set([401]));
    const lines = fixture.logs.slice(linesBefore).filter((line) => line.includes('delivery refused'));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThan(50);
    await eventually(async () => {
      expect((await deliver(origin, source.path, uniqueName('after'))).status).toBe(202);
    });
  }, 30_000);
});

describe('the same delivery at once', () => {
  it('fifty times over two processes is one row and one answer', async () => {
    const environment = await fixture.environment(PATIENT);
    const other = await IngressProcess.start(environment, await freePort());
    try {
      await eventually(async () => {
        expect((await deliver(other.origin, source.path, uniqueName('warm'))).status).toBe(202);
      });
      const key = uniqueName('fifty');
      const answers = await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          const answer = await deliver(index % 2 === 0 ? origin : other.origin, source.path, key);
          return `${String(answer.status)} ${await answer.text()}`;
        }),
      );
      const rows = await storedAs(key);
      expect(rows).toHaveLength(1);
      expect(new Set(answers)).toEqual(new Set([`202 {"deliveryId":"${rows[0]?.id ?? ''}"}`]));
    } finally {
      await other.stop();
    }
  }, 60_000);
});

describe('bodies at the limit', () => {
  it('a hundred at once are stored or asked to come back, in bounded memory', async () => {
    const body = JSON.stringify({ text: 'x'.repeat(1_048_576 - 11) });
    expect(Buffer.byteLength(body)).toBe(1_048_576);
    const before = process.memoryUsage().rss;
    let peak = before;
    const sampling = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 20);
    const keys = Array.from({ length: 100 }, () => uniqueName('large'));
    const answers = await Promise.all(
      keys.map(async (key) => {
        const answer = await deliver(origin, source.path, key, body).catch(() => undefined);
        return answer?.status ?? 503;
      }),
    );
    clearInterval(sampling);
    expect(answers.every((status) => status === 202 || status === 503)).toBe(true);
    for (const [index, key] of keys.entries())
      if (answers[index] === 202) expect(await storedAs(key)).toHaveLength(1);
    // The sender lives in this process too: its hundred bodies, their copies, and the door's bounded share of them.
    expect(peak - before).toBeLessThan(1_200 * 1_048_576);
    await eventually(async () => {
      expect((await deliver(origin, source.path, uniqueName('after'))).status).toBe(202);
    });
  }, 60_000);
});

describe('another body under a key already used', () => {
  it('is refused, makes no second delivery, and is a security event once for many', async () => {
    const key = uniqueName('conflict');
    expect((await deliver(origin, source.path, key)).status).toBe(202);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        deliver(origin, source.path, key, `{"type":"deal.lost","n":${String(index)}}`),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([409]));
    const [row] = await storedAs(key);
    await eventually(async () => {
      const events = await fixture.rows(
        `SELECT actor, detail FROM audit WHERE action = 'delivery.conflict' AND resource = $1`,
        [`source/${source.name}`],
      );
      expect(events).toEqual([{ actor: 'door', detail: { deliveryId: row?.id, count: 1 } }]);
    });
  });
});

describe('order keys', () => {
  it('are stored with the delivery where a flow of the source is ordered', async () => {
    const ordered = await fixture.addSource(AUTH, { current: TEST_SECRET });
    const flow = await fixture.addFlow(ordered.name);
    const definition = {
      ...{ on: { source: ordered.name }, order: { by: 'deal.id', sequence: 'deal.version' } },
      ...{ steps: [{ id: 'copy', map: '$' }], onFailure: { deadLetter: true } },
    };
    await fixture.rows(
      `INSERT INTO flow_versions (tenant, flow, version, sha256, definition, created_by) VALUES ('acme', $1, 2, $2, $3, 'test')`,
      [flow, 'e'.repeat(64), definition],
    );
    const key = uniqueName('ordered');
    await deliver(origin, ordered.path, key, '{"deal":{"id":4711,"version":3}}');
    expect(await fixture.rows('SELECT order_keys FROM inbox WHERE delivery_key = $1', [key])).toEqual([
      { order_keys: { 'deal.id': { key: expect.stringMatching(/^[0-9a-f]{32}$/), sequence: 3 } } },
    ]);
  });
});
