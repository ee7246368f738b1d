import type { DataSource } from 'typeorm';
import type { JsonValue } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import type {
  IdempotencyBegin,
  IdempotencyScope,
  IdempotencyStore,
  IdempotentResponse,
} from '../admin-access.js';
import { withTenant, type SqlSession } from './sql-session.js';

interface Row {
  fingerprint: string;
  status: number | null;
  response: JsonValue;
}

/** Answers are kept for 24 h. Cleaning a few on each call keeps the table small without a job. */
const CLEAN = `
DELETE FROM idempotency_keys WHERE (tenant, actor, key) IN (
  SELECT tenant, actor, key FROM idempotency_keys
  WHERE tenant = $1 AND created_at < now() - interval '24 hours' LIMIT 100 FOR UPDATE SKIP LOCKED)`;
/** Takes a new key, an expired one, or one whose request died: it neither finished nor released for 60 s. */
const TAKE = `
INSERT INTO idempotency_keys (tenant, actor, key, fingerprint) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant, actor, key) DO UPDATE SET
  fingerprint = excluded.fingerprint, status = NULL, response = NULL, created_at = now()
  WHERE idempotency_keys.created_at < now() - interval '24 hours'
     OR (idempotency_keys.status IS NULL AND idempotency_keys.fingerprint = excluded.fingerprint
         AND idempotency_keys.created_at < now() - interval '60 seconds')
RETURNING key`;
const FIND = `
SELECT fingerprint, status, response FROM idempotency_keys WHERE tenant = $1 AND actor = $2 AND key = $3`;
const FINISH = `
UPDATE idempotency_keys SET status = $4, response = $5
WHERE tenant = $1 AND actor = $2 AND key = $3 AND status IS NULL`;
const RELEASE = `
DELETE FROM idempotency_keys WHERE tenant = $1 AND actor = $2 AND key = $3 AND status IS NULL`;

/** Role `ecluse_admin_api`. */
export class PostgresIdempotencyStore implements IdempotencyStore {
  constructor(private readonly dataSource: DataSource) {}

  async begin(scope: IdempotencyScope, fingerprint: string): Promise<IdempotencyBegin> {
    return withTenant(this.dataSource, scope.tenant, async (sql) => {
      await sql.rows(CLEAN, [scope.tenant]);
      const taken = await sql.rows(TAKE, [...keyOf(scope), fingerprint]);
      return taken.length > 0 ? { kind: 'started' } : earlierAnswer(sql, scope, fingerprint);
    });
  }

  async finish(scope: IdempotencyScope, response: IdempotentResponse): Promise<void> {
    const values = [...keyOf(scope), response.status, JSON.stringify(response.body)];
    await withTenant(this.dataSource, scope.tenant, (sql) => sql.rows(FINISH, values));
  }

  async release(scope: IdempotencyScope): Promise<void> {
    await withTenant(this.dataSource, scope.tenant, (sql) => sql.rows(RELEASE, keyOf(scope)));
  }
}

async function earlierAnswer(
  sql: SqlSession,
  scope: IdempotencyScope,
  fingerprint: string,
): Promise<IdempotencyBegin> {
  const [row] = await sql.rows<Row>(FIND, keyOf(scope));
  if (row !== undefined && row.fingerprint !== fingerprint) throw new EcluseError('IDEMPOTENCY_KEY_REUSED');
  // No row: the other request released it a moment ago, and the caller's next try takes it.
  if (row === undefined || row.status === null) {
    throw new EcluseError('IDEMPOTENCY_IN_PROGRESS', { retryAfterSeconds: 1 });
  }
  return { kind: 'finished', response: { status: row.status, body: row.response } };
}

function keyOf(scope: IdempotencyScope): string[] {
  return [scope.tenant, scope.actor, scope.key];
}
