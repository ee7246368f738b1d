import { randomBytes } from 'node:crypto';
import { Pool } from 'pg';
import { poll } from '../poll.js';
import type { StackUnderTest } from '../stack/stack-under-test.js';

/** What the ERP itself recorded about the deliveries of one tag. */
export interface SinkCount {
  /** Deliveries with their effect. */
  readonly completed: number;
  /** Committed writes beyond the first of each record. */
  readonly doubled: number;
  /** Epoch milliseconds of the last first write; NaN when there is none. */
  readonly lastAt: number;
}

/** Table whose record completes a delivery. */
export type SinkKind = 'party' | 'sales_order';

/**
 * A table of the ERP's owner, written by triggers in the transaction of the write itself: what was rolled back is not
 * in it, and a second write of the same record is a second row. Both sides of a comparison pay for it.
 */
const RECORD = `
CREATE TABLE IF NOT EXISTS bench_effect (
  kind text NOT NULL,
  external_id text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS bench_effect_idx ON bench_effect (external_id);
CREATE OR REPLACE FUNCTION bench_record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO bench_effect (kind, external_id) VALUES (TG_TABLE_NAME, NEW.external_id);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER bench_record AFTER INSERT OR UPDATE ON party FOR EACH ROW EXECUTE FUNCTION bench_record();
CREATE OR REPLACE TRIGGER bench_record AFTER INSERT OR UPDATE ON sales_order FOR EACH ROW EXECUTE FUNCTION bench_record();
`;
const COUNT = `
SELECT count(*)::int AS completed, coalesce(sum(writes - 1), 0)::int AS doubled,
       extract(epoch FROM max(first_at)) * 1000 AS "lastAt"
FROM (SELECT count(*) AS writes, min(at) AS first_at FROM bench_effect
      WHERE kind = $1 AND external_id >= $2 || '-' AND external_id < $2 || '.' GROUP BY external_id) AS record`;
const DOUBLED = `
SELECT coalesce(sum(writes - 1), 0)::int AS doubled
FROM (SELECT count(*) AS writes FROM bench_effect GROUP BY kind, external_id) AS record`;
/** The cheap count decides when to take the exact one. */
const SEEN = `
SELECT count(*)::int AS seen FROM bench_effect
WHERE kind = $1 AND external_id >= $2 || '-' AND external_id < $2 || '.'`;

const POLL_MS = 50;
/** Nothing new for this long: the rest is lost. */
const STALLED_MS = 60_000;

/** The ERP as witness. */
export class ErpSink {
  private constructor(private readonly pool: Pool) {}

  /** Installs the record. Repeatable. @param erpUrl Superuser's, database of the ERP. */
  static async open(erpUrl: string): Promise<ErpSink> {
    const pool = new Pool({ connectionString: erpUrl, max: 2 });
    await pool.query(`SET ROLE erp_owner; ${RECORD} RESET ROLE;`);
    return new ErpSink(pool);
  }

  /** Waits until `expected` deliveries of the tag have their effect, or nothing has moved for a minute. */
  async waitFor(kind: SinkKind, tag: string, expected: number): Promise<SinkCount> {
    const prefix = kind === 'party' ? `company-${tag}` : tag;
    const watch = { everyMs: POLL_MS, stalledMs: STALLED_MS };
    const seen = await poll(
      () => this.seen(kind, prefix),
      (rows) => rows >= expected,
      watch,
    );
    const count = await this.count(kind, prefix);
    if (count.completed >= expected || seen < expected) return count;
    // Second writes were among what was seen.
    const completed = async (): Promise<number> => (await this.count(kind, prefix)).completed;
    await poll(completed, (records) => records >= expected, watch);
    return this.count(kind, prefix);
  }

  private async seen(kind: SinkKind, prefix: string): Promise<number> {
    const { rows } = await this.pool.query<{ seen: number }>(SEEN, [kind, prefix]);
    return rows[0]?.seen ?? 0;
  }

  private async count(kind: SinkKind, prefix: string): Promise<SinkCount> {
    type Row = Pick<SinkCount, 'completed' | 'doubled'> & { lastAt: string | null };
    const { rows } = await this.pool.query<Row>(COUNT, [kind, prefix]);
    const row = rows[0];
    if (row === undefined) throw new Error('the sink gave no count');
    return { ...row, lastAt: Number(row.lastAt ?? Number.NaN) };
  }

  /** Second writes since the record was installed, whoever made them and however late. */
  async doubledSinceStart(): Promise<number> {
    const { rows } = await this.pool.query<{ doubled: number }>(DOUBLED);
    return rows[0]?.doubled ?? 0;
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}

/** Makes a static ERP user with the rights of the product's dynamic ones: what a bare worker would be given. */
export async function createErpUser(stack: StackUnderTest): Promise<string> {
  const password = randomBytes(16).toString('hex');
  const pool = new Pool({ connectionString: stack.databaseUrl('erp'), max: 1 });
  try {
    await pool.query(`CREATE ROLE bench_erp LOGIN PASSWORD '${password}' IN ROLE erp_rw`);
    await pool.query('GRANT CONNECT ON DATABASE erp TO bench_erp');
  } finally {
    await pool.end();
  }
  return `postgresql://bench_erp:${password}@${stack.endpoints.postgres}/erp`;
}
