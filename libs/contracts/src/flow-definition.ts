/**
 * The executable form of a `kind: Flow` document, apiVersion `ecluse/v1`: what a flow version stores
 * and what the interpreter runs. Expressions are JSONata. Their input is the delivery's parsed body;
 * the variables `$steps` (outputs by step id) and `$delivery` (`id`, `key`, `source`, `receivedAt`) are bound.
 */
export interface FlowDefinition {
  on: { source: string; when?: string };
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
