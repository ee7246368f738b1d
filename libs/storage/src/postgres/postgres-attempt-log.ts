import type { DataSource } from 'typeorm';
import type { AttemptEnd, AttemptLog, AttemptRecord } from '../runs.js';
import { WorkerJournal, type JournalKind } from './worker-journal.js';

/** The same number comes again only when Temporal resets a run: then the record is of the newer try. */
const BEGIN = `
INSERT INTO step_attempts (tenant, run_id, step_id, attempt, connection, operation)
SELECT $1, begun.* FROM unnest($2::uuid[], $3::text[], $4::integer[], $5::text[], $6::text[]) AS begun
ON CONFLICT (run_id, step_id, attempt) DO UPDATE SET
  started_at = now(), ended_at = NULL, outcome = NULL, code = NULL, reason = NULL, vendor_code = NULL,
  lease_ref = NULL, lease_expires_at = NULL, lease_user = NULL`;

const END = `
UPDATE step_attempts a SET ended_at = now(), outcome = ended.outcome, code = ended.code, reason = ended.reason,
                           vendor_code = ended.vendor_code, lease_ref = ended.lease_ref,
                           lease_expires_at = ended.lease_expires_at, lease_user = ended.lease_user
FROM unnest($2::uuid[], $3::text[], $4::integer[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
            $10::timestamptz[], $11::text[])
  AS ended (run_id, step_id, attempt, outcome, code, reason, vendor_code, lease_ref, lease_expires_at, lease_user)
WHERE a.tenant = $1 AND a.run_id = ended.run_id AND a.step_id = ended.step_id AND a.attempt = ended.attempt`;

const BEGIN_ATTEMPTS: JournalKind<AttemptRecord, true> = {
  async execute(sql, tenant, records) {
    const about = [records.map(({ connection }) => connection), records.map(({ operation }) => operation)];
    await sql.rows(BEGIN, [tenant, ...keysOf(records), ...about]);
    return records.map(() => true);
  },
};

const END_ATTEMPTS: JournalKind<{ record: AttemptRecord; end: AttemptEnd }, true> = {
  async execute(sql, tenant, items) {
    const ends = items.map(({ end }) => end);
    await sql.rows(END, [
      tenant,
      ...keysOf(items.map(({ record }) => record)),
      ends.map(({ outcome }) => outcome),
      ends.map(({ code }) => code),
      ends.map(({ reason }) => reason),
      ends.map(({ vendorCode }) => vendorCode),
      ends.map(({ leaseRef }) => leaseRef),
      ends.map(({ leaseExpiresAt }) => leaseExpiresAt),
      ends.map(({ leaseUser }) => leaseUser),
    ]);
    return items.map(() => true);
  },
};

/** Role `ecluse_worker`. */
export class PostgresAttemptLog implements AttemptLog {
  readonly #journal: WorkerJournal;

  constructor(dataSource: DataSource) {
    this.#journal = WorkerJournal.of(dataSource);
  }

  async begin(record: AttemptRecord): Promise<void> {
    await this.#journal.submit(BEGIN_ATTEMPTS, record.run.tenant, record);
  }

  async end(record: AttemptRecord, end: AttemptEnd): Promise<void> {
    await this.#journal.submit(END_ATTEMPTS, record.run.tenant, { record, end });
  }
}

function keysOf(records: readonly AttemptRecord[]): (string[] | number[])[] {
  return [
    records.map(({ run }) => run.runId),
    records.map(({ stepId }) => stepId),
    records.map(({ attempt }) => attempt),
  ];
}
