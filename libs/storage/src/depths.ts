/** How much waits in PostgreSQL, over all tenants. Ages in seconds; 0 where nothing waits. */
export interface Depths {
  inboxReceived: number;
  inboxWaiting: number;
  inboxOldestSeconds: number;
  runsQueued: number;
  runsStarted: number;
  runsRunning: number;
  oldestQueuedSeconds: number;
  lanesBlocked: number;
  lanesParked: number;
  laneRuns: number;
  deepestLaneRuns: number;
  batchesFormed: number;
  batchesStarted: number;
  batchesRunning: number;
  openDeadLetters: number;
  connectionsOpen: number;
  connectionsPaused: number;
}

/** For metrics. Throws STORE_UNAVAILABLE. */
export interface DepthReader {
  read(): Promise<Depths>;
}
