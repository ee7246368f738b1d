import type { FlowDefinition } from '@ecluse/contracts';
import { parseDuration } from './duration.js';
import type { FlowIssue } from './flow-issue.js';

/** Longest `batch.within`, in milliseconds: what waits for company is accepted already and its sender expects progress. */
export const MAX_BATCH_WAIT_MS = 60_000;

/** What a JSON Schema cannot say about `order` and `batch`: that they exclude each other, and how long a batch may wait. */
export function checkSharing({ order, batch }: FlowDefinition): FlowIssue[] {
  if (batch === undefined) return [];
  return [...(order === undefined ? [] : orderedBatchIssue(batch)), ...waitIssue(batch)];
}

function orderedBatchIssue(batch: NonNullable<FlowDefinition['batch']>): FlowIssue[] {
  const shares = batch.max === undefined ? batch.within !== undefined : batch.max > 1;
  if (!shares) return [];
  return [
    {
      pointer: batch.max === undefined ? '/batch/within' : '/batch/max',
      message: 'asks for batches in a flow with `order`',
      expected: 'an ordered flow runs one delivery after the other',
      remedy: 'Remove `batch`, or remove `order`.',
      kind: 'limit',
    },
  ];
}

function waitIssue({ within, max }: NonNullable<FlowDefinition['batch']>): FlowIssue[] {
  if (within === undefined) return [];
  const at = { pointer: '/batch/within', kind: 'limit' } as const;
  if (max === 1) {
    return [
      {
        ...at,
        message: 'waits for company that `max: 1` rules out',
        expected: '`within` together with a `max` from 2 to 500',
        remedy: 'Raise `max`, or remove `within`.',
      },
    ];
  }
  const parsed = parseDuration(within);
  if (!parsed.ok) {
    return [
      {
        ...at,
        message: parsed.message,
        expected: parsed.expected,
        remedy: 'Write a duration such as 200ms.',
      },
    ];
  }
  if (parsed.ms <= MAX_BATCH_WAIT_MS) return [];
  return [
    { ...at, message: 'is out of range', expected: '1ms to 1m', remedy: 'Use a duration from 1ms to 1m.' },
  ];
}
