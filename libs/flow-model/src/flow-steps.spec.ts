import { describe, expect, it } from '@jest/globals';
import type { FlowDefinition, FlowStep } from '@ecluse/contracts';
import { checkSteps } from './check-steps.js';
import { conditionResult, nextBranch } from './choose.js';
import { flowHashInput } from './flow-hash-input.js';
import { placeExpressions, placeSteps } from './flow-steps.js';

const map = (id: string): FlowStep => ({ id, map: '1' });
const flow = (steps: FlowStep[]): FlowDefinition => ({
  on: { source: 'crm' },
  steps,
  onFailure: { deadLetter: true },
});
const choose = {
  id: 'pick',
  choose: [
    { when: 'a', steps: [map('one')] },
    { when: 'b', steps: [map('two')] },
  ],
  otherwise: [map('three')],
};
const nested = (levels: number): FlowStep =>
  levels === 1
    ? map('leaf')
    : { id: `level-${String(levels)}`, choose: [{ when: 'true', steps: [nested(levels - 1)] }] };

describe('checkSteps', () => {
  it.each<[string, FlowStep[], string]>([
    ['one id twice', [map('a'), map('a')], '/steps/1/id'],
    ['an id used again in a branch', [map('one'), choose], '/steps/1/choose/0/steps/0/id'],
    ['an id with capitals', [map('Order')], '/steps/0/id'],
    ['an id of 41 characters', [map('a'.repeat(41))], '/steps/0/id'],
    ['a ninth level', [nested(9)], `/steps/0${'/choose/0/steps/0'.repeat(8)}`],
    ['a hundred and first step', Array.from({ length: 101 }, (_, n) => map(`s${String(n)}`)), '/steps/100'],
    [
      'a bad retry policy',
      [{ id: 'c', call: { connection: 'x', operation: 'y', with: '{}' }, retry: { first: 'x' } }],
      '/steps/0/retry/first',
    ],
  ])('refuses %s', (_name, steps, pointer) => {
    expect(checkSteps(flow(steps)).map((issue) => issue.pointer)).toEqual([pointer]);
  });
  it('takes the largest flow allowed', () => {
    expect(
      checkSteps(flow([nested(8), ...Array.from({ length: 92 }, (_, n) => map(`s${String(n)}`))])),
    ).toEqual([]);
  });
});

describe('placeSteps', () => {
  it('lets a branch see what precedes it, not its siblings, and later steps all branches', () => {
    const seen = Object.fromEntries(
      placeSteps(flow([map('zero'), choose, map('last')])).map((p) => [p.step.id, [...p.preceding]]),
    );
    expect(seen).toEqual({
      zero: [],
      pick: ['zero'],
      one: ['zero'],
      two: ['zero'],
      three: ['zero'],
      last: ['zero', 'one', 'two', 'three', 'pick'],
    });
  });
  it('finds every expression with its pointer', () => {
    const call: FlowStep = { id: 'c', call: { connection: 'x', operation: 'y', with: '{}', output: 'id' } };
    const found = placeExpressions({ ...flow([choose, call]), on: { source: 's', when: 'true' } });
    expect(found.map((each) => [each.pointer, each.role])).toEqual([
      ['/on/when', 'trigger'],
      ['/steps/0/choose/0/when', 'condition'],
      ['/steps/0/choose/1/when', 'condition'],
      ['/steps/0/choose/0/steps/0/map', 'map'],
      ['/steps/0/choose/1/steps/0/map', 'map'],
      ['/steps/0/otherwise/0/map', 'map'],
      ['/steps/1/call/with', 'with'],
      ['/steps/1/call/output', 'output'],
    ]);
  });
});

describe('choose', () => {
  it.each([['yes'], [1], [0], [[true]], [{}]])('does not guess what %j means', (value) => {
    expect(conditionResult(value)).toMatchObject({ ok: false });
  });
  it('takes nothing for false', () => {
    expect([true, false, null].map(conditionResult)).toEqual(
      [true, false, false].map((value) => ({ ok: true, value })),
    );
  });
  it('asks in order, stops at the first true, and falls back', () => {
    expect(nextBranch(choose, [])).toEqual({ decided: false, index: 0, when: 'a' });
    expect(nextBranch(choose, [false])).toEqual({ decided: false, index: 1, when: 'b' });
    expect(nextBranch(choose, [false, true])).toEqual({ decided: true, steps: [map('two')] });
    expect(nextBranch(choose, [false, false])).toEqual({ decided: true, steps: [map('three')] });
    expect(nextBranch({ id: 'p', choose: [{ when: 'a', steps: [] }] }, [false])).toEqual({
      decided: true,
      steps: [],
    });
  });
});

describe('flowHashInput', () => {
  it('does not change with the order of keys', () => {
    const reordered = {
      onFailure: { deadLetter: true },
      steps: [{ map: '1', id: 'a' }],
      on: { source: 'crm' },
    } as const;
    expect(flowHashInput({ ...reordered, steps: [...reordered.steps] })).toBe(
      flowHashInput(flow([map('a')])),
    );
    expect(flowHashInput(flow([map('a')]))).toBe(
      '{"on":{"source":"crm"},"onFailure":{"deadLetter":true},"steps":[{"id":"a","map":"1"}]}',
    );
  });
});
