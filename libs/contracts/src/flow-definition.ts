/**
 * The executable form of a `kind: Flow` document, apiVersion `ecluse/v1`: what a flow version stores
 * and what the interpreter runs. Expressions are JSONata. Their input is the delivery's parsed body;
 * the variables `$steps` (outputs by step id) and `$delivery` (`id`, `key`, `source`, `receivedAt`) are bound.
 */
export interface FlowDefinition {
  on: { source: string; when?: string };
  /** Strict order per key. A flow with `order` never runs in batches. */
  order?: FlowOrder;
  /** How deliveries share a run. Default: adaptive, at most 100. */
  batch?: FlowBatching;
  steps: FlowStep[];
  onFailure: { deadLetter: true };
}
export type FlowStep = CallStep | MapStep | ChooseStep;

/** One call of a connection's operation: exactly one remote call and at most one effect. */
export interface CallStep {
  id: string;
  call: { connection: string; operation: string; with: string; output?: string };
  retry?: RetryPolicy;
}
/** A pure transformation; its result is available as `$steps.<id>`. */
export interface MapStep {
  id: string;
  map: string;
}
/** The first branch whose `when` is true runs; `otherwise` runs if none is. */
export interface ChooseStep {
  id: string;
  choose: { when: string; steps: FlowStep[] }[];
  otherwise?: FlowStep[];
}
/** Retries of one step. Durations are `<number><ms|s|m|h|d>`. */
export interface RetryPolicy {
  /** Most attempts of the remote call. Default 10; waiting for Vault does not count. */
  attempts?: number;
  /** Pause before the second attempt. Default `1s`. */
  first?: string;
  /** Factor from one pause to the next. Default 2. */
  factor?: number;
  /** Longest pause. Default `100s`. */
  max?: string;
  /** Longest time over all attempts. Default `24h`. */
  within?: string;
}

/**
 * Deliveries with the same value at `by` run one after the other, in the order in which the door accepted them.
 * `by` and `sequence` are paths into the body, for example `deal.id`: the door reads them before the body is sealed.
 */
export interface FlowOrder {
  by: string;
  /**
   * What happens to the key when its head fails for good. `block`: the head is tried again until it succeeds;
   * `park`: dead letter, the key waits for a person; `skip`: dead letter, the next one runs; `latest`: only the
   * newest waiting delivery counts, older ones are passed over. Default `park`.
   */
  onFailure?: 'block' | 'park' | 'skip' | 'latest';
  /** A whole number that grows with each message of a key: older ones are passed over, gaps are shown. */
  sequence?: string;
}

/** Without `within`, nothing waits for a batch to fill. */
export interface FlowBatching {
  /** Most deliveries of one batch run, 1 to 500. Default 100; 1 gives every delivery its own run. */
  max?: number;
  /** Wait this long for company, at most `1m`: for remotes with a bulk operation. Default: do not wait. */
  within?: string;
}
