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

/** The dispatcher's view: deliveries become runs, runs are started. Claims are fenced by an expiry. */
export interface DispatchStore {
  /**
   * Plans up to `limit` received deliveries (FOR UPDATE SKIP LOCKED): one queued run per flow released for
   * the source, delivery `running`; or delivery `waiting` where none is released. One transaction.
   * Also takes up waiting deliveries whose source has a released flow by now. Returns the deliveries handled.
   */
  plan(limit: number): Promise<number>;
  /** Claims up to `limit` queued runs for `claimSeconds`; runs whose claim expired are free again. */
  claim(claimant: string, limit: number, claimSeconds: number): Promise<QueuedRun[]>;
  /** Marks runs as started. One that a worker opened or ended meanwhile keeps its state. */
  markStarted(runs: { tenant: string; runId: string; temporalRunId: string | null }[]): Promise<void>;
  /** Gives a claim back; the run may be claimed again after `delaySeconds`. `reason` is shown to operators. */
  release(run: ClaimedRun, delaySeconds: number, reason: string): Promise<void>;
  /** A run that can never be started (ECL-2002): dead letter with reason. */
  refuse(run: ClaimedRun, reason: string): Promise<void>;
  /** Calls back on each NOTIFY of new work, also after a reconnect. Resolves to a stop function. */
  listen(onWork: () => void): Promise<() => Promise<void>>;
  /** Creates the body partitions of the next days. */
  ensurePartitions(): Promise<void>;
}
