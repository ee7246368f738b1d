import type { JsonObject, JsonValue, OutcomeClass } from '@ecluse/contracts';

/** How a repeated call is kept from making a second effect. */
export type Idempotency =
  { kind: 'natural' } | { kind: 'external_id'; field: string } | { kind: 'none'; onAmbiguous: 'park' };

export type EffectKind = 'read' | 'create' | 'update' | 'upsert' | 'delete' | 'transition';

/** What a connection says about one of its operations. */
export interface OperationInfo {
  name: string;
  effect: EffectKind;
  /** Missing for reads. A write without one is refused at publishing. */
  idempotency?: Idempotency;
  timeout: { attemptMs: number };
  /**
   * True: the remote answers within milliseconds as a rule, and `timeout` is at most 5 s. When the operation may also
   * be repeated, its first try needs no activity task of its own. Default false.
   */
  short?: boolean;
  /** Calls of the connection that a worker can make at once; more would wait inside the connector. Default: no limit. */
  maxConcurrent?: number;
  /** Present when `callBulk` takes this operation; such an operation may always be repeated. */
  bulk?: { maxItems: number };
}

/** Result of one call. `redacted` and `reason` may reach logs and operators: never data of the payload. */
export interface Verdict {
  outcome: OutcomeClass;
  /** For an operator: what the remote said, in words, without values that could be personal. */
  reason: string | null;
  vendorCode: string | null;
  retryAfterMs?: number;
}
export type CallResult =
  { verdict: Verdict & { outcome: 'ok' | 'already_done' }; output: JsonValue } | { verdict: Verdict };

/** Short-lived secret as the connector sees it. */
export interface ConnectorCredential {
  username: string;
  password: string;
}
export interface CallContext {
  tenant: string;
  connection: string;
  credential: ConnectorCredential;
  /** Stable over attempts and replays: workflow id and step. */
  callKey: string;
  signal: AbortSignal;
}
/** One call among those of a bulk call. */
export interface BulkItem {
  input: JsonObject;
  /** As `CallContext.callKey`: each item has its own. */
  callKey: string;
}
/**
 * Result of a bulk call: one result per item, in order, each as the single call would have given it; or one verdict on
 * the whole call. After a verdict nothing was written, unless it is `ambiguous`; the items are then called one by one.
 */
export type BulkResult = { results: CallResult[] } | { verdict: Verdict };

export interface SpecIssue {
  /** RFC 6901 pointer into the connection's `spec`. */
  pointer: string;
  message: string;
  expected: string;
  remedy: string;
}

/** What is known of a connector without calling the remote: all that publishing a document needs. */
export interface ConnectorDefinition {
  readonly id: string;
  readonly version: string;
  /** JSON Schema (2020-12) of the connection's `spec` beyond `connector` and `credentials`. */
  readonly specSchema: JsonObject;
  /** Checks what a schema cannot say, for example SQL parameters. Empty when all is well. Expects what the schema admits. */
  readonly check: (spec: JsonObject) => SpecIssue[];
  readonly operations: (spec: JsonObject) => OperationInfo[];
}

/**
 * A connector: code for one external product. Never retries; keeps no credential after `call` returns, except
 * inside sessions that it pools for that credential's user.
 */
export interface Connector extends ConnectorDefinition {
  call(spec: JsonObject, operation: string, input: JsonObject, context: CallContext): Promise<CallResult>;
  /**
   * Many calls of one operation in one go, for operations whose `OperationInfo` has `bulk`; at most `maxItems` items.
   * Their effects are those of single calls in the same order.
   */
  callBulk?(
    spec: JsonObject,
    operation: string,
    items: readonly BulkItem[],
    context: Omit<CallContext, 'callKey'>,
  ): Promise<BulkResult>;
  /** Read-only look whether the connection works. */
  probe(spec: JsonObject, context: Omit<CallContext, 'callKey'>): Promise<Verdict>;
  /** Ends what is pooled for this user or, without one, everything. */
  close(username?: string): Promise<void>;
}
