import type {
  DeadLetterState,
  DeadLetterView,
  DeliveryState,
  DeliveryView,
  Page,
  ReplayRequest,
  RunState,
  RunSummary,
  RunView,
} from '@ecluse/contracts';
import type { Change, PageRequest } from './admin.js';

export interface DeliveryFilter {
  state?: DeliveryState;
  source?: string;
}
/** Newest first. Throws STORE_UNAVAILABLE. */
export interface DeliveryQueries {
  list(tenant: string, filter: DeliveryFilter, page: PageRequest): Promise<Page<DeliveryView>>;
  /** Undefined for an unknown id, also when it is no UUID. */
  find(tenant: string, id: string): Promise<DeliveryView | undefined>;
}

export interface RunFilter {
  flow?: string;
  state?: RunState;
  deliveryId?: string;
}
/** A run as stored: the view without links, which the admin API knows. */
export type RunRecord = Omit<RunView, 'links'> & {
  /** Id of the workflow that executes the run: its own, or that of its batch. */
  executedBy: string;
};

/** Newest first. Throws STORE_UNAVAILABLE. */
export interface RunQueries {
  list(tenant: string, filter: RunFilter, page: PageRequest): Promise<Page<RunSummary>>;
  /** With attempts in the order they began, and effects. Undefined for an unknown id. */
  find(tenant: string, id: string): Promise<RunRecord | undefined>;
}

export interface DeadLetterFilter {
  state?: DeadLetterState;
}
export interface DeadLetterDecision {
  reason: string | null;
  /** Row version last read (If-Match); PRECONDITION_FAILED when it differs. Default: not checked. */
  expectedVersion?: number;
}
/** Newest first. Throws STORE_UNAVAILABLE, DISK_FULL. */
export interface DeadLetterStore {
  list(tenant: string, filter: DeadLetterFilter, page: PageRequest): Promise<Page<DeadLetterView>>;
  find(tenant: string, id: string): Promise<DeadLetterView | undefined>;
  /**
   * Queues a new run of the same delivery and flow on the version released now (or the failed one's, where none
   * is); confirmed effects are skipped. NOT_FOUND; STATE_CONFLICT unless the dead letter is open.
   */
  retry(tenant: string, id: string, decision: DeadLetterDecision, change: Change): Promise<RunSummary>;
  /** Ends it without a run; the delivery becomes `discarded` when nothing else of it is open or running. */
  discard(
    tenant: string,
    id: string,
    decision: DeadLetterDecision & { reason: string },
    change: Change,
  ): Promise<DeadLetterView>;
}

export interface ReplayStore {
  /**
   * Queues a new run of a stored delivery, linked to the last run of that flow; an open dead letter of the flow
   * becomes `retried`. NOT_FOUND for an unknown delivery, REQUEST_INVALID for a flow that must be named or does
   * not exist, STATE_CONFLICT while the delivery waits for its first run or a run of the flow is not ended.
   */
  replay(tenant: string, deliveryId: string, request: ReplayRequest, change: Change): Promise<RunSummary>;
}
