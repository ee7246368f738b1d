/** `runs.note` of a run that left its batch: it goes alone from then on. */
export const LEFT_BATCH = 'left batch';

/** A run that waits to be started in Temporal. */
export interface QueuedRun {
  runId: string;
  tenant: string;
  deliveryId: string;
  flow: string;
  flowVersion: number;
  flowSha256: string;
  /** Temporal workflow id, derived from the delivery: a second start is a no-op. */
  workflowId: string;
  origin: string;
  effectNonce: string | null;
  replayOf: string | null;
  /** Claims so far, this one included. It fences: a later claim makes `release` and `refuse` of this one void. */
  startAttempts: number;
}

/** What identifies one claim of a run. */
export type ClaimedRun = Pick<QueuedRun, 'tenant' | 'runId' | 'startAttempts'>;

/** What waits in one queue, and how much of it is under way. Counts are cut off where more makes no difference. */
export interface QueueLook {
  queue: string;
  /** Null where the flow is not ordered. */
  laneKey: string | null;
  /** Runs that may be claimed now. */
  waiting: number;
  /** Those of them that must go alone: replays, and what left a batch or was opened before. */
  alone: number;
  /** Those of them that may share a batch: of the flow version at the head of the queue. */
  batchable: number;
  headVersion: number;
  /** Of the flow version at the head: most runs of a batch; 1 when batches are off. */
  batchMax: number;
  /** Milliseconds that a batch may wait for company. */
  batchWithinMs: number;
  /** Milliseconds that the head has waited. */
  oldestMs: number;
  /** Where nothing may be claimed now: milliseconds until time alone changes that; null when it does not. */
  dueMs: number | null;
  /** Runs that Temporal has and no worker has opened; those of batches not counted. */
  unopened: number;
  openBatches: number;
  unopenedBatches: number;
  /** `held`: a connection that the flow calls is paused, or its circuit is open; `probe`: the circuit may close again. */
  connection: 'free' | 'held' | 'probe';
}
/** How many runs of a queue to claim, in order of arrival. */
export interface RunQuota {
  queue: string;
  size: number;
  /** Only runs that must go alone; the others wait for a batch. */
  aloneOnly: boolean;
}
/** A batch to form of runs at the head of a queue. */
export interface BatchQuota {
  batchId: string;
  queue: string;
  flowVersion: number;
  size: number;
}
/** A batch whose members are in the store and whose workflow is to be started. */
export interface FormedBatch {
  batchId: string;
  tenant: string;
  flow: string;
  flowVersion: number;
  flowSha256: string;
  workflowId: string;
  size: number;
}

/** What the engine said of a start. `temporalRunId` is null when the run had ended before. */
export interface StartedRun {
  tenant: string;
  runId: string;
  temporalRunId: string | null;
}

/** The dispatcher's view: deliveries become runs, runs are started. Claims are fenced by an expiry. */
export interface DispatchStore {
  /**
   * Plans up to about `limit` received deliveries, the same share of each source: one queued run per flow released for
   * the source, delivery `running`; or delivery `waiting` where none is released. Sources that another dispatcher plans
   * are passed over, so that runs become visible in order of arrival. One statement. Returns the deliveries handled.
   */
  plan(limit: number): Promise<number>;
  /** Waiting deliveries whose source has a released flow by now become `received` again. Returns how many. */
  awaken(): Promise<number>;
  /** Queues with waiting runs behind `after` in the order of their names, at most `count`. Start with ''. */
  queues(after: string, count: number): Promise<QueueLook[]>;
  /** Claims runs for `claimSeconds`; runs whose claim expired are free again. */
  claim(claimant: string, quotas: readonly RunQuota[], claimSeconds: number): Promise<QueuedRun[]>;
  /** Marks runs as started. One that a worker opened or ended meanwhile keeps its state. Calls at once share a write. */
  markStarted(run: StartedRun): Promise<void>;
  /** Gives a claim back; the run may be claimed again after `delaySeconds`. `reason` is shown to operators. */
  release(run: ClaimedRun, delaySeconds: number, reason: string): Promise<void>;
  /** A run that can never be started (ECL-2002): dead letter with reason. */
  refuse(run: ClaimedRun, reason: string): Promise<void>;
  /** Calls back on each NOTIFY of new work, also after a reconnect. Resolves to a stop function. */
  listen(onWork: () => void): Promise<() => Promise<void>>;
  /** Creates the body partitions of the next days. */
  ensurePartitions(): Promise<void>;
}

/** Batches before a worker has them. A batch is formed once, and started until it is known to be. */
export interface BatchDispatch {
  /**
   * Forms batches in one statement: members become `started` and name their batch. A batch holds at least one run and at
   * most `maxBytes` of bodies beyond it. Quotas that find no free run form none.
   */
  form(quotas: readonly BatchQuota[], maxBytes: number): Promise<FormedBatch[]>;
  /** Takes over batches that were formed or postponed longer than `seconds` ago and are not started. */
  takeOver(seconds: number, limit: number): Promise<FormedBatch[]>;
  /** Marks a batch as started, unless a worker has opened it already. Calls at once share a write. */
  markBatchStarted(batch: { batchId: string; temporalRunId: string | null }): Promise<void>;
  /** Lets a batch be taken over once `takeOver` is asked for those older than `seconds`, less `delaySeconds`. */
  postpone(batchId: string, delaySeconds: number, seconds: number): Promise<void>;
  /** Closes a batch that is not to go on; its members wait again. `alone`: each of them gets a run of its own. */
  dissolve(batchIds: readonly string[], how: { alone: boolean }): Promise<number>;
}

/** Runs of a lane to hand over, in order of arrival. */
export interface LaneHandover {
  queue: string;
  tenant: string;
  flow: string;
  laneKey: string;
  runs: (QueuedRun & { position: string; sequence: number | null })[];
  /** Whether the lane was handed runs before that have not ended: then its workflow must be there. */
  outstanding: boolean;
}
/** Lanes keep their order because one dispatcher at a time holds the lease of a lane. */
export interface LaneDispatch {
  /**
   * Leases the lanes that are open, or blocked and due (which opens them), and are nobody else's; answers their waiting
   * runs. A lane without any is left alone.
   */
  leaseLanes(
    claimant: string,
    quotas: readonly Pick<RunQuota, 'queue' | 'size'>[],
    seconds: number,
  ): Promise<LaneHandover[]>;
  /**
   * Marks the runs as started and ends the lease. Does nothing to the runs when the lane was parked or blocked
   * meanwhile: the worker has given back what it did not run.
   */
  handedOver(claimant: string, lane: LaneHandover, temporalRunId: string | null): Promise<void>;
  /** Ends the lease; nobody leases the lane again for `delaySeconds`. `reason` is shown at the lane's head run. */
  releaseLane(claimant: string, lane: LaneHandover, delaySeconds: number, reason: string): Promise<void>;
  /**
   * The lane's workflow is gone: whatever it was handed waits again, all of it at once, so that the order holds. Ends the
   * lease. Does nothing while another dispatcher holds the lane.
   */
  recallLane(claimant: string, queue: string, reason: string): Promise<number>;
}
