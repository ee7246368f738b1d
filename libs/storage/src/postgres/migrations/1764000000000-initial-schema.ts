import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Small rows that live long (identity, state, effects, audit) are apart from large bodies that live short
 * (`inbox_bodies`, partitioned by day: retention is dropping a partition).
 * Every table carries the tenant, and row-level security is a second barrier behind the queries: a service
 * role sees the rows of `ecluse.tenant` (set per transaction) and nothing without it. Only the dispatcher works
 * across tenants, by design. The two look-ups that find the tenant (source by token, API key by id) are
 * functions that answer one row each.
 * The row of a delivery in `inbox` is the lock of everything derived from it: whoever changes its runs' ends or
 * dead letters locks it first.
 */
const TABLES = `
CREATE TABLE sources (
  tenant text NOT NULL,
  name text NOT NULL,
  token text NOT NULL,
  spec jsonb NOT NULL,
  -- Names of the secrets in Vault; the values are nowhere in this database.
  secret_ids text[] NOT NULL DEFAULT '{}',
  row_version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT sources_pk PRIMARY KEY (tenant, name),
  CONSTRAINT sources_token_key UNIQUE (token)
);
CREATE TABLE connections (
  tenant text NOT NULL,
  name text NOT NULL,
  spec jsonb NOT NULL,
  row_version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT connections_pk PRIMARY KEY (tenant, name)
);
CREATE TABLE flows (
  tenant text NOT NULL,
  name text NOT NULL,
  -- Version that new deliveries start on; null until the first release.
  released_version integer,
  -- Source of the released version, repeated here for the dispatcher's join.
  released_source text,
  row_version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT flows_pk PRIMARY KEY (tenant, name)
);
CREATE INDEX flows_released_source_idx ON flows (tenant, released_source) WHERE released_version IS NOT NULL;
CREATE TABLE flow_versions (
  tenant text NOT NULL,
  flow text NOT NULL,
  version integer NOT NULL,
  sha256 text NOT NULL,
  definition jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by text NOT NULL,
  CONSTRAINT flow_versions_pk PRIMARY KEY (tenant, flow, version),
  CONSTRAINT flow_versions_content_key UNIQUE (tenant, flow, sha256),
  CONSTRAINT flow_versions_flow_fk FOREIGN KEY (tenant, flow) REFERENCES flows (tenant, name)
);
CREATE TABLE releases (
  id bigint GENERATED ALWAYS AS IDENTITY,
  tenant text NOT NULL,
  flow text NOT NULL,
  version integer NOT NULL,
  -- 'release' or 'rollback'
  kind text NOT NULL,
  previous_version integer,
  actor text NOT NULL,
  reason text,
  released_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT releases_pk PRIMARY KEY (id),
  CONSTRAINT releases_kind_check CHECK (kind IN ('release', 'rollback')),
  CONSTRAINT releases_version_fk FOREIGN KEY (tenant, flow, version) REFERENCES flow_versions (tenant, flow, version)
);
CREATE INDEX releases_flow_idx ON releases (tenant, flow, id DESC);
CREATE TABLE inbox (
  id uuid NOT NULL,
  tenant text NOT NULL,
  source text NOT NULL,
  delivery_key text NOT NULL,
  body_sha256 text NOT NULL,
  body_bytes integer NOT NULL,
  content_type text NOT NULL,
  secret_id text NOT NULL,
  state text NOT NULL DEFAULT 'received',
  -- Why a delivery waits or was discarded; for operators.
  state_reason text,
  received_at timestamptz NOT NULL DEFAULT now(),
  -- Day of the body's partition, UTC.
  received_day date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
  CONSTRAINT inbox_pk PRIMARY KEY (id),
  CONSTRAINT inbox_delivery_key UNIQUE (tenant, source, delivery_key),
  CONSTRAINT inbox_state_check CHECK (state IN ('received', 'waiting', 'running', 'succeeded', 'dead_letter', 'discarded'))
);
CREATE INDEX inbox_received_idx ON inbox (received_at) WHERE state = 'received';
CREATE INDEX inbox_waiting_idx ON inbox (tenant, source, received_at) WHERE state = 'waiting';
CREATE INDEX inbox_tenant_idx ON inbox (tenant, received_at DESC, id DESC);
CREATE TABLE inbox_bodies (
  delivery_id uuid NOT NULL,
  tenant text NOT NULL,
  received_day date NOT NULL,
  ciphertext bytea NOT NULL,
  wrapped_key text NOT NULL,
  key_name text NOT NULL,
  CONSTRAINT inbox_bodies_pk PRIMARY KEY (received_day, delivery_id)
) PARTITION BY RANGE (received_day);
-- The net for a day whose partition was not made in time: slower to drop, but no delivery is refused for it.
CREATE TABLE inbox_bodies_default PARTITION OF inbox_bodies DEFAULT;
CREATE TABLE runs (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  tenant text NOT NULL,
  delivery_id uuid NOT NULL,
  flow text NOT NULL,
  flow_version integer NOT NULL,
  flow_sha256 text NOT NULL,
  workflow_id text NOT NULL,
  origin text NOT NULL,
  -- 0 for the first run of a delivery, then 1, 2, ... for replays
  replay_no integer NOT NULL DEFAULT 0,
  replay_of uuid,
  effect_nonce text,
  requested_by text,
  state text NOT NULL DEFAULT 'queued',
  -- Whether the trigger's condition held; null until known.
  triggered boolean,
  temporal_run_id text,
  failure jsonb,
  start_attempts integer NOT NULL DEFAULT 0,
  -- Why the last start failed, shown to operators.
  start_reason text,
  claimed_by text,
  claimed_until timestamptz,
  queued_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  opened_at timestamptz,
  ended_at timestamptz,
  CONSTRAINT runs_pk PRIMARY KEY (id),
  CONSTRAINT runs_workflow_key UNIQUE (tenant, workflow_id),
  CONSTRAINT runs_replay_key UNIQUE (tenant, delivery_id, flow, replay_no),
  CONSTRAINT runs_delivery_fk FOREIGN KEY (delivery_id) REFERENCES inbox (id),
  CONSTRAINT runs_version_fk FOREIGN KEY (tenant, flow, flow_version) REFERENCES flow_versions (tenant, flow, version),
  CONSTRAINT runs_state_check CHECK (state IN ('queued', 'started', 'running', 'succeeded', 'dead_letter'))
);
CREATE INDEX runs_queued_idx ON runs (queued_at) WHERE state = 'queued';
CREATE INDEX runs_delivery_idx ON runs (delivery_id);
CREATE INDEX runs_tenant_idx ON runs (tenant, queued_at DESC, id DESC);
CREATE TABLE step_attempts (
  tenant text NOT NULL,
  run_id uuid NOT NULL,
  step_id text NOT NULL,
  attempt integer NOT NULL,
  connection text NOT NULL,
  operation text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  outcome text,
  code text,
  reason text,
  vendor_code text,
  lease_ref text,
  lease_expires_at timestamptz,
  lease_user text,
  CONSTRAINT step_attempts_pk PRIMARY KEY (run_id, step_id, attempt),
  CONSTRAINT step_attempts_run_fk FOREIGN KEY (run_id) REFERENCES runs (id)
);
CREATE TABLE effects (
  tenant text NOT NULL,
  idempotency_key text NOT NULL,
  run_id uuid NOT NULL,
  step_id text NOT NULL,
  connection text NOT NULL,
  operation text NOT NULL,
  state text NOT NULL DEFAULT 'intended',
  reason text,
  output_ciphertext bytea,
  output_wrapped_key text,
  output_key_name text,
  intended_at timestamptz NOT NULL DEFAULT now(),
  settled_at timestamptz,
  CONSTRAINT effects_pk PRIMARY KEY (tenant, idempotency_key),
  CONSTRAINT effects_run_fk FOREIGN KEY (run_id) REFERENCES runs (id),
  CONSTRAINT effects_state_check CHECK (state IN ('intended', 'confirmed', 'refused', 'unknown'))
);
CREATE INDEX effects_run_idx ON effects (run_id);
CREATE TABLE dead_letters (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  tenant text NOT NULL,
  delivery_id uuid NOT NULL,
  run_id uuid NOT NULL,
  step_id text,
  code text NOT NULL,
  outcome text,
  reason text NOT NULL,
  state text NOT NULL DEFAULT 'open',
  row_version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  settled_at timestamptz,
  settled_by text,
  settled_reason text,
  CONSTRAINT dead_letters_pk PRIMARY KEY (id),
  CONSTRAINT dead_letters_run_key UNIQUE (run_id),
  CONSTRAINT dead_letters_run_fk FOREIGN KEY (run_id) REFERENCES runs (id),
  CONSTRAINT dead_letters_state_check CHECK (state IN ('open', 'retried', 'discarded'))
);
CREATE INDEX dead_letters_tenant_idx ON dead_letters (tenant, created_at DESC, id DESC);
CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY,
  tenant text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL,
  action text NOT NULL,
  resource text NOT NULL,
  detail jsonb NOT NULL DEFAULT '{}',
  request_id text,
  CONSTRAINT audit_pk PRIMARY KEY (id)
);
CREATE INDEX audit_tenant_idx ON audit (tenant, id DESC);
CREATE TABLE api_keys (
  key_id text NOT NULL,
  tenant text NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  -- SHA-256 of the secret part: 32 random bytes need no slow hash.
  secret_sha256 text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  CONSTRAINT api_keys_pk PRIMARY KEY (key_id),
  CONSTRAINT api_keys_role_check CHECK (role IN ('viewer', 'operator', 'admin'))
);
CREATE TABLE idempotency_keys (
  tenant text NOT NULL,
  actor text NOT NULL,
  key text NOT NULL,
  fingerprint text NOT NULL,
  status integer,
  response jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT idempotency_keys_pk PRIMARY KEY (tenant, actor, key)
);
CREATE INDEX idempotency_keys_age_idx ON idempotency_keys (tenant, created_at);
`;

/** What is history is never changed or removed, whatever is granted. Statement triggers refuse even when no row matches. */
const APPEND_ONLY_TABLES = ['audit', 'flow_versions', 'releases'];
const REFUSE_CHANGE = `
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
`;
function appendOnly(table: string): string {
  return `
CREATE TRIGGER ${table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();`;
}

/**
 * Day partitions, made ahead by the dispatcher; SECURITY DEFINER because only the owner may create tables.
 * A day that has rows in the default partition already stays there, and two callers at once do no harm.
 */
const PARTITIONS = `
CREATE FUNCTION ensure_body_partitions(days integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ecluse, pg_temp AS $$
DECLARE
  today date := (now() AT TIME ZONE 'UTC')::date;
  day date;
  name text;
BEGIN
  FOR day IN SELECT generate_series(today, today + least(days, 31), interval '1 day')::date LOOP
    name := 'inbox_bodies_' || to_char(day, 'YYYYMMDD');
    CONTINUE WHEN to_regclass(name) IS NOT NULL;
    BEGIN
      EXECUTE format('CREATE TABLE %I PARTITION OF inbox_bodies FOR VALUES FROM (%L) TO (%L)', name, day, day + 1);
    EXCEPTION WHEN check_violation OR duplicate_table THEN
      NULL;
    END;
  END LOOP;
END $$;
SELECT ensure_body_partitions(7);
`;

/**
 * Look-ups before the tenant is known. SECURITY DEFINER: the caller sees the one row that it can name, and
 * needs no right to read the table.
 */
const LOOKUPS = `
CREATE FUNCTION source_by_token(wanted text)
RETURNS TABLE (tenant text, name text, token text, spec jsonb, row_version integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ecluse, pg_temp AS $$
  SELECT s.tenant, s.name, s.token, s.spec, s.row_version FROM sources s WHERE s.token = wanted
$$;
CREATE FUNCTION api_key_by_id(wanted text)
RETURNS TABLE (key_id text, tenant text, name text, role text, secret_sha256 text, expires_at timestamptz, revoked_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ecluse, pg_temp AS $$
  SELECT k.key_id, k.tenant, k.name, k.role, k.secret_sha256, k.expires_at, k.revoked_at FROM api_keys k WHERE k.key_id = wanted
$$;
-- Workflow id of the first run: from the delivery alone, so that a second start of it is recognised. Opaque and under 255 characters.
CREATE FUNCTION delivery_workflow_id(tenant text, source text, delivery_key text, flow text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT 'wh:' || tenant || ':' || source || ':' || left(encode(sha256(convert_to(delivery_key, 'UTF8')), 'hex'), 32) || ':' || flow
$$;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA ecluse FROM PUBLIC;
`;

const TENANT_TABLES = [
  'sources',
  'connections',
  'flows',
  'flow_versions',
  'releases',
  'inbox',
  'inbox_bodies',
  'runs',
  'step_attempts',
  'effects',
  'dead_letters',
  'audit',
  'api_keys',
  'idempotency_keys',
];

/** Least privilege by role; every line is something the service needs, and specs prove the rest is refused. */
const GRANTS = `
GRANT USAGE ON SCHEMA ecluse TO ecluse_door, ecluse_dispatcher, ecluse_worker, ecluse_admin_api;

GRANT EXECUTE ON FUNCTION source_by_token(text) TO ecluse_door;
GRANT INSERT ON inbox, inbox_bodies TO ecluse_door;
GRANT SELECT (id, tenant, source, delivery_key, body_sha256, received_day) ON inbox TO ecluse_door;

GRANT SELECT ON flows, flow_versions, dead_letters TO ecluse_dispatcher;
GRANT SELECT, UPDATE (state, state_reason) ON inbox TO ecluse_dispatcher;
GRANT SELECT, INSERT, UPDATE ON runs TO ecluse_dispatcher;
GRANT INSERT ON dead_letters TO ecluse_dispatcher;
GRANT EXECUTE ON FUNCTION ensure_body_partitions(integer), delivery_workflow_id(text, text, text, text) TO ecluse_dispatcher;

GRANT SELECT ON connections, flow_versions, inbox_bodies TO ecluse_worker;
GRANT SELECT, UPDATE (state, state_reason) ON inbox TO ecluse_worker;
GRANT SELECT, UPDATE (state, triggered, temporal_run_id, failure, started_at, opened_at, ended_at) ON runs TO ecluse_worker;
GRANT SELECT, INSERT ON step_attempts, effects, dead_letters TO ecluse_worker;
GRANT UPDATE (started_at, ended_at, outcome, code, reason, vendor_code, lease_ref, lease_expires_at, lease_user)
  ON step_attempts TO ecluse_worker;
GRANT UPDATE (run_id, state, reason, output_ciphertext, output_wrapped_key, output_key_name, intended_at, settled_at)
  ON effects TO ecluse_worker;

GRANT SELECT, INSERT, UPDATE ON sources, connections, flows, idempotency_keys TO ecluse_admin_api;
GRANT DELETE ON idempotency_keys TO ecluse_admin_api;
GRANT SELECT, INSERT ON flow_versions, releases, audit TO ecluse_admin_api;
GRANT SELECT, UPDATE (state, state_reason) ON inbox TO ecluse_admin_api;
GRANT SELECT, INSERT ON runs TO ecluse_admin_api;
GRANT SELECT (tenant, idempotency_key, run_id, step_id, connection, operation, state, reason, intended_at, settled_at)
  ON effects TO ecluse_admin_api;
GRANT UPDATE (state, reason, settled_at) ON effects TO ecluse_admin_api;
GRANT SELECT ON step_attempts TO ecluse_admin_api;
GRANT SELECT, UPDATE (state, row_version, settled_at, settled_by, settled_reason) ON dead_letters TO ecluse_admin_api;
GRANT EXECUTE ON FUNCTION api_key_by_id(text), delivery_workflow_id(text, text, text, text) TO ecluse_admin_api;
`;

function rowLevelSecurity(table: string): string {
  return `
ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY ${table}_tenant ON ${table} TO ecluse_door, ecluse_worker, ecluse_admin_api
  USING (tenant = current_setting('ecluse.tenant', true))
  WITH CHECK (tenant = current_setting('ecluse.tenant', true));`;
}

/** The dispatcher's work is across tenants; what it may do is bounded by its grants. */
const CROSS_TENANT = `
CREATE POLICY flows_dispatch ON flows FOR SELECT TO ecluse_dispatcher USING (true);
CREATE POLICY flow_versions_dispatch ON flow_versions FOR SELECT TO ecluse_dispatcher USING (true);
CREATE POLICY inbox_dispatch ON inbox TO ecluse_dispatcher USING (true) WITH CHECK (true);
CREATE POLICY runs_dispatch ON runs TO ecluse_dispatcher USING (true) WITH CHECK (true);
CREATE POLICY dead_letters_dispatch ON dead_letters TO ecluse_dispatcher USING (true) WITH CHECK (true);
`;

export class InitialSchema1764000000000 implements MigrationInterface {
  readonly name = 'InitialSchema1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(REFUSE_CHANGE);
    for (const table of APPEND_ONLY_TABLES) await runner.query(appendOnly(table));
    await runner.query(PARTITIONS);
    await runner.query(LOOKUPS);
    for (const table of TENANT_TABLES) await runner.query(rowLevelSecurity(table));
    await runner.query(CROSS_TENANT);
    await runner.query(GRANTS);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('The initial schema is not taken back; drop the database instead.'));
  }
}
