import type { DeadLetterState, DeadLetterView } from '@ecluse/contracts';
import { ERRORS } from '@ecluse/errors';
import { fromMicroseconds, microseconds } from './paging.js';
import { isoOrNull } from './run-rows.js';

export interface DeadLetterRow {
  id: string;
  delivery_id: string;
  run_id: string;
  flow: string;
  flow_version: number;
  flow_sha256: string;
  step_id: string | null;
  code: string;
  outcome: string | null;
  reason: string;
  state: DeadLetterState;
  row_version: number;
  created_at: Date;
  settled_at: Date | null;
  settled_by: string | null;
  settled_reason: string | null;
  at: string;
}

const SELECT = `
SELECT d.id, d.delivery_id, d.run_id, r.flow, r.flow_version, r.flow_sha256, d.step_id, d.code, d.outcome, d.reason,
       d.state, d.row_version, d.created_at, d.settled_at, d.settled_by, d.settled_reason,
       ${microseconds('d.created_at')} AS at
FROM dead_letters d JOIN runs r ON r.id = d.run_id WHERE d.tenant = $1`;
export const LIST_LETTERS = `${SELECT}
  AND ($2::text IS NULL OR d.state = $2)
  AND ($3::text IS NULL OR (d.created_at, d.id) < (${fromMicroseconds('$3')}, $4::uuid))
ORDER BY d.created_at DESC, d.id DESC LIMIT $5`;
export const FIND_LETTER = `${SELECT} AND d.id = $2`;
export const LOCK_LETTER = `${FIND_LETTER} FOR UPDATE OF d`;
export const SETTLE_LETTER = `
UPDATE dead_letters SET state = $3, row_version = row_version + 1, settled_at = now(), settled_by = $4,
                        settled_reason = $5
WHERE tenant = $1 AND id = $2`;

const REMEDIES = new Map<string, string>(Object.values(ERRORS).map((entry) => [entry.code, entry.remedy]));

export function toDeadLetterView(row: DeadLetterRow): DeadLetterView {
  return {
    id: row.id,
    deliveryId: row.delivery_id,
    runId: row.run_id,
    flow: row.flow,
    stepId: row.step_id,
    code: row.code,
    outcome: row.outcome,
    reason: row.reason,
    // A code of a newer version of Ecluse may be unknown here.
    remedy: REMEDIES.get(row.code) ?? 'Look at the last attempt, mend the cause, then retry the dead letter.',
    state: row.state,
    version: row.row_version,
    createdAt: row.created_at.toISOString(),
    settledAt: isoOrNull(row.settled_at),
    settledBy: row.settled_by,
    settledReason: row.settled_reason,
  };
}
