import type { QueueLook, RunQuota } from '@ecluse/storage';
import { quotaOf, type QueueLimits } from './queue-quota.js';

/** What one round claims. */
export interface RoundQuotas {
  runs: RunQuota[];
  batches: { queue: string; flowVersion: number; size: number }[];
  lanes: { queue: string; size: number }[];
  /** Starts that all this takes; never more than there was room for. */
  starts: number;
  /** Something waits until a worker or a person does something. */
  capped: boolean;
  /** Milliseconds until something that waits for time alone may go; null when nothing does. */
  dueMs: number | null;
  /** Last queue that was looked at and served; the next look goes on behind it. */
  after: string | null;
}
/** What the process knows of its own claims. */
export type InFlight = (queue: string) => number;

/**
 * Shares the starts that there is room for among the queues: one for each first (a batch and a lane are one start each),
 * then equal parts of what is left. Where there are more queues than room the rest comes first in the next round, so
 * that no queue waits behind another's backlog.
 */
export function shareRoom(
  looks: readonly QueueLook[],
  room: number,
  limits: QueueLimits,
  inFlight: InFlight,
): RoundQuotas {
  const result: RoundQuotas = {
    runs: [],
    batches: [],
    lanes: [],
    starts: 0,
    capped: false,
    dueMs: null,
    after: null,
  };
  const wishes: { quota: RunQuota; wanted: number }[] = [];
  for (const look of looks) {
    const { queue } = look;
    const quota = quotaOf(look, inFlight(queue), limits);
    if (result.starts >= room) break;
    result.after = queue;
    if (quota.heldMs === Infinity) result.capped = true;
    else result.dueMs = soonest(result.dueMs, quota.heldMs);
    const take = (): boolean => result.starts < room && (result.starts += 1) > 0;
    if (quota.batch > 0 && take())
      result.batches.push({ queue, flowVersion: look.headVersion, size: quota.batch });
    if (quota.lane > 0 && take()) result.lanes.push({ queue, size: quota.lane });
    if (quota.runs > 0 && take())
      wishes.push({ quota: { queue, size: 1, aloneOnly: quota.aloneOnly }, wanted: quota.runs });
  }
  result.starts += fill(wishes, room - result.starts);
  result.runs = wishes.map(({ quota }) => quota);
  return result;
}

/** Raises the sizes evenly, the smallest wishes first, so that what they leave goes to the larger ones. */
function fill(wishes: { quota: RunQuota; wanted: number }[], room: number): number {
  let left = room;
  const byWish = [...wishes].sort((a, b) => a.wanted - b.wanted);
  byWish.forEach(({ quota, wanted }, index) => {
    const more = Math.min(wanted - quota.size, Math.floor(left / (byWish.length - index)));
    quota.size += more;
    left -= more;
  });
  return room - left;
}

/** Null is never. */
export function soonest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
