import type { LaneState, LaneSummary, LaneView, Page } from '@ecluse/contracts';
import type { Change, PageRequest } from './admin.js';
import type { SealedBytes } from './inbox.js';

export interface LaneFilter {
  state?: LaneState;
  flow?: string;
  /** Lane keys, any of which may match. */
  laneKeys?: readonly string[];
}
/** A lane of a tenant. */
export interface LaneName {
  flow: string;
  laneKey: string;
}
export interface LaneRemedy {
  reason: string | null;
  /** Row version last read (If-Match); PRECONDITION_FAILED when it differs. Default: not checked. */
  expectedVersion?: number;
}
/** What replaces the body of the delivery that stopped a lane. */
export interface BodyEdit {
  /** The delivery that the body was sealed for. STATE_CONFLICT when it no longer stops the lane. */
  deliveryId: string;
  body: SealedBytes;
  bodyBytes: number;
  /** SHA-256 of the plain body, hex: what the audit shows of it. */
  bodySha256: string;
}

/** Lanes as people see and mend them. Throws STORE_UNAVAILABLE, DISK_FULL. */
export interface LaneAdmin {
  /** By flow and key. */
  list(tenant: string, filter: LaneFilter, page: PageRequest): Promise<Page<LaneSummary>>;
  /** Undefined for an unknown lane. */
  find(tenant: string, lane: LaneName): Promise<LaneView | undefined>;
  /** Paths that flows of the tenant order by, or those of one flow: a business key is hashed with its path. */
  orderPaths(tenant: string, flow?: string): Promise<string[]>;
  /** The delivery that stopped a lane; NOT_FOUND, STATE_CONFLICT for a lane that is open. */
  stoppedBy(tenant: string, lane: LaneName): Promise<string>;
  /**
   * A parked lane goes on with its head: the dead letter is retried on the released version. A blocked one tries again
   * at once. NOT_FOUND; STATE_CONFLICT for a lane that is open.
   */
  resume(tenant: string, lane: LaneName, remedy: LaneRemedy, change: Change): Promise<LaneView>;
  /** The lane goes on without its head, which is discarded. NOT_FOUND; STATE_CONFLICT for an open lane, or while the head runs. */
  skip(
    tenant: string,
    lane: LaneName,
    remedy: LaneRemedy & { reason: string },
    change: Change,
  ): Promise<LaneView>;
  /** Replaces the body of the head's delivery, then resumes. The original is kept. */
  edit(
    tenant: string,
    lane: LaneName,
    edit: BodyEdit & LaneRemedy & { reason: string },
    change: Change,
  ): Promise<LaneView>;
}
