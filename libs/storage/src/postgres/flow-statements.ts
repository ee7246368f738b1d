/** A flow with its latest version; `source` is that of the released version, or of the latest. */
export const FLOW = `
SELECT f.name, f.released_version, f.row_version, l.version AS latest_version,
       coalesce(f.released_source, l.source) AS source
FROM flows f JOIN LATERAL (
  SELECT v.version, v.definition->'on'->>'source' AS source FROM flow_versions v
  WHERE v.tenant = f.tenant AND v.flow = f.name ORDER BY v.version DESC LIMIT 1
) l ON true
WHERE f.tenant = $1`;
export const LIST_FLOWS = `${FLOW} AND ($2::text IS NULL OR f.name > $2) ORDER BY f.name LIMIT $3`;
export const FIND_FLOW = `${FLOW} AND f.name = $2`;

/** Publishing and releasing of one flow happen one after the other. */
export const LOCK_FLOW = `
SELECT released_version, row_version FROM flows WHERE tenant = $1 AND name = $2 FOR UPDATE`;
export const CREATE_FLOW = `
INSERT INTO flows (tenant, name) VALUES ($1, $2) ON CONFLICT (tenant, name) DO NOTHING RETURNING row_version`;
export const TOUCH_FLOW = `UPDATE flows SET row_version = row_version + 1 WHERE tenant = $1 AND name = $2`;

export const FIND_CONTENT = `SELECT version FROM flow_versions WHERE tenant = $1 AND flow = $2 AND sha256 = $3`;
export const ADD_VERSION = `
INSERT INTO flow_versions (tenant, flow, version, sha256, definition, created_by)
SELECT $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5 FROM flow_versions WHERE tenant = $1 AND flow = $2
RETURNING version`;

const VERSION = `
SELECT flow, version, sha256, definition, created_at, created_by FROM flow_versions WHERE tenant = $1 AND flow = $2`;
export const LIST_VERSIONS = `${VERSION} AND ($3::int IS NULL OR version < $3) ORDER BY version DESC LIMIT $4`;
export const FIND_VERSION = `${VERSION} AND version = $3`;

export const POINT_FLOW = `
UPDATE flows SET released_version = $3, released_source = $4, row_version = row_version + 1
WHERE tenant = $1 AND name = $2`;
export const ADD_RELEASE = `
INSERT INTO releases (tenant, flow, version, kind, previous_version, actor, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)
RETURNING id::text, flow, version, previous_version, kind, actor, reason, released_at`;
export const LIST_RELEASES = `
SELECT id::text, flow, version, previous_version, kind, actor, reason, released_at
FROM releases WHERE tenant = $1 AND flow = $2 AND ($3::bigint IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`;

/** What was live before the current version was first put live: rolling back twice goes back two versions. */
export const RELEASED_BEFORE = `
SELECT previous_version FROM releases
WHERE tenant = $1 AND flow = $2 AND version = $3 AND kind = 'release' ORDER BY id DESC LIMIT 1`;
export const WAS_RELEASED = `SELECT 1 FROM releases WHERE tenant = $1 AND flow = $2 AND version = $3 LIMIT 1`;

/** Most waiting deliveries that one release moves; the dispatcher takes up the rest by itself. */
const AWAKEN_LIMIT = 1000;
export const AWAKEN = `
UPDATE inbox SET state = 'received', state_reason = NULL WHERE id IN (
  SELECT id FROM inbox WHERE tenant = $1 AND source = $2 AND state = 'waiting'
  ORDER BY received_at LIMIT ${AWAKEN_LIMIT} FOR UPDATE SKIP LOCKED)`;
