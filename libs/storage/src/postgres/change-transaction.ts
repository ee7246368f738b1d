import { EcluseError } from '@ecluse/errors';
import type { AuditEntry } from '../admin-access.js';
import type { Change, PutOptions } from '../admin.js';
import type { SqlSession } from './sql-session.js';

const AUDIT = `INSERT INTO audit (tenant, actor, action, resource, detail, request_id) VALUES ($1, $2, $3, $4, $5, $6)`;

/** Writes the audit row of a change, in the transaction of the change. */
export async function writeAudit(
  sql: SqlSession,
  tenant: string,
  entry: AuditEntry,
  change: Change,
): Promise<void> {
  const { action, resource, detail } = entry;
  await sql.rows(AUDIT, [tenant, change.actor, action, resource, JSON.stringify(detail), change.requestId]);
}

/** Runs the real statements of a change and, for a dry run, takes them back: the answer is exact. */
export async function maybeDry<T>(sql: SqlSession, options: PutOptions, work: () => Promise<T>): Promise<T> {
  if (options.dryRun !== true) return work();
  await sql.rows('SAVEPOINT dry_run');
  const outcome = await work();
  await sql.rows('ROLLBACK TO SAVEPOINT dry_run');
  return outcome;
}

/** Optimistic locking of a PUT; `version` is undefined where nothing exists. */
export function checkVersion(version: number | undefined, expected: number | null): void {
  if (version === undefined && expected !== null)
    throw new EcluseError('PRECONDITION_FAILED', { detail: 'nothing of this name exists' });
  if (version !== undefined && expected === null)
    throw new EcluseError('PRECONDITION_MISSING', { detail: `it exists in version ${version}` });
  if (version !== undefined && expected !== version) throw changedMeanwhile(version);
}

export function changedMeanwhile(version: number): EcluseError {
  return new EcluseError('PRECONDITION_FAILED', { detail: `it is in version ${version} now` });
}
