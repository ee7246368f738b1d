import type { DataSource } from 'typeorm';
import type { EffectState, RunRef } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import type { SealedBytes } from '../inbox.js';
import type { EffectKey, EffectLedger, StoredEffect } from '../runs.js';
import { EFFECT_TRANSITIONS, statesBefore } from '../transitions.js';
import { withTenant } from './sql-session.js';

interface Row {
  state: EffectState;
  reason: string | null;
  output_ciphertext: Buffer | null;
  output_wrapped_key: string | null;
  output_key_name: string | null;
}

/** New, or armed again after a refusal. No row when another attempt's intention or its end stands. */
const ARM = `
INSERT INTO effects (tenant, idempotency_key, run_id, step_id, connection, operation)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant, idempotency_key) DO UPDATE SET
  run_id = excluded.run_id, state = 'intended', reason = NULL, intended_at = now(), settled_at = NULL
  WHERE effects.state = ANY($7)
RETURNING state`;

const FIND = `
SELECT state, reason, output_ciphertext, output_wrapped_key, output_key_name
FROM effects WHERE tenant = $1 AND idempotency_key = $2`;

const SETTLE = `
UPDATE effects SET state = $3, reason = $4, output_ciphertext = $5, output_wrapped_key = $6, output_key_name = $7,
                   settled_at = now()
WHERE tenant = $1 AND idempotency_key = $2 AND state = ANY($8)
RETURNING state`;

const ARMED: StoredEffect & { again: boolean } = {
  state: 'intended',
  output: null,
  reason: null,
  again: false,
};

/** Role `ecluse_worker`. */
export class PostgresEffectLedger implements EffectLedger {
  constructor(private readonly dataSource: DataSource) {}

  async intend(
    key: EffectKey,
    effect: { run: RunRef; stepId: string; connection: string; operation: string },
  ): Promise<StoredEffect & { again: boolean }> {
    const { tenant, idempotencyKey } = key;
    const rearmable = statesBefore(EFFECT_TRANSITIONS, 'intended');
    const about = [effect.run.runId, effect.stepId, effect.connection, effect.operation];
    return withTenant(this.dataSource, tenant, async (sql) => {
      const armed = await sql.rows(ARM, [tenant, idempotencyKey, ...about, rearmable]);
      if (armed.length > 0) return ARMED;
      const [row] = await sql.rows<Row>(FIND, [tenant, idempotencyKey]);
      if (row === undefined)
        throw new EcluseError('INTERNAL', { detail: 'an effect vanished from the ledger' });
      return { state: row.state, output: outputOf(row), reason: row.reason, again: true };
    });
  }

  async settle(
    key: EffectKey,
    end: { state: Exclude<EffectState, 'intended'>; output: SealedBytes | null; reason: string | null },
  ): Promise<void> {
    const { tenant, idempotencyKey } = key;
    const before = statesBefore(EFFECT_TRANSITIONS, end.state);
    const output = [
      end.output?.ciphertext ?? null,
      end.output?.wrappedKey ?? null,
      end.output?.keyName ?? null,
    ];
    await withTenant(this.dataSource, tenant, async (sql) => {
      const settled = await sql.rows(SETTLE, [
        tenant,
        idempotencyKey,
        end.state,
        end.reason,
        ...output,
        before,
      ]);
      if (settled.length > 0) return;
      const known = await sql.rows(FIND, [tenant, idempotencyKey]);
      if (known.length === 0) throw new EcluseError('NOT_FOUND', { detail: 'effect without an intention' });
    });
  }
}

function outputOf(row: Row): SealedBytes | null {
  const { output_ciphertext: ciphertext, output_wrapped_key: wrappedKey, output_key_name: keyName } = row;
  if (ciphertext === null || wrappedKey === null || keyName === null) return null;
  return { ciphertext, wrappedKey, keyName };
}
