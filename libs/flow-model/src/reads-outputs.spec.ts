import { describe, expect, it } from '@jest/globals';
import type { FlowStep } from '@ecluse/contracts';
import { readsOutputs } from './flow-steps.js';

const call = (withText: string, output?: string): FlowStep => ({
  id: 'a',
  call: { connection: 'c', operation: 'o', with: withText, ...(output === undefined ? {} : { output }) },
});
const map = (text: string): FlowStep => ({ id: 'm', map: text });

describe('readsOutputs', () => {
  it.each<[string, FlowStep[], boolean]>([
    ['no step', [], false],
    ['steps that read the body alone', [call('{}'), map('deal.id')], false],
    ['an input', [call('$steps.customer.id')], true],
    ['an output', [call('{}', '$merge([$, $steps.total])')], true],
    ['a map', [map('$steps.total')], true],
    ['a condition', [{ id: 'c', choose: [{ when: '$steps.total > 9', steps: [] }] }], true],
    ['a step of a branch', [{ id: 'c', choose: [{ when: 'true', steps: [map('$steps.a')] }] }], true],
    ['a step of `otherwise`', [{ id: 'c', choose: [], otherwise: [map('$steps.a')] }], true],
    ['branches that read the body alone', [{ id: 'c', choose: [{ when: 'a', steps: [map('b')] }] }], false],
  ])('%s', (_name, steps, reads) => {
    expect(readsOutputs(steps)).toBe(reads);
  });
});
