import type { JsonValue } from './json.js';
import type { FlowStep, RetryPolicy, CallStep } from './flow-definition.js';
import type { OutcomeClass } from './outcome-class.js';

/**
 * What identifies one run everywhere. Holds no payload: activities read the stored delivery.
 * `runId` is Ecluse's own id of the run (UUID), not Temporal's run id, which a reset changes.
 */
export interface RunRef {
  tenant: string;
  runId: string;
  deliveryId: string;
  flow: string;
  flowVersion: number;
  /** SHA-256, hex, of the canonical flow definition; activities refuse a version that does not match. */
  flowSha256: string;
  /** Workflow id of the delivery's first run of this flow: idempotency keys derive from it, so a replay keeps them. */
  origin: string;
  /** Set when an operator asked for effects to be made again; part of the idempotency keys. */
  effectNonce?: string;
  /** Number of the replacement of the body that the run reads; absent: the body as it was accepted. */
  bodyEdit?: number;
}

/** Answer of `openRun`. */
export type OpenedRun =
  | { triggered: false }
  /** The run's end is recorded: before, or, with its result, because all its steps were short and have succeeded. */
  | { ended: true; result?: Extract<RunResult, { state: 'succeeded' }> }
  | {
      triggered: true;
      steps: FlowStep[];
      /** Ids of the call steps whose first attempt may be a local activity: short, and safe to repeat. */
      local?: string[];
      /** Remote calls recorded before, by step id: a run that left a batch goes on counting. */
      attemptsMade?: Record<string, number>;
      /** What was done of the first steps while the run was opened. */
      progress?: RunProgress;
    };

/** The first steps of a run that were short enough to be done in the activity that opened it. */
export interface RunProgress {
  /** Of the steps that are done. */
  outputs: StepOutputs;
  /** The first try of the next step, where it failed. */
  failed?: { stepId: string; code: string; retryable: boolean; details: StepFailureDetails };
}

/** What identifies one batch: many runs of one flow version that share a workflow. Its members are in the store. */
export interface BatchRef {
  tenant: string;
  /** UUID. */
  batchId: string;
  flow: string;
  flowVersion: number;
  flowSha256: string;
}
/** One run on its way through a lane. */
export interface LaneItem {
  run: RunRef;
  /** Arrival order of the delivery, as text: it may exceed 2^53. */
  position: string;
  /** Value of the flow's sequence field, if it has one and the delivery carried it. */
  sequence?: number;
}
/** What identifies one lane. `laneKey` is a hash: the business key may be personal. */
export interface LaneRef {
  tenant: string;
  flow: string;
  laneKey: string;
}

/** Outputs of earlier steps, by step id. */
export type StepOutputs = Record<string, JsonValue>;

/** `evaluate`: a `map` step, or the conditions of a `choose` step in order. */
export interface EvaluateInput {
  run: RunRef;
  stepId: string;
  expression: string;
  steps: StepOutputs;
}

export interface CallInput {
  run: RunRef;
  stepId: string;
  call: CallStep['call'];
  /** The step's own policy, shown to the ledger; Temporal drives the retries. */
  retry?: RetryPolicy;
  steps: StepOutputs;
  /** Remote calls made before the step last waited for a part of the platform; attempts are numbered from there. */
  attemptsUsed: number;
}

/**
 * `details[0]` of every failure that an activity throws. Encrypted in Temporal's history like all payloads; the
 * failure's `type`, which is not, is the code of the error table.
 */
export interface StepFailureDetails {
  outcome: OutcomeClass | null;
  /** For operators: no secret, no personal data. */
  reason: string;
  /** Set when Vault or PostgreSQL is away: the step waits for it and goes on, whatever its retry policy says. */
  platformAway?: true;
  /** Remote calls made so far in this step. */
  attemptsUsed: number;
  /** Pause before the next attempt, as the remote asked for it. Milliseconds. */
  retryAfterMs?: number;
}

export interface PlatformInput {
  run: RunRef;
  connection: string;
}

/** Why a run ended in a dead letter. `reason` is written for an operator and holds no personal data. */
export interface RunFailure {
  stepId: string | null;
  /** Code of the error table, for example `ECL-4003`. */
  code: string;
  outcome: OutcomeClass | null;
  reason: string;
}
export type RunResult =
  { state: 'succeeded'; triggered: boolean } | { state: 'dead_letter'; failure: RunFailure };

/** Local activities: pure or one PostgreSQL transaction, idempotent, well under a second. */
export interface RunRecordActivities {
  /**
   * Marks the run as running, loads and hash-checks its flow version, evaluates the trigger's `when`. Goes on with
   * steps that are short and safe to repeat, each tried once, and records the end when nothing else is left: a killed
   * worker repeats all local activities of its workflow task, so that several of them would keep no more than one.
   */
  openRun(run: RunRef): Promise<OpenedRun>;
  /** Evaluates one mapping over the stored delivery. */
  evaluate(input: EvaluateInput): Promise<JsonValue>;
  /** Records the run's end, once: outcome, dead letter, the delivery's state. */
  closeRun(run: RunRef, result: RunResult): Promise<void>;
}
/** Normal activities: one remote call each. */
export interface ConnectorCallActivities {
  /** Maps the input, takes a lease, calls the connector, settles the effect ledger, maps the output. */
  callConnection(input: CallInput): Promise<JsonValue>;
  /**
   * Returns when the connection's credential and the ledger can be had. Retried by Temporal without end, so that
   * an outage of the platform costs one event in the history, not one per try, and no attempt of the step.
   */
  awaitPlatform(input: PlatformInput): Promise<void>;
}
export type FlowRunActivities = RunRecordActivities & ConnectorCallActivities;
