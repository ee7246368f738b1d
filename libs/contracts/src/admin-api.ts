import type { JsonObject, JsonValue } from './json.js';
import type { CircuitState, DeadLetterState, DeliveryState, EffectState, RunState } from './states.js';
import type { FlowDefinition } from './flow-definition.js';
import type { RunFailure } from './flow-run.js';

/** Roles of API keys, from least to most. `operator` may act on deliveries and releases, `admin` may change definitions and secrets. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** All times are RFC 3339, UTC. */
export interface Page<T> {
  items: T[];
  /** Opaque; send it as `?cursor=`. Null on the last page. */
  nextCursor: string | null;
}

/** Body of PUT /v1/{sources|connections|flows}/{name}. */
export interface ApplyRequest {
  /** File name, used only to name places in errors. */
  file?: string;
  /** The document's text, YAML or JSON. At most 256 KiB. */
  document: string;
  /** Validate and compare only; nothing is written. */
  dryRun?: boolean;
}
export interface ApplyResult {
  kind: 'Source' | 'Connection' | 'Flow';
  name: string;
  change: 'created' | 'changed' | 'unchanged';
  /** Row version of a source or connection; flow version of a flow. */
  version: number;
}

export interface SourceView {
  name: string;
  /** Door URL to give to the sender. */
  url: string;
  spec: JsonObject;
  /** Ids of the secrets in Vault, without values; empty means that every delivery is refused. */
  secretIds: string[];
  version: number;
  updatedAt: string;
}
export interface ConnectionView {
  name: string;
  spec: JsonObject;
  version: number;
  updatedAt: string;
  /** Whether its calls pass, or who holds them back. */
  state: CircuitState;
  /** Why they are held: the remote's last failure, or the words of the person who paused it. Null while they pass. */
  stateReason: string | null;
  /** Since when they are held. Null while they pass. */
  heldSince: string | null;
  /** When the circuit breaker looks at the remote again. Null unless `state` is `open`. */
  openUntil: string | null;
  /** Who changed `state` last: a person, or the circuit breaker. Null where it never changed. */
  stateChangedBy: string | null;
}
export interface FlowView {
  name: string;
  releasedVersion: number | null;
  latestVersion: number;
  source: string;
  version: number;
}
export interface FlowVersionView {
  flow: string;
  version: number;
  sha256: string;
  definition: FlowDefinition;
  createdAt: string;
  createdBy: string;
}
export interface ReleaseView {
  flow: string;
  version: number;
  previousVersion: number | null;
  kind: 'release' | 'rollback';
  actor: string;
  reason: string | null;
  releasedAt: string;
}
export interface DeliveryView {
  id: string;
  source: string;
  key: string;
  state: DeliveryState;
  stateReason: string | null;
  bodyBytes: number;
  contentType: string;
  secretId: string;
  receivedAt: string;
  runs: RunSummary[];
}
export interface RunSummary {
  id: string;
  deliveryId: string;
  flow: string;
  flowVersion: number;
  state: RunState;
  triggered: boolean | null;
  replayNo: number;
  replayOf: string | null;
  queuedAt: string;
  startedAt: string | null;
  endedAt: string | null;
  /** What it waits for, for operators; null when it does not, or is over. */
  waitingFor: string | null;
  /** Why it ended without doing anything, or runs alone; null in the usual case. */
  note: string | null;
}
export interface RunView extends RunSummary {
  workflowId: string;
  temporalRunId: string | null;
  /** Batch in which the run was or is executed together with others; null for a run of its own. */
  batchId: string | null;
  flowSha256: string;
  failure: RunFailure | null;
  startReason: string | null;
  requestedBy: string | null;
  attempts: AttemptView[];
  effects: EffectView[];
  links: { temporalUi: string };
}
export interface AttemptView {
  stepId: string;
  attempt: number;
  connection: string;
  operation: string;
  startedAt: string;
  endedAt: string | null;
  outcome: string | null;
  code: string | null;
  reason: string | null;
  leaseRef: string | null;
  leaseUser: string | null;
  leaseExpiresAt: string | null;
}
export interface EffectView {
  stepId: string;
  idempotencyKey: string;
  connection: string;
  operation: string;
  state: EffectState;
  reason: string | null;
  intendedAt: string;
  settledAt: string | null;
}
export interface DeadLetterView {
  id: string;
  deliveryId: string;
  runId: string;
  flow: string;
  stepId: string | null;
  code: string;
  outcome: string | null;
  reason: string;
  remedy: string;
  state: DeadLetterState;
  version: number;
  createdAt: string;
  settledAt: string | null;
  settledBy: string | null;
  settledReason: string | null;
}
export interface AuditView {
  id: string;
  at: string;
  actor: string;
  action: string;
  resource: string;
  detail: Record<string, JsonValue>;
  requestId: string | null;
}
/** Body of POST /v1/sources/{name}/secrets and /v1/connections/{name}/secrets. */
export interface SecretRequest {
  /** `[a-z0-9-]{1,40}`; names the value, for example `2026-11`. */
  secretId: string;
  /** Never returned by any call. */
  value: string;
}
export interface ReplayRequest {
  /** Flow to run; needed when the delivery's source feeds several. */
  flow?: string;
  /** Version to run; default the released one. */
  version?: number;
  /** Make confirmed effects again. Default false: they are skipped. */
  repeatEffects?: boolean;
  reason: string;
}
export interface UiSession {
  /** One-time login link of the operator listener, valid for 60 s. */
  url: string;
  expiresAt: string;
}
export interface HealthView {
  status: 'ok' | 'unavailable';
  service: string;
  version: string;
  parts: Record<string, { status: 'ok' | 'unavailable'; detail?: string }>;
}
/** Caller of the admin API, as it sees itself: GET /v1/me. */
export interface PrincipalView {
  tenant: string;
  name: string;
  role: Role;
  keyId: string;
  expiresAt: string;
}
