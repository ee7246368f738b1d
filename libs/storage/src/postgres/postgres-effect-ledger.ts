import type { DataSource } from 'typeorm';
import type { EffectState } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import type { SealedBytes } from '../inbox.js';
import type { EffectEnd, EffectKey, EffectLedger, IntendedEffect, StoredEffect } from '../runs.js';
import { EFFECT_TRANSITIONS, statesBefore } from '../transitions.js';
import type { SqlSession } from './sql-session.js';
import { WorkerJournal, type JournalKind } from './worker-journal.js';

interface Row {
  idempotency_key: string;
  state: EffectState;
  reason: string | null;
  output_ciphertext: Buffer | null;
  output_wrapped_key: string | null;
  output_key_name: string | null;
}

/**
 * New, or armed again after a refusal. No row when another attempt's intention or its end stands. In the order of the
 * keys, so that two transactions never wait for each other.
 */
const ARM = `
INSERT INTO effects (tenant, idempotency_key, run_id, step_id, connection, operation)
SELECT $1, wanted.*
FROM unnest($2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[])
  AS wanted (idempotency_key, run_id, step_id, connection, operation)
ORDER BY wanted.idempotency_key
ON CONFLICT (tenant, idempotency_key) DO UPDATE SET
  run_id = excluded.run_id, state = 'intended', reason = NULL, intended_at = now(), settled_at = NULL
  WHERE effects.state = ANY($7)
RETURNING idempotency_key`;

const FIND = `
SELECT idempotency_key, state, reason, output_ciphertext, output_wrapped_key, output_key_name
FROM effects WHERE tenant = $1 AND idempotency_key = ANY($2)`;

const SETTLE = `
UPDATE effects e SET state = s.state, reason = s.reason, output_ciphertext = s.ciphertext,
                     output_wrapped_key = s.wrapped_key, output_key_name = s.key_name, settled_at = now()
FROM unnest($2::text[], $3::text[], $4::text[], $5::bytea[], $6::text[], $7::text[], $8::text[])
  AS s (idempotency_key, state, reason, ciphertext, wrapped_key, key_name, before)
WHERE e.tenant = $1 AND e.idempotency_key = s.idempotency_key AND e.state = ANY(string_to_array(s.before, ','))
RETURNING e.idempotency_key`;

const ARMED: StoredEffect & { again: boolean } = {
  state: 'intended',
  output: null,
  reason: null,
  again: false,
};

interface Intention {
  idempotencyKey: string;
  effect: IntendedEffect;
}

const INTEND_EFFECTS: JournalKind<Intention, StoredEffect & { again: boolean }> = {
  async execute(sql, tenant, intentions) {
    const effects = intentions.map(({ effect }) => effect);
    const keys = intentions.map(({ idempotencyKey }) => idempotencyKey);
    const rows = await sql.rows<{ idempotency_key: string }>(ARM, [
      tenant,
      keys,
      effects.map(({ run }) => run.runId),
      effects.map(({ stepId }) => stepId),
      effects.map(({ connection }) => connection),
      effects.map(({ operation }) => operation),
      statesBefore(EFFECT_TRANSITIONS, 'intended'),
    ]);
    const armed = new Set(rows.map((row) => row.idempotency_key));
    const known = await find(
      sql,
      tenant,
      keys.filter((key) => !armed.has(key)),
    );
    return keys.map((key) => {
      const row = known.get(key);
      if (row !== undefined)
        return { state: row.state, output: outputOf(row), reason: row.reason, again: true };
      return armed.has(key)
        ? ARMED
        : new EcluseError('INTERNAL', { detail: 'an effect vanished from the ledger' });
    });
  },
};

const SETTLE_EFFECTS: JournalKind<{ idempotencyKey: string; end: EffectEnd }, true> = {
  async execute(sql, tenant, items) {
    const keys = items.map(({ idempotencyKey }) => idempotencyKey);
    const ends = items.map(({ end }) => end);
    const rows = await sql.rows<{ idempotency_key: string }>(SETTLE, [
      tenant,
      keys,
      ends.map(({ state }) => state),
      ends.map(({ reason }) => reason),
      ends.map(({ output }) => output?.ciphertext ?? null),
      ends.map(({ output }) => output?.wrappedKey ?? null),
      ends.map(({ output }) => output?.keyName ?? null),
      ends.map(({ state }) => statesBefore(EFFECT_TRANSITIONS, state).join(',')),
    ]);
    const settled = new Set(rows.map((row) => row.idempotency_key));
    const known = await find(
      sql,
      tenant,
      keys.filter((key) => !settled.has(key)),
    );
    return keys.map((key) =>
      settled.has(key) || known.has(key)
        ? true
        : new EcluseError('NOT_FOUND', { detail: 'effect without an intention' }),
    );
  },
};

/** Role `ecluse_worker`. */
export class PostgresEffectLedger implements EffectLedger {
  readonly #journal: WorkerJournal;

  constructor(dataSource: DataSource) {
    this.#journal = WorkerJournal.of(dataSource);
  }

  intend(
    { tenant, idempotencyKey }: EffectKey,
    effect: IntendedEffect,
  ): Promise<StoredEffect & { again: boolean }> {
    return this.#journal.submit(INTEND_EFFECTS, tenant, { idempotencyKey, effect });
  }

  async settle({ tenant, idempotencyKey }: EffectKey, end: EffectEnd): Promise<void> {
    await this.#journal.submit(SETTLE_EFFECTS, tenant, { idempotencyKey, end });
  }
}

/** A statement of its own: a conflicting row may be younger than the first statement's snapshot. */
async function find(sql: SqlSession, tenant: string, keys: readonly string[]): Promise<Map<string, Row>> {
  if (keys.length === 0) return new Map();
  const rows = await sql.rows<Row>(FIND, [tenant, keys]);
  return new Map(rows.map((row) => [row.idempotency_key, row]));
}

function outputOf(row: Row): SealedBytes | null {
  const { output_ciphertext: ciphertext, output_wrapped_key: wrappedKey, output_key_name: keyName } = row;
  if (ciphertext === null || wrappedKey === null || keyName === null) return null;
  return { ciphertext, wrappedKey, keyName };
}
