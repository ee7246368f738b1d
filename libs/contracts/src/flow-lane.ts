import type { LaneItem, LaneRef, OpenedRun, RunFailure, RunResult } from './flow-run.js';
import type { LaneState, RunState } from './states.js';

/** Answer of `openLaneRun`: what the lane does with what it was handed. */
export type LaneOpening =
  /** Nothing may run now: all of it went back to its queue, from which the dispatcher hands it over again. */
  | { kind: 'held' }
  /** These have ended without running: recorded before, passed over, or not triggered. */
  | { kind: 'passed'; runIds: string[] }
  | {
      kind: 'open';
      runId: string;
      /** The replacement of the body that the run reads, if a person made one. */
      bodyEdit?: number;
      opened: Extract<OpenedRun, { triggered: true }>;
    }
  /** The run cannot be opened, for example because its trigger fails: its end is still to be recorded. */
  | { kind: 'refused'; runId: string; failure: RunFailure };
export interface OpenLaneInput {
  lane: LaneRef;
  /** What the lane holds, in order of position; never empty. */
  pending: LaneItem[];
}
export interface CloseLaneInput {
  lane: LaneRef;
  item: LaneItem;
  result: RunResult;
  /** Ids of what else the lane holds: it goes back to its queue when the lane stops here. */
  waiting: string[];
}
/** Whether the lane goes on, or has stopped because its head failed. */
export interface LaneClosing {
  goesOn: boolean;
}

/** Local activities of a lane: idempotent, each decision one PostgreSQL transaction. */
export interface LaneRecordActivities {
  /** Decides what runs next and opens it. */
  openLaneRun(input: OpenLaneInput): Promise<LaneOpening>;
  /** Records the run's end and what follows from it for the lane, by the flow's policy. */
  closeLaneRun(input: CloseLaneInput): Promise<LaneClosing>;
  /** Gives runs that the lane holds back to their queue. */
  returnLaneRuns(lane: LaneRef, runIds: string[]): Promise<void>;
}

/** A lane in lists. Times are RFC 3339, UTC. */
export interface LaneSummary {
  flow: string;
  laneKey: string;
  state: LaneState;
  /** Why it is blocked or parked; null while it is open. */
  reason: string | null;
  /** Runs that wait or run. */
  depth: number;
  /** The run that the lane works on, or that stopped it. */
  headRunId: string | null;
  /** Failures of the head in a row. */
  failures: number;
  /** When a blocked lane tries again. */
  retryAt: string | null;
  lastSequence: number | null;
  /** Missing values of the sequence field, both ends included, oldest first; the newest 100 of them. */
  gaps: [from: number, to: number][];
  version: number;
  updatedAt: string;
}
/** One run of a lane that has not ended. */
export interface LaneRunView {
  runId: string;
  deliveryId: string;
  state: RunState;
  sequence: number | null;
  queuedAt: string;
}
export interface LaneView extends LaneSummary {
  /** Dead letter that stopped a parked lane. */
  deadLetterId: string | null;
  /** The next runs in order, at most 20. */
  next: LaneRunView[];
}
