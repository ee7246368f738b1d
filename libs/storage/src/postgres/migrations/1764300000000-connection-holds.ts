import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Since when a connection has been held, however often its circuit was probed meanwhile; null while it is not. */
const HELD_SINCE = `
ALTER TABLE connection_states ADD COLUMN held_since timestamptz;
UPDATE connection_states SET held_since = updated_at WHERE state <> 'closed';
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
