import type {
  BatchBranch,
  BatchEnd,
  BatchProgress,
  FlowBatchActivities,
  FlowStep,
  OpenedBatch,
} from '@ecluse/contracts';
import { failure } from './flow-behaviours.js';

/** One behaviour of `flowBatch`: a flow, and activities that answer as scripted. Each has a recorded history. */
export interface BatchBehaviour {
  name: string;
  opened: OpenedBatch | Error;
  /** Answers of the steps by id, in order; the last one repeats. An Error is thrown. */
  answers?: Record<string, (BatchProgress | BatchBranch | Error)[]>;
  expected: BatchEnd;
  /** Ids of the steps that were executed, with whether their outputs were to be kept. */
  executed: [stepId: string, keep: boolean | null][];
}

const call = (id: string, expression = '{}'): FlowStep => ({
  id,
  call: { connection: 'erp', operation: 'order.upsert', with: expression },
});
const away = failure('ECL-3001', { reason: 'Vault unavailable.', platformAway: true, attemptsUsed: 1 }, true);

export const BATCH_BEHAVIOURS: BatchBehaviour[] = [
  {
    name: 'two-calls-over-all-runs',
    opened: { steps: [call('customer'), call('order', '$steps.customer')], size: 100 },
    answers: { customer: [{ size: 100 }], order: [{ size: 99 }] },
    expected: { state: 'succeeded' },
    executed: [
      ['customer', true],
      ['order', false],
    ],
  },
  {
    name: 'started-after-its-end',
    opened: { ended: true },
    expected: { state: 'succeeded' },
    executed: [],
  },
  {
    name: 'nobody-left-after-the-first-step',
    opened: { steps: [call('customer'), call('order')], size: 2 },
    answers: { customer: [{ size: 0 }] },
    expected: { state: 'succeeded' },
    executed: [['customer', false]],
  },
  {
    name: 'the-commonest-branch',
    opened: {
      steps: [
        { id: 'total', map: '$sum(items.price)' },
        {
          id: 'size',
          choose: [{ when: '$steps.total > 9', steps: [call('review')] }],
          otherwise: [call('order')],
        },
        { id: 'told', map: '1' },
      ],
      size: 10,
    },
    answers: {
      total: [{ size: 10 }],
      size: [{ branch: 0, size: 7 }],
      review: [{ size: 7 }],
      told: [{ size: 7 }],
    },
    expected: { state: 'succeeded' },
    executed: [
      ['total', true],
      ['size', null],
      ['review', false],
      ['told', false],
    ],
  },
  {
    name: 'waits-for-the-platform',
    opened: { steps: [call('order')], size: 3 },
    answers: { order: [away, { size: 3 }] },
    expected: { state: 'succeeded' },
    executed: [
      ['order', false],
      ['order', false],
    ],
  },
  {
    name: 'runs-go-on-alone-after-a-fault',
    opened: { steps: [call('order')], size: 3 },
    answers: { order: [failure('ECL-6011', { reason: 'A fault that nobody foresaw.' }, true)] },
    expected: { state: 'left' },
    executed: [['order', false]],
  },
  {
    name: 'runs-go-on-alone-when-the-batch-cannot-be-opened',
    opened: failure('ECL-2004', { reason: 'Flow version does not match.' }, true),
    expected: { state: 'left' },
    executed: [],
  },
];

/** Activities of one behaviour, with what was recorded. */
export function scriptBatchActivities(behaviour: BatchBehaviour): {
  activities: FlowBatchActivities;
  closed: BatchEnd[];
  executed: BatchBehaviour['executed'];
  attemptsUsed: number[];
} {
  const closed: BatchEnd[] = [];
  const executed: BatchBehaviour['executed'] = [];
  const attemptsUsed: number[] = [];
  const left = Object.fromEntries(
    Object.entries(behaviour.answers ?? {}).map(([stepId, answers]) => [stepId, [...answers]]),
  );
  const answer = (stepId: string, keep: boolean | null) => {
    executed.push([stepId, keep]);
    const answers = left[stepId] ?? [];
    const next = answers.length > 1 ? answers.shift() : answers[0];
    if (next === undefined || next instanceof Error) throw next ?? failure('ECL-6011', { reason: '?' }, true);
    return next;
  };
  const activities: FlowBatchActivities = {
    openBatch: async () => {
      if (behaviour.opened instanceof Error) throw behaviour.opened;
      return behaviour.opened;
    },
    closeBatch: async (_batch, end) => {
      closed.push(end);
      return { size: 1 };
    },
    callBatch: async (input) => {
      attemptsUsed.push(input.attemptsUsed);
      return answer(input.stepId, input.keep);
    },
    mapBatch: async ({ stepId, keep }) => answer(stepId, keep),
    chooseBatch: async ({ stepId }) => answer(stepId, null) as BatchBranch,
    awaitBatchPlatform: async () => undefined,
  };
  return { activities, closed, executed, attemptsUsed };
}
