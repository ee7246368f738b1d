import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@ecluse/testing';
import { IngressFixture, type TestSource } from '../testing/ingress-fixture.js';

let fixture: IngressFixture;
beforeAll(async () => {
  fixture = await IngressFixture.create();
}, 60_000);
afterAll(() => fixture.close());

/** Accepted deliveries, as the door writes them. */
async function accept(source: TestSource, count: number): Promise<void> {
  await fixture.rows(
    `INSERT INTO inbox (id, tenant, source, delivery_key, body_sha256, body_bytes, content_type, secret_id)
     SELECT gen_random_uuid(), 'acme', $1, $1 || n, repeat('0', 64), 100, 'application/json', 'current'
     FROM generate_series(1, $2::int) n`,
    [source.name, count],
  );
  await fixture.rows('NOTIFY ecluse_inbox');
}
/** Runs that wait, as a plan leaves them. */
async function queue(source: TestSource, flow: string, count: number): Promise<void> {
  await fixture.rows(
    `WITH accepted AS (
       INSERT INTO inbox (id, tenant, source, delivery_key, body_sha256, body_bytes, content_type, secret_id, state)
       SELECT gen_random_uuid(), 'acme', $1, 'queued' || n, repeat('0', 64), 100, 'application/json', 'current', 'running'
       FROM generate_series(1, $3::int) n
       RETURNING id, position, delivery_key)
     INSERT INTO runs (tenant, delivery_id, flow, flow_version, flow_sha256, workflow_id, origin, queue, position)
     SELECT 'acme', id, $2, 1, repeat('f', 64), delivery_workflow_id('acme', $1, delivery_key, $2),
            delivery_workflow_id('acme', $1, delivery_key, $2), 'acme/' || $2, position FROM accepted`,
    [source.name, flow, count],
  );
}
/** Milliseconds from the acceptance of one delivery to its start. */
async function timeToStart(source: TestSource): Promise<number> {
  const begun = performance.now();
  await accept(source, 1);
  await eventually(
    async () => {
      const runs = await fixture.rows(
        'SELECT r.state FROM runs r JOIN inbox i ON i.id = r.delivery_id WHERE i.source = $1',
        [source.name],
      );
      expect(runs).toEqual([{ state: 'started' }]);
    },
    { timeoutMs: 20_000, intervalMs: 20 },
  );
  return performance.now() - begun;
}
/** A dispatcher begins, and new flows get one delivery each, one after the other. */
async function timesToStart(): Promise<number[]> {
  await fixture.stop();
  await fixture.start({ ECLUSE_INGRESS_ROLE: 'dispatcher' });
  const times: number[] = [];
  for (let next = 0; next < 5; next += 1) {
    const other = await fixture.addSource({});
    await fixture.addFlow(other.name);
    times.push(await timeToStart(other));
  }
  return times;
}
async function count(text: string, values: unknown[]): Promise<number> {
  const [row] = await fixture.rows<{ count: number }>(`SELECT count(*)::int ${text}`, values);
  return row?.count ?? 0;
}

describe('the backlog of one flow', () => {
  it('delays no other flow, neither while it is planned nor while it waits', async () => {
    const alone = await timesToStart();
    const big = await fixture.addSource({});
    const flow = await fixture.addFlow(big.name);
    await queue(big, flow, 100_000);
    await accept(big, 20_000);
    const beside = await timesToStart();
    // What a start takes without the backlog is no delay: on a machine that runs other tests it may be much.
    expect(Math.max(...beside) - Math.max(...alone)).toBeLessThan(1_000);
    // Deliveries of the backlog were still being planned all the time.
    expect(await count("FROM inbox WHERE source = $1 AND state = 'received'", [big.name])).toBeGreaterThan(0);
    // No worker opens anything: what exceeds the caps waits in PostgreSQL, not in Temporal.
    expect(await count('FROM batches', [])).toBeLessThanOrEqual(2);
    const started = await count("FROM runs WHERE flow = $1 AND state = 'started'", [flow]);
    expect(started).toBeGreaterThan(0);
    expect(started).toBeLessThanOrEqual(2 * 100 + 8);
  }, 120_000);
});
