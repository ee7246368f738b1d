import type { DataSource } from 'typeorm';
import type { DeadLetterState, DeadLetterView, Page, RunSummary } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import type { Change, PageRequest } from '../admin.js';
import type { DeadLetterDecision, DeadLetterFilter, DeadLetterStore } from '../admin-operations.js';
import { DEAD_LETTER_TRANSITIONS, transition } from '../transitions.js';
import { changedMeanwhile, writeAudit } from './change-transaction.js';
import {
  FIND_LETTER,
  LIST_LETTERS,
  LOCK_LETTER,
  SETTLE_LETTER,
  toDeadLetterView,
  type DeadLetterRow,
} from './dead-letter-rows.js';
import { deriveDeliveryState, lockDelivery, type LockedDelivery } from './delivery-state.js';
import { CURSOR_SHAPES, fetchLimit, isUuid, pageOf, pageStart } from './paging.js';
import { lastRunOf, queueRun, releasedVersion } from './queue-run.js';
import { withTenant, type SqlSession } from './sql-session.js';

/** Role `ecluse_admin_api`. */
export class PostgresDeadLetterStore implements DeadLetterStore {
  constructor(private readonly dataSource: DataSource) {}

  async list(tenant: string, filter: DeadLetterFilter, page: PageRequest): Promise<Page<DeadLetterView>> {
    const values = [
      tenant,
      filter.state ?? null,
      ...pageStart(page, CURSOR_SHAPES.timeAndId),
      fetchLimit(page),
    ];
    const rows = await withTenant(this.dataSource, tenant, (sql) =>
      sql.rows<DeadLetterRow>(LIST_LETTERS, values),
    );
    return pageOf(rows, page, (row) => [row.at, row.id], toDeadLetterView);
  }

  async find(tenant: string, id: string): Promise<DeadLetterView | undefined> {
    if (!isUuid(id)) return undefined;
    const [row] = await withTenant(this.dataSource, tenant, (sql) =>
      sql.rows<DeadLetterRow>(FIND_LETTER, [tenant, id]),
    );
    return row === undefined ? undefined : toDeadLetterView(row);
  }

  async retry(tenant: string, id: string, decision: DeadLetterDecision, change: Change): Promise<RunSummary> {
    return withTenant(this.dataSource, tenant, async (sql) => {
      const { delivery, letter } = await settle(sql, tenant, id, 'retried', decision, change);
      await sql.rows(RELEASE_DOUBT, [tenant, letter.run_id]);
      const released = await releasedVersion(sql, delivery, letter.flow);
      const of = released ?? { version: letter.flow_version, sha256: letter.flow_sha256 };
      const last = await lastRunOf(sql, delivery, letter.flow);
      const run = await queueRun(sql, delivery, {
        flow: letter.flow,
        of,
        last,
        requestedBy: change.actor,
        effects: 'keep',
      });
      const detail = { runId: run.id, flowVersion: run.flowVersion, reason: decision.reason };
      const entry = { action: 'dead-letter.retried', resource: `dead-letter/${id}`, detail };
      await writeAudit(sql, tenant, entry, change);
      return run;
    });
  }

  async discard(
    tenant: string,
    id: string,
    decision: DeadLetterDecision & { reason: string },
    change: Change,
  ): Promise<DeadLetterView> {
    return withTenant(this.dataSource, tenant, async (sql) => {
      const { delivery, letter } = await settle(sql, tenant, id, 'discarded', decision, change);
      const state = await deriveDeliveryState(sql, delivery);
      const detail = { deliveryId: letter.delivery_id, deliveryState: state, reason: decision.reason };
      const entry = { action: 'dead-letter.discarded', resource: `dead-letter/${id}`, detail };
      await writeAudit(sql, tenant, entry, change);
      const [row] = await sql.rows<DeadLetterRow>(FIND_LETTER, [tenant, id]);
      return toDeadLetterView(row ?? letter);
    });
  }
}

/**
 * Whoever retries a parked write has looked at the remote and decided that it did not happen: the effect may be made
 * again. Without this the new run would be parked for the same doubt.
 */
const RELEASE_DOUBT = `
  UPDATE effects SET state = 'refused', reason = 'retried by a person after doubt', settled_at = now()
  WHERE tenant = $1 AND run_id = $2 AND state IN ('intended', 'unknown')`;

/** Locks delivery and dead letter, in this order, and settles the dead letter. */
async function settle(
  sql: SqlSession,
  tenant: string,
  id: string,
  to: Exclude<DeadLetterState, 'open'>,
  decision: DeadLetterDecision,
  change: Change,
): Promise<{ delivery: LockedDelivery; letter: DeadLetterRow }> {
  const unknown = new EcluseError('NOT_FOUND', { detail: 'no dead letter has this id' });
  if (!isUuid(id)) throw unknown;
  const [found] = await sql.rows<DeadLetterRow>(FIND_LETTER, [tenant, id]);
  if (found === undefined) throw unknown;
  const delivery = await lockDelivery(sql, tenant, found.delivery_id);
  const [letter] = await sql.rows<DeadLetterRow>(LOCK_LETTER, [tenant, id]);
  if (letter === undefined) throw unknown;
  const { expectedVersion } = decision;
  if (expectedVersion !== undefined && expectedVersion !== letter.row_version) {
    throw changedMeanwhile(letter.row_version);
  }
  const state = transition(DEAD_LETTER_TRANSITIONS, `dead letter ${id}`, letter.state, to);
  await sql.rows(SETTLE_LETTER, [tenant, id, state, change.actor, decision.reason]);
  return { delivery, letter };
}
