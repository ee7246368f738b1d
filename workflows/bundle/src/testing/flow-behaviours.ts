import { ApplicationFailure } from '@temporalio/common';
import type { FlowStep, JsonValue, RunProgress, RunResult, StepFailureDetails } from '@ecluse/contracts';

/** One behaviour of the interpreter: a flow, and activities that answer as scripted. Each has a recorded history. */
export interface FlowBehaviour {
  name: string;
  steps: FlowStep[];
  /** False: the trigger's condition does not hold. Default true. */
  triggered?: boolean;
  /** Call steps whose first try is a local activity. */
  local?: string[];
  /** Attempts recorded before, by step id. */
  attemptsMade?: Record<string, number>;
  /** What was done of the first steps while the run was opened. */
  progress?: RunProgress;
  /** All steps were done, and the end recorded, while the run was opened. */
  doneAtOnce?: boolean;
  /** Answers of `callConnection` by step id, in order; the last one repeats. An Error is thrown. */
  calls?: Record<string, (JsonValue | Error)[]>;
  /** Answers of `evaluate` by expression. */
  evaluations?: Record<string, JsonValue | Error>;
  expected: RunResult;
}

/** A failure as the activities throw it. */
export function failure(
  code: string,
  details: Partial<StepFailureDetails> & { reason: string },
  nonRetryable: boolean,
): ApplicationFailure {
  return ApplicationFailure.create({
    message: details.reason,
    type: code,
    nonRetryable,
    details: [{ outcome: null, attemptsUsed: 1, ...details }],
  });
}

const quick = { attempts: 3, first: '100ms' };
const call = (operation: string) => ({ connection: 'erp', operation, with: '{}' });
const missing = 'The order names a product that the ERP does not have.';

export const BEHAVIOURS: FlowBehaviour[] = [
  {
    name: 'two-calls-succeed',
    steps: [
      { id: 'customer', call: call('party.upsert') },
      { id: 'order', call: call('salesOrder.upsert') },
    ],
    calls: { customer: [{ id: '7' }], order: [{ number: 'SO-1' }] },
    expected: { state: 'succeeded', triggered: true },
  },
  {
    name: 'trigger-not-met',
    steps: [{ id: 'customer', call: call('party.upsert') }],
    triggered: false,
    expected: { state: 'succeeded', triggered: false },
  },
  {
    name: 'map-then-second-branch',
    steps: [
      { id: 'total', map: '$sum(items.price)' },
      {
        id: 'size',
        choose: [
          { when: 'large', steps: [{ id: 'review', call: call('review.create') }] },
          { when: 'medium', steps: [{ id: 'order', call: call('salesOrder.upsert') }] },
          { when: 'never asked', steps: [] },
        ],
        otherwise: [{ id: 'ignore', map: 'null' }],
      },
    ],
    evaluations: { '$sum(items.price)': 12, large: false, medium: true },
    calls: { order: [{ number: 'SO-2' }] },
    expected: { state: 'succeeded', triggered: true },
  },
  {
    name: 'step-retried-then-succeeds',
    steps: [{ id: 'order', call: call('salesOrder.upsert'), retry: quick }],
    calls: {
      order: [
        failure('ECL-4004', { outcome: 'transient', reason: 'The database cannot be reached.' }, false),
        { number: 'SO-3' },
      ],
    },
    expected: { state: 'succeeded', triggered: true },
  },
  {
    name: 'waits-for-platform-then-succeeds',
    steps: [{ id: 'order', call: call('salesOrder.upsert'), retry: { ...quick, attempts: 1 } }],
    calls: {
      order: [
        failure('ECL-3001', { reason: 'Vault unavailable.', platformAway: true, attemptsUsed: 0 }, true),
        failure('ECL-3001', { reason: 'Vault unavailable.', platformAway: true, attemptsUsed: 0 }, true),
        { number: 'SO-4' },
      ],
    },
    expected: { state: 'succeeded', triggered: true },
  },
  {
    name: 'refused-data-is-a-dead-letter',
    steps: [
      { id: 'customer', call: call('party.upsert') },
      { id: 'order', call: call('salesOrder.upsert') },
    ],
    calls: {
      customer: [{ id: '7' }],
      order: [failure('ECL-4008', { outcome: 'missing_dependency', reason: missing }, true)],
    },
    expected: {
      state: 'dead_letter',
      failure: { stepId: 'order', code: 'ECL-4008', outcome: 'missing_dependency', reason: missing },
    },
  },
  {
    name: 'retries-exhausted-is-a-dead-letter',
    steps: [{ id: 'order', call: call('salesOrder.upsert'), retry: { ...quick, attempts: 2 } }],
    calls: {
      order: [
        failure(
          'ECL-4004',
          { outcome: 'transient', reason: 'The database is away.', attemptsUsed: 2 },
          false,
        ),
      ],
    },
    expected: {
      state: 'dead_letter',
      failure: {
        stepId: 'order',
        code: 'ECL-4009',
        outcome: 'transient',
        reason: 'Given up after 2 attempts. The last: The database is away.',
      },
    },
  },
  {
    name: 'mapping-fault-is-a-dead-letter',
    steps: [{ id: 'total', map: '$sum(items)' }],
    evaluations: { '$sum(items)': failure('ECL-4001', { reason: 'Mapping failed.', attemptsUsed: 0 }, true) },
    expected: {
      state: 'dead_letter',
      failure: { stepId: 'total', code: 'ECL-4001', outcome: null, reason: 'Mapping failed.' },
    },
  },
  {
    name: 'condition-without-truth-is-a-dead-letter',
    steps: [{ id: 'size', choose: [{ when: 'total', steps: [] }] }],
    evaluations: { total: 12 },
    expected: {
      state: 'dead_letter',
      failure: {
        stepId: 'size',
        code: 'ECL-4001',
        outcome: null,
        reason: 'The condition gave a number; expected true or false, see $boolean().',
      },
    },
  },
  {
    name: 'local-calls-succeed',
    steps: [
      { id: 'customer', call: call('party.upsert') },
      { id: 'order', call: call('salesOrder.upsert') },
    ],
    local: ['customer', 'order'],
    calls: { customer: [{ id: '7' }], order: [{ number: 'SO-5' }] },
    expected: { state: 'succeeded', triggered: true },
  },
  {
    name: 'local-call-goes-on-as-activity',
    steps: [{ id: 'order', call: call('salesOrder.upsert'), retry: quick }],
    local: ['order'],
    calls: {
      order: [
        failure(
          'ECL-4011',
          { outcome: 'throttled', reason: 'The database lacks resources.', retryAfterMs: 200 },
          false,
        ),
        failure(
          'ECL-4004',
          { outcome: 'transient', reason: 'The database is away.', attemptsUsed: 2 },
          false,
        ),
        { number: 'SO-6' },
      ],
    },
    expected: { state: 'succeeded', triggered: true },
  },
  {
    name: 'local-call-waits-for-platform',
    steps: [{ id: 'order', call: call('salesOrder.upsert'), retry: { ...quick, attempts: 1 } }],
    local: ['order'],
    calls: {
      order: [
        failure('ECL-3001', { reason: 'Vault unavailable.', platformAway: true, attemptsUsed: 0 }, true),
        failure('ECL-3001', { reason: 'Vault unavailable.', platformAway: true, attemptsUsed: 0 }, true),
        { number: 'SO-7' },
      ],
    },
    expected: { state: 'succeeded', triggered: true },
  },
  {
    name: 'local-call-refused-is-a-dead-letter',
    steps: [{ id: 'order', call: call('salesOrder.upsert') }],
    local: ['order'],
    calls: { order: [failure('ECL-4008', { outcome: 'missing_dependency', reason: missing }, true)] },
    expected: {
      state: 'dead_letter',
      failure: { stepId: 'order', code: 'ECL-4008', outcome: 'missing_dependency', reason: missing },
    },
  },
  {
    name: 'done-while-opened',
    steps: [{ id: 'order', call: call('salesOrder.upsert') }],
    doneAtOnce: true,
    expected: { state: 'succeeded', triggered: true },
  },
  {
    name: 'first-step-done-second-goes-on-as-activity',
    steps: [
      { id: 'customer', call: call('party.upsert') },
      { id: 'order', call: call('salesOrder.upsert'), retry: quick },
      { id: 'note', call: call('note.upsert') },
    ],
    local: ['customer', 'order', 'note'],
    progress: {
      outputs: { customer: { id: '7' } },
      failed: {
        stepId: 'order',
        code: 'ECL-4004',
        retryable: true,
        details: { outcome: 'transient', reason: 'The database is away.', attemptsUsed: 1 },
      },
    },
    calls: { order: [{ number: 'SO-8' }], note: [{ id: 'N-1' }] },
    expected: { state: 'succeeded', triggered: true },
  },
  {
    name: 'first-step-refused-while-opened',
    steps: [{ id: 'order', call: call('salesOrder.upsert') }],
    local: ['order'],
    progress: {
      outputs: {},
      failed: {
        stepId: 'order',
        code: 'ECL-4008',
        retryable: false,
        details: { outcome: 'missing_dependency', reason: missing, attemptsUsed: 1 },
      },
    },
    expected: {
      state: 'dead_letter',
      failure: { stepId: 'order', code: 'ECL-4008', outcome: 'missing_dependency', reason: missing },
    },
  },
  {
    name: 'local-call-was-the-last-attempt',
    steps: [{ id: 'order', call: call('salesOrder.upsert'), retry: { ...quick, attempts: 3 } }],
    local: ['order'],
    attemptsMade: { order: 2 },
    calls: {
      order: [
        failure(
          'ECL-4004',
          { outcome: 'transient', reason: 'The database is away.', attemptsUsed: 3 },
          false,
        ),
      ],
    },
    expected: {
      state: 'dead_letter',
      failure: {
        stepId: 'order',
        code: 'ECL-4009',
        outcome: 'transient',
        reason: 'Given up after 3 attempts. The last: The database is away.',
      },
    },
  },
];
