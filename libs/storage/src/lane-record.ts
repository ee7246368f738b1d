import type { LaneClosing, LaneItem, LaneRef, RunResult } from '@ecluse/contracts';
import type { LaneFacts } from '@ecluse/flow-model';

/** A lane as it stands. */
export interface LaneLook extends LaneFacts {
  /** Clock of the database, by which `retryAt` was set. Milliseconds since 1970. */
  now: number;
}
/** Runs that end without having run. */
export interface PassedOver {
  items: readonly LaneItem[];
  /** Shown to operators at each of them; no personal data. */
  note: string;
  /** Whether their sequence numbers count as dealt with. False for stale ones. */
  counts: boolean;
}
export interface LaneEnd {
  item: LaneItem;
  result: RunResult;
  /** Ids of the other runs that the lane holds. */
  waiting: readonly string[];
}

/**
 * What a lane's worker reads and writes. Only one workflow per lane exists at a time, so nobody else opens or closes
 * its runs meanwhile; each call is one transaction, and repeating it changes nothing. Throws STORE_UNAVAILABLE,
 * DISK_FULL.
 */
export interface LaneRecord {
  /** @param pending Not empty, in order of position. */
  look(lane: LaneRef, pending: readonly LaneItem[]): Promise<LaneLook>;
  /** Number of the newest replacement of a delivery's body; undefined: none was made. */
  bodyEditOf(tenant: string, deliveryId: string): Promise<number | undefined>;
  /**
   * Puts runs that have not ended back into their queue, with earlier ones of the lane that the engine lost. The
   * dispatcher hands them over again, in order.
   */
  giveBack(lane: LaneRef, runIds: readonly string[]): Promise<void>;
  /** Ends runs as succeeded and not triggered. */
  passOver(lane: LaneRef, passed: PassedOver): Promise<void>;
  /**
   * Records the end of an opened run, and in the same transaction what the policy of its flow version makes of a
   * failure: `block` queues it again, `park` stops the lane, `skip` and `latest` go on.
   */
  close(lane: LaneRef, end: LaneEnd): Promise<LaneClosing>;
}
