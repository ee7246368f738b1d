import { Pool } from 'pg';
import { poll } from '../poll.js';
import type { StackUnderTest } from './stack-under-test.js';

const OPEN = `
SELECT (SELECT count(*) FROM ecluse.inbox WHERE state = 'received')::int
     + (SELECT count(*) FROM ecluse.runs WHERE state IN ('queued', 'started', 'running') AND flow <> 'bench-waiting')::int AS open`;
/** Time of each start after the n-th, for the rate of the dispatcher alone. */
const STARTED = `
SELECT count(*)::int AS count, extract(epoch FROM max(started_at)) * 1000 AS "lastAt"
FROM ecluse.runs WHERE flow LIKE $1 AND started_at > to_timestamp($2 / 1000.0)`;

/** Ecluse's own tables, read by the superuser: to know when work has ended, and what was started when. */
export class InboxView {
  private readonly pool: Pool;

  constructor(stack: StackUnderTest) {
    this.pool = new Pool({ connectionString: stack.databaseUrl('ecluse'), max: 1 });
  }

  /** Waits until at most `most` runs are open. Throws when nothing has moved for a minute. */
  async settled(most = 0): Promise<void> {
    const open = async (): Promise<number> => (await this.query<{ open: number }>(OPEN))[0]?.open ?? 0;
    const left = await poll(open, (runs) => runs <= most, { everyMs: 50, stalledMs: 60_000 });
    if (left > most) throw new Error(`${left} runs do not end`);
  }

  /** Runs of flows like `pattern` that were started after `since` (epoch milliseconds), and when the last one was. */
  async startedAfter(pattern: string, since: number): Promise<{ count: number; lastAt: number }> {
    const [row] = await this.query<{ count: number; lastAt: string | null }>(STARTED, [pattern, since]);
    return { count: row?.count ?? 0, lastAt: Number(row?.lastAt ?? Number.NaN) };
  }

  async query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(text, [...values])).rows;
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}
