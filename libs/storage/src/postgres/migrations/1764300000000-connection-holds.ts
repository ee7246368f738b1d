import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Since when a connection has been held, however often its circuit was probed meanwhile; null while it is not. And what
 * counting open dead letters, for metrics, needs.
 */
const HELD_SINCE = `
ALTER TABLE connection_states ADD COLUMN held_since timestamptz;
UPDATE connection_states SET held_since = updated_at WHERE state <> 'closed';
CREATE INDEX dead_letters_open_idx ON dead_letters (created_at) WHERE state = 'open';
`;

export class ConnectionHolds1764300000000 implements MigrationInterface {
  readonly name = 'ConnectionHolds1764300000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(HELD_SINCE);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Connection holds are not taken back; drop the database instead.'));
  }
}
