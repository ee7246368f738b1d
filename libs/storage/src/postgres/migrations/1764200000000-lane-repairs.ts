import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a person needs to set a lane right: the runs of a lane in order, whatever their state; replacements of bodies
 * (the original stays where it is); and the rights of the admin API to end a run that waits.
 */
const LANE_REPAIRS = `
CREATE INDEX runs_lane_idx ON runs (queue, position)
  WHERE lane_key IS NOT NULL AND state IN ('queued', 'started', 'running');

CREATE TABLE body_edits (
  tenant text NOT NULL,
  delivery_id uuid NOT NULL,
  -- 1, 2, ...: a run is opened with the newest one, and keeps it.
  edit_no integer NOT NULL,
  ciphertext bytea NOT NULL,
  wrapped_key text NOT NULL,
  key_name text NOT NULL,
  body_sha256 text NOT NULL,
  body_bytes integer NOT NULL,
  edited_by text NOT NULL,
  edited_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT body_edits_pk PRIMARY KEY (delivery_id, edit_no),
  CONSTRAINT body_edits_delivery_fk FOREIGN KEY (delivery_id) REFERENCES inbox (id)
);
ALTER TABLE body_edits ENABLE ROW LEVEL SECURITY;
CREATE POLICY body_edits_tenant ON body_edits TO ecluse_worker, ecluse_admin_api
  USING (tenant = current_setting('ecluse.tenant', true))
  WITH CHECK (tenant = current_setting('ecluse.tenant', true));
GRANT SELECT ON body_edits TO ecluse_worker;
-- The admin API seals a body and cannot read one back, not even its own.
GRANT INSERT, SELECT (tenant, delivery_id, edit_no) ON body_edits TO ecluse_admin_api;

GRANT INSERT (tenant, flow, lane_key, queue) ON lanes TO ecluse_admin_api;
GRANT UPDATE (state, triggered, failure, ended_at, waiting_for) ON runs TO ecluse_admin_api;
-- A person gives up a run that waits in a lane; everything else that becomes of a run is for dispatcher and worker.
CREATE POLICY runs_given_up ON runs AS RESTRICTIVE FOR UPDATE TO ecluse_admin_api
  USING (lane_key IS NOT NULL AND state = 'queued') WITH CHECK (state = 'dead_letter');
GRANT INSERT ON dead_letters TO ecluse_admin_api;
`;

export class LaneRepairs1764200000000 implements MigrationInterface {
  readonly name = 'LaneRepairs1764200000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(LANE_REPAIRS);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Repairs of lanes are not taken back; drop the database instead.'));
  }
}
