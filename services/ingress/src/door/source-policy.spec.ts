import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@ecluse/contracts';
import { sourcePolicy } from './source-policy.js';

const policyOf = (spec: JsonObject) =>
  sourcePolicy({ tenant: 'acme', name: 'crm', token: 't', spec, rowVersion: 1, orders: [] }, 1_000_000);

describe('sourcePolicy', () => {
  it.each<[string, JsonObject]>([
    ['nothing', {}],
    ['an unknown provider', { auth: [{ provider: 'nobody' }] }],
    ['one good and one bad scheme', { auth: [{ provider: 'github' }, { kind: 'none' }] }],
    ['an unknown key source', { auth: [{ provider: 'github' }], dedupe: { key: [{ cookie: 'x' }] } }],
  ])('has no scheme, and so refuses everything, for %s', (_name, spec) => {
    const policy = policyOf(spec);
    expect(policy.schemes).toEqual([]);
    expect(policy.faults).not.toEqual([]);
  });

  it('bounds what a source asks for', () => {
    const { limits } = policyOf({
      auth: { provider: 'github' },
      limits: { maxBody: 1e9, maxDepth: 1e6, contentTypes: ['Application/JSON'] },
    });
    expect(limits).toMatchObject({ maxBody: 1_000_000, maxDepth: 64, contentTypes: ['application/json'] });
  });

  it('identifies a delivery by its signed id, else by its body, when the source says nothing', () => {
    expect(policyOf({ auth: { provider: 'github' } }).dedupe).toEqual({
      key: [{ signed: 'id' }],
      fallback: 'bodyHash',
    });
    expect(
      policyOf({ auth: { provider: 'github' }, dedupe: { key: [{ header: 'x' }] } }).dedupe.fallback,
    ).toBe('none');
  });
});
