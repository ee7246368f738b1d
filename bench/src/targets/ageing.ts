import type { Bench } from '../bench.js';
import type { Pairs } from '../figures.js';
import { interleave, type Side } from '../interleave.js';
import type { InboxView } from '../stack/inbox-view.js';

/** What a stack went through before it was compared with a fresh one. */
export interface Ageing {
  readonly pairs: Pairs;
  /** Closed runs in the database. */
  readonly closedRuns: number;
  /** Of those, copied in the database instead of run, because the time was over. */
  readonly copiedRuns: number;
}

const CLOSED_RUNS = 100_000;
/** Time for making them by real deliveries. */
const AGEING_MS = 7 * 60_000;
const PER_ROUND = 4_000;
const COPIES_AT_ONCE = 20_000;

/** T11: throughput after 100,000 closed runs, interleaved with a fresh stack beside it. */
export async function measureAgeing(aged: Bench, fresh: Bench): Promise<Ageing> {
  const closed = await age(aged);
  const pairs = await interleave(
    [await ownRunSide(aged, 'after 100,000 runs'), await ownRunSide(fresh, 'fresh')],
    { warmUp: 100, seconds: 12, most: 500 },
    aged,
  );
  return { pairs, ...closed };
}

async function age({ product, say }: Bench): Promise<{ closedRuns: number; copiedRuns: number }> {
  const url = await product.flow('bench-adaptive', 'adaptive.yaml');
  const until = performance.now() + AGEING_MS;
  while ((await closedRuns(product.inbox)) < CLOSED_RUNS && performance.now() < until) {
    const round = await product.complete({ urls: [url], count: PER_ROUND, connections: 32, sink: 'party' });
    if (round.lost + round.doubled > 0)
      throw new Error(`${round.lost} lost, ${round.doubled} doubled while ageing`);
    say(`ageing: ${await closedRuns(product.inbox)} closed runs, ${round.perSecond.toFixed(0)}/s`);
  }
  const real = await closedRuns(product.inbox);
  for (let missing = CLOSED_RUNS - real; missing > 0; missing -= COPIES_AT_ONCE)
    await copyClosedRuns(product.inbox, Math.min(missing, COPIES_AT_ONCE));
  const all = await closedRuns(product.inbox);
  return { closedRuns: all, copiedRuns: all - real };
}

async function closedRuns(inbox: InboxView): Promise<number> {
  const [row] = await inbox.query<{ closed: number }>(
    `SELECT count(*)::int AS closed FROM ecluse.runs WHERE state IN ('succeeded', 'dead_letter')`,
  );
  return row?.closed ?? 0;
}

/** Rows like those of one delivery that really ran, under ids and keys of their own. */
const COPY = `
WITH model AS (
  SELECT i.*, r.id AS run_id, r.flow, r.flow_version, r.flow_sha256, r.queue, r.opened_at, r.ended_at
  FROM ecluse.inbox i JOIN ecluse.runs r ON r.delivery_id = i.id
  WHERE i.source = 'bench-adaptive' AND r.state = 'succeeded' LIMIT 1
), made AS (
  SELECT gen_random_uuid() AS id, gen_random_uuid() AS run_id, gen_random_uuid()::text AS delivery_key
  FROM generate_series(1, $1)
), deliveries AS (
  INSERT INTO ecluse.inbox (id, tenant, source, delivery_key, body_sha256, body_bytes, content_type, secret_id, state,
                            received_at, received_day)
  SELECT made.id, m.tenant, m.source, made.delivery_key, m.body_sha256, m.body_bytes, m.content_type, m.secret_id, m.state,
         m.received_at, m.received_day FROM made, model m RETURNING id
), bodies AS (
  INSERT INTO ecluse.inbox_bodies (delivery_id, tenant, received_day, ciphertext, wrapped_key, key_name)
  SELECT made.id, b.tenant, b.received_day, b.ciphertext, b.wrapped_key, b.key_name
  FROM made, model m JOIN ecluse.inbox_bodies b ON b.delivery_id = m.id
), runs AS (
  INSERT INTO ecluse.runs (id, tenant, delivery_id, flow, flow_version, flow_sha256, workflow_id, origin, queue, state,
                           triggered, opened_at, ended_at)
  SELECT made.run_id, m.tenant, made.id, m.flow, m.flow_version, m.flow_sha256, 'copy:' || made.run_id, 'copy:' || made.run_id,
         m.queue, 'succeeded', true, m.opened_at, m.ended_at
  FROM made, model m RETURNING id
), attempts AS (
  INSERT INTO ecluse.step_attempts (tenant, run_id, step_id, attempt, connection, operation, started_at, ended_at, outcome)
  SELECT m.tenant, made.run_id, 'customer', 1, 'bench-erp', 'party.upsert', m.opened_at, m.ended_at, 'ok' FROM made, model m
)
INSERT INTO ecluse.effects (tenant, idempotency_key, run_id, step_id, connection, operation, state, output_ciphertext,
                            output_wrapped_key, output_key_name, settled_at)
SELECT m.tenant, 'copy:' || made.run_id || '/customer', made.run_id, 'customer', 'bench-erp', 'party.upsert', 'confirmed',
       e.output_ciphertext, e.output_wrapped_key, e.output_key_name, m.ended_at
FROM made, model m JOIN ecluse.effects e ON e.run_id = m.run_id`;

/** The foreign keys are checked at the end of the statement, when everything is there. */
async function copyClosedRuns(inbox: InboxView, count: number): Promise<void> {
  await inbox.query(COPY, [count]);
  await inbox.query('ANALYZE ecluse.inbox, ecluse.runs, ecluse.effects, ecluse.step_attempts');
}

async function ownRunSide({ product }: Bench, name: string): Promise<Side> {
  const url = await product.flow('bench-own-one', 'own-run-one.yaml');
  const run = (count: number) => product.complete({ urls: [url], count, connections: 32, sink: 'party' });
  return { name, run };
}
