import { describe, expect, it } from '@jest/globals';
import type { RetryPolicy } from '@ecluse/contracts';
import { checkRetryPolicy, pauseBefore, resolveRetryPolicy } from './retry-policy.js';

describe('retry policy', () => {
  it.each<[string, RetryPolicy, string]>([
    ['no attempt', { attempts: 0 }, '/retry/attempts'],
    ['a fraction of an attempt', { attempts: 1.5 }, '/retry/attempts'],
    ['too many attempts', { attempts: 101 }, '/retry/attempts'],
    ['a shrinking pause', { factor: 0.5 }, '/retry/factor'],
    ['a pause that hammers', { first: '5ms' }, '/retry/first'],
    ['what is no duration', { within: 'soon' }, '/retry/within'],
    ['longer than bodies are kept', { within: '31d' }, '/retry/within'],
    ['a longest pause below the first', { first: '10s', max: '5s' }, '/retry/max'],
  ])('refuses %s', (_name, policy, pointer) => {
    expect(checkRetryPolicy(policy, '/retry').map((issue) => issue.pointer)).toEqual([pointer]);
  });
  it('fills in the documented defaults', () => {
    expect(resolveRetryPolicy()).toEqual({
      attempts: 10,
      firstMs: 1_000,
      factor: 2,
      maxMs: 100_000,
      withinMs: 86_400_000,
    });
  });
  it('makes pauses longer by the factor, up to the longest', () => {
    const policy = resolveRetryPolicy({ first: '1s', factor: 3, max: '10s' });
    expect([1, 2, 3, 4, 100].map((retry) => pauseBefore(policy, retry))).toEqual([
      1_000, 3_000, 9_000, 10_000, 10_000,
    ]);
  });
  it('lets a long first pause raise the default longest one', () => {
    const policy = { first: '5m' };
    expect(checkRetryPolicy(policy, '')).toEqual([]);
    expect(resolveRetryPolicy(policy)).toMatchObject({ firstMs: 300_000, maxMs: 300_000 });
  });
});
