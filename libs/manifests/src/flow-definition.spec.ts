import { describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { toFlowDefinition } from './check-flow.js';
import { readDocument } from './read-document.js';
import { FLOW } from './testing/documents.js';

const hashOf = (text: string): string =>
  toFlowDefinition(readDocument('Flow', { text }, { tenant: 'acme', name: 'deal-won-to-order' })).sha256;

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

describe('toFlowDefinition', () => {
  it('hashes content, not layout: order of keys, style, comments and defaults do not matter', () => {
    const document: unknown = parse(FLOW);
    expect(hashOf(FLOW)).toMatch(/^[0-9a-f]{64}$/);
    expect(hashOf(JSON.stringify(reversed(document)))).toBe(hashOf(FLOW));
    expect(hashOf(`# a comment\n${stringify(document, { defaultStringType: 'QUOTE_DOUBLE' })}`)).toBe(
      hashOf(FLOW),
    );
    expect(hashOf(FLOW.replace('  onFailure: { deadLetter: true }\n', ''))).toBe(hashOf(FLOW));
  });
  it('hashes every part of the content', () => {
    expect(hashOf(FLOW.replace('1000', '1001'))).not.toBe(hashOf(FLOW));
    expect(hashOf(FLOW.replace('attempts: 5', 'attempts: 6'))).not.toBe(hashOf(FLOW));
    for (const more of ['order: { by: deal.id }', 'order: { by: deal.key }', 'batch: { max: 1 }']) {
      expect(hashOf(FLOW.replace('  onFailure:', `  ${more}\n  onFailure:`))).not.toBe(hashOf(FLOW));
    }
  });
  it('does not depend on the version of the hashing code', () => {
    expect(hashOf(FLOW)).toBe('3cc7f3df627a13d8e38d0c19f5a87ba4144bd3abb4bc88f05973d7cf65d54311');
  });
});
