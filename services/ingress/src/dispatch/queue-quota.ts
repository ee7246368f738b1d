import type { QueueLook } from '@ecluse/storage';

/** Bounds of one queue. What exceeds them waits in PostgreSQL, where it costs nothing and fills the next batch. */
export interface QueueLimits {
  /** Own runs that Temporal has and no worker has opened, where batches are off. */
  ownRuns: number;
  /** The same where batches are on: more than these are a backlog, and share a batch. */
  adaptiveOwnRuns: number;
  /** Batches that are not closed. */
  batches: number;
  /** Batches that no worker has opened. */
  unopenedBatches: number;
  /** Runs that a lane has been handed and has not opened. */
  laneRuns: number;
  /** Runs let through to a connection whose circuit may close again. */
  probeRuns: number;
}
export const QUEUE_LIMITS: QueueLimits = {
  ownRuns: 64,
  adaptiveOwnRuns: 8,
  batches: 4,
  unopenedBatches: 2,
  laneRuns: 50,
  probeRuns: 2,
};

/** What one queue may be given now. At most one batch at a time. */
export interface QueueQuota {
  runs: number;
  /** `runs` counts only those that must go alone. */
  aloneOnly: boolean;
  /** Runs of one batch; 0 or at least 2. */
  batch: number;
  /** Runs for the lane. */
  lane: number;
  /** Something waits that may not go yet; milliseconds until time alone changes that, Infinity when only others can. */
  heldMs: number | null;
}
const NOTHING: QueueQuota = { runs: 0, aloneOnly: false, batch: 0, lane: 0, heldMs: null };

/**
 * Own runs while everything that waits fits into the free slots; a batch of one flow version as soon as it does not, or
 * when the flow waits for company and has it. Where nothing waits, a delivery therefore never waits for a batch.
 * @param inFlight Own runs of the queue that this process has claimed and not yet marked as started.
 */
export function quotaOf(look: QueueLook, inFlight: number, limits: QueueLimits): QueueQuota {
  if (look.waiting === 0) return { ...NOTHING, heldMs: look.dueMs };
  if (look.connection === 'held') return held({});
  if (look.laneKey !== null) return laneQuota(look, limits);
  const under = look.unopened + inFlight;
  if (look.connection === 'probe') {
    return own(look, look.openBatches > 0 ? 0 : Math.max(0, limits.probeRuns - under));
  }
  if (look.batchMax <= 1) return own(look, Math.max(0, limits.ownRuns - under));
  const slots = Math.max(0, limits.adaptiveOwnRuns - under);
  return look.batchWithinMs > 0 ? patientQuota(look, slots, limits) : adaptiveQuota(look, slots, limits);
}

function laneQuota(look: QueueLook, limits: QueueLimits): QueueQuota {
  const most = look.connection === 'probe' ? 1 : limits.laneRuns;
  const lane = Math.min(look.waiting, Math.max(0, most - look.unopened));
  return held({ lane }, lane < look.waiting);
}

function adaptiveQuota(look: QueueLook, slots: number, limits: QueueLimits): QueueQuota {
  // One of its kind is no company: it goes as soon as a slot is free.
  if (look.waiting <= slots || look.batchable < 2) return own(look, slots);
  return batched(look, slots, limits);
}

/** The flow's remote is better off with many at once, so the runs wait until the batch is full or the head is old. */
function patientQuota(look: QueueLook, slots: number, limits: QueueLimits): QueueQuota {
  const due = look.oldestMs >= look.batchWithinMs;
  if (look.batchable >= look.batchMax || (due && look.batchable >= 2)) return batched(look, slots, limits);
  if (due) return own(look, slots);
  const quota = alone(look, slots);
  return { ...quota, heldMs: Math.max(1, look.batchWithinMs - look.oldestMs) };
}

function batched(look: QueueLook, slots: number, limits: QueueLimits): QueueQuota {
  const free = look.openBatches < limits.batches && look.unopenedBatches < limits.unopenedBatches;
  const batch = free ? Math.min(look.batchable, look.batchMax) : 0;
  const quota = alone(look, slots);
  return held({ ...quota, batch }, quota.runs + batch < look.waiting);
}

function own(look: QueueLook, slots: number): QueueQuota {
  const runs = Math.min(look.waiting, slots);
  return held({ runs }, runs < look.waiting);
}
function alone(look: QueueLook, slots: number): QueueQuota {
  return { ...NOTHING, runs: Math.min(look.alone, slots), aloneOnly: true };
}
function held(quota: Partial<QueueQuota>, isHeld = true): QueueQuota {
  return { ...NOTHING, ...quota, heldMs: isHeld ? Infinity : null };
}
