import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Runs wait in queues: one per flow or, where a flow is ordered, one per order key. `position` is the order in which
 * the door accepted deliveries. What a flow version says about order and batches, and which connections it calls, is
 * derived from its definition, so that the dispatcher's joins need no second truth.
 */
const QUEUES = `
ALTER TABLE inbox
  ADD COLUMN position bigint GENERATED ALWAYS AS IDENTITY,
  -- By path of an order key: {"deal.id": {"key": <hash>, "sequence": 4}}; null where no flow of the source is ordered.
  ADD COLUMN order_keys jsonb;
CREATE INDEX inbox_ready_idx ON inbox (tenant, source, position) WHERE state = 'received';
DROP INDEX inbox_received_idx;

CREATE FUNCTION duration_ms(duration text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN duration ~ '^[0-9]{1,9}ms$' THEN left(duration, -2)::integer
              WHEN duration ~ '^[0-9]{1,6}s$' THEN left(duration, -1)::integer * 1000
              WHEN duration ~ '^[0-9]{1,4}m$' THEN left(duration, -1)::integer * 60000 END
$$;
ALTER TABLE flow_versions
  ADD COLUMN connections jsonb NOT NULL
    GENERATED ALWAYS AS (jsonb_path_query_array(definition, 'strict $.**.call.connection', silent => true)) STORED,
  ADD COLUMN order_by text GENERATED ALWAYS AS (definition #>> '{order,by}') STORED,
  ADD COLUMN order_sequence text GENERATED ALWAYS AS (definition #>> '{order,sequence}') STORED,
  ADD COLUMN batch_max integer NOT NULL GENERATED ALWAYS AS (
    CASE WHEN definition -> 'order' IS NOT NULL THEN 1
         ELSE coalesce((definition #>> '{batch,max}')::integer, 100) END) STORED,
  -- Milliseconds; 0: nothing waits for company.
  ADD COLUMN batch_within integer NOT NULL
    GENERATED ALWAYS AS (coalesce(duration_ms(definition #>> '{batch,within}'), 0)) STORED;

ALTER TABLE runs
  -- Names compare by byte, so that the dispatcher can walk the queues in index order.
  ADD COLUMN queue text COLLATE "C",
  ADD COLUMN position bigint NOT NULL DEFAULT 0,
  ADD COLUMN lane_key text,
  ADD COLUMN sequence bigint,
  -- The batch that holds the run at present; a batch may only touch the runs that name it.
  ADD COLUMN batch_id uuid,
  -- Why a run ended without doing anything, or what it waits for; for operators.
  ADD COLUMN note text,
  ADD COLUMN waiting_for text,
  -- When the reconciler last asked the engine about it.
  ADD COLUMN checked_at timestamptz;
UPDATE runs r SET queue = r.tenant || '/' || r.flow, position = i.position FROM inbox i WHERE i.id = r.delivery_id;
ALTER TABLE runs ALTER COLUMN queue SET NOT NULL;
-- Room for the claim beside its row: it changes no indexed column, so that no index has to be touched.
ALTER TABLE runs SET (fillfactor = 80);
CREATE INDEX runs_queue_idx ON runs (queue, position) WHERE state = 'queued';
CREATE INDEX runs_unfinished_idx ON runs (queue, state) WHERE state IN ('started', 'running');
CREATE INDEX runs_open_idx ON runs (started_at) WHERE state IN ('started', 'running');
CREATE INDEX runs_batch_idx ON runs (batch_id) WHERE batch_id IS NOT NULL;
DROP INDEX runs_queued_idx;
`;

const BATCHES = `
CREATE TABLE batches (
  id uuid NOT NULL,
  tenant text NOT NULL,
  flow text NOT NULL,
  flow_version integer NOT NULL,
  flow_sha256 text NOT NULL,
  queue text COLLATE "C" NOT NULL,
  workflow_id text NOT NULL,
  size integer NOT NULL,
  state text NOT NULL DEFAULT 'formed',
  temporal_run_id text,
  formed_at timestamptz NOT NULL DEFAULT now(),
  opened_at timestamptz,
  closed_at timestamptz,
  CONSTRAINT batches_pk PRIMARY KEY (id),
  CONSTRAINT batches_workflow_key UNIQUE (tenant, workflow_id),
  CONSTRAINT batches_state_check CHECK (state IN ('formed', 'started', 'running', 'closed'))
);
CREATE INDEX batches_open_idx ON batches (queue) WHERE state <> 'closed';
-- What later steps of a batch read: the outputs of one step for all its runs, in one sealed document.
CREATE TABLE batch_outputs (
  tenant text NOT NULL,
  batch_id uuid NOT NULL,
  step_id text NOT NULL,
  ciphertext bytea NOT NULL,
  wrapped_key text NOT NULL,
  key_name text NOT NULL,
  CONSTRAINT batch_outputs_pk PRIMARY KEY (batch_id, step_id),
  CONSTRAINT batch_outputs_batch_fk FOREIGN KEY (batch_id) REFERENCES batches (id)
);
`;

const LANES = `
CREATE TABLE lanes (
  tenant text NOT NULL,
  flow text NOT NULL,
  -- SHA-256 of the order key's value, shortened: the value itself may be personal.
  lane_key text NOT NULL,
  queue text COLLATE "C" NOT NULL,
  state text NOT NULL DEFAULT 'open',
  -- One dispatcher at a time hands runs to a lane, else two of them would break its order.
  claimed_by text,
  claimed_until timestamptz,
  last_sequence bigint,
  -- Missing values of the sequence field, oldest first, at most 100: [[from, to], ...]
  gaps jsonb NOT NULL DEFAULT '[]',
  head_run_id uuid,
  reason text,
  failures integer NOT NULL DEFAULT 0,
  retry_at timestamptz,
  row_version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT lanes_pk PRIMARY KEY (tenant, flow, lane_key),
  CONSTRAINT lanes_queue_key UNIQUE (queue),
  CONSTRAINT lanes_state_check CHECK (state IN ('open', 'blocked', 'parked'))
);
CREATE INDEX lanes_held_idx ON lanes (tenant, flow, lane_key) WHERE state <> 'open';
`;

const CONNECTION_STATES = `
-- A connection without a row is closed: calls pass.
CREATE TABLE connection_states (
  tenant text NOT NULL,
  connection text NOT NULL,
  state text NOT NULL DEFAULT 'closed',
  reason text,
  -- Failures in a row that opened the circuit, and how often it opened since it last closed.
  failures integer NOT NULL DEFAULT 0,
  openings integer NOT NULL DEFAULT 0,
  open_until timestamptz,
  changed_by text,
  row_version integer NOT NULL DEFAULT 1,
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT connection_states_pk PRIMARY KEY (tenant, connection),
  CONSTRAINT connection_states_check CHECK (state IN ('closed', 'open', 'paused'))
);
`;

const TENANT_TABLES = ['batches', 'batch_outputs', 'lanes', 'connection_states'];

function rowLevelSecurity(table: string): string {
  return `
ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY ${table}_tenant ON ${table} TO ecluse_door, ecluse_worker, ecluse_admin_api
  USING (tenant = current_setting('ecluse.tenant', true))
  WITH CHECK (tenant = current_setting('ecluse.tenant', true));`;
}

const GRANTS = `
REVOKE EXECUTE ON FUNCTION duration_ms(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION duration_ms(text) TO ecluse_admin_api;

CREATE POLICY batches_dispatch ON batches TO ecluse_dispatcher USING (true) WITH CHECK (true);
CREATE POLICY lanes_dispatch ON lanes TO ecluse_dispatcher USING (true) WITH CHECK (true);
CREATE POLICY connection_states_dispatch ON connection_states FOR SELECT TO ecluse_dispatcher USING (true);
GRANT SELECT, INSERT, UPDATE ON batches, lanes TO ecluse_dispatcher;
GRANT SELECT ON connection_states TO ecluse_dispatcher;

GRANT SELECT, UPDATE (state, temporal_run_id, opened_at, closed_at) ON batches TO ecluse_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON batch_outputs TO ecluse_worker;
GRANT SELECT, INSERT, UPDATE ON lanes, connection_states TO ecluse_worker;
GRANT UPDATE (batch_id, note, waiting_for, claimed_by, claimed_until, start_reason) ON runs TO ecluse_worker;

GRANT SELECT ON batches, lanes, connection_states TO ecluse_admin_api;
GRANT UPDATE (state, claimed_until, head_run_id, reason, failures, retry_at, row_version, updated_at) ON lanes TO ecluse_admin_api;
GRANT INSERT, UPDATE ON connection_states TO ecluse_admin_api;
`;

/** The door learns which paths the source's flows order by: of each flow's newest version, released or not. */
const SOURCE_ORDERS = `
CREATE FUNCTION source_orders(of_tenant text, of_source text)
RETURNS TABLE (order_by text, order_sequence text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ecluse, pg_temp AS $$
  SELECT DISTINCT v.order_by, v.order_sequence FROM flow_versions v
  WHERE v.tenant = of_tenant AND v.order_by IS NOT NULL AND v.definition #>> '{on,source}' = of_source
    AND (v.version = (SELECT max(w.version) FROM flow_versions w WHERE w.tenant = v.tenant AND w.flow = v.flow)
         OR v.version = (SELECT f.released_version FROM flows f WHERE f.tenant = v.tenant AND f.name = v.flow))
$$;
REVOKE EXECUTE ON FUNCTION source_orders(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION source_orders(text, text) TO ecluse_door;
`;

/**
 * What the door writes: the deliveries of one tenant, in one statement and one round trip. Positions are given in the
 * order of the arrays; rows are inserted in the order of their keys, so that two doors that insert the same keys do not
 * wait for each other in a circle. Answers the deliveries that were stored before, or earlier in the arrays. Caller's
 * rights and row-level security apply.
 */
const ACCEPT = `
CREATE FUNCTION accept_deliveries(
  of_tenant text, ids uuid[], sources text[], delivery_keys text[], body_sha256s text[], body_sizes integer[],
  content_types text[], secret_ids text[], orders text[],
  -- All ciphertexts in a row, and where each begins (from 0) and how long it is, in bytes.
  ciphertexts bytea, ciphertext_offsets integer[], ciphertext_sizes integer[], wrapped_keys text[], key_names text[])
RETURNS TABLE (given_id uuid, stored_id uuid, same_body boolean) LANGUAGE plpgsql SET search_path = ecluse, pg_temp AS $$
DECLARE
  stored bigint;
BEGIN
  PERFORM set_config('ecluse.tenant', of_tenant, true);
  INSERT INTO inbox (id, tenant, source, delivery_key, body_sha256, body_bytes, content_type, secret_id,
                     position, order_keys)
  OVERRIDING SYSTEM VALUE
  SELECT g.id, of_tenant, g.source, g.delivery_key, g.body_sha256, g.body_bytes, g.content_type, g.secret_id,
         g.position, g.order_keys::jsonb
  FROM (
    SELECT u.*, nextval('inbox_position_seq') AS position
    FROM unnest(ids, sources, delivery_keys, body_sha256s, body_sizes, content_types, secret_ids, orders)
      AS u (id, source, delivery_key, body_sha256, body_bytes, content_type, secret_id, order_keys)
  ) g ORDER BY g.source COLLATE "C", g.delivery_key COLLATE "C", g.position
  ON CONFLICT (tenant, source, delivery_key) DO NOTHING;
  GET DIAGNOSTICS stored = ROW_COUNT;
  -- The day as the row's default has it: both are the transaction's.
  INSERT INTO inbox_bodies (delivery_id, tenant, received_day, ciphertext, wrapped_key, key_name)
  SELECT g.id, of_tenant, (now() AT TIME ZONE 'UTC')::date,
         substring(ciphertexts FROM g.at_byte + 1 FOR g.size), g.wrapped_key, g.key_name
  FROM unnest(ids, ciphertext_offsets, ciphertext_sizes, wrapped_keys, key_names)
    AS g (id, at_byte, size, wrapped_key, key_name)
  WHERE stored = cardinality(ids) OR EXISTS (SELECT FROM inbox i WHERE i.id = g.id);
  IF stored > 0 THEN
    PERFORM pg_notify('ecluse_inbox', '');
  END IF;
  IF stored < cardinality(ids) THEN
    -- A statement of its own: the conflicting rows may be younger than the first statement's snapshot.
    RETURN QUERY
    SELECT g.id, i.id, i.body_sha256 = g.body_sha256
    FROM unnest(ids, sources, delivery_keys, body_sha256s) AS g (id, source, delivery_key, body_sha256)
    JOIN inbox i ON i.tenant = of_tenant AND i.source = g.source AND i.delivery_key = g.delivery_key
    WHERE i.id <> g.id;
  END IF;
END $$;
REVOKE EXECUTE ON FUNCTION accept_deliveries FROM PUBLIC;
GRANT EXECUTE ON FUNCTION accept_deliveries TO ecluse_door;
GRANT USAGE ON SEQUENCE inbox_position_seq TO ecluse_door;

-- The one audit entry that the door may write; it can read none.
CREATE POLICY audit_door ON audit AS RESTRICTIVE TO ecluse_door
  USING (false) WITH CHECK (actor = 'door' AND action = 'delivery.conflict');
GRANT INSERT (tenant, actor, action, resource, detail, request_id) ON audit TO ecluse_door;
`;

export class QueuesBatchesLanes1764100000000 implements MigrationInterface {
  readonly name = 'QueuesBatchesLanes1764100000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(QUEUES);
    await runner.query(BATCHES);
    await runner.query(LANES);
    await runner.query(CONNECTION_STATES);
    for (const table of TENANT_TABLES) await runner.query(rowLevelSecurity(table));
    await runner.query(GRANTS);
    await runner.query(SOURCE_ORDERS);
    await runner.query(ACCEPT);
  }

  down(): Promise<void> {
    return Promise.reject(
      new Error('Queues, batches and lanes are not taken back; drop the database instead.'),
    );
  }
}
