import { describe, expect, it } from '@jest/globals';
import { requestsByPath } from './vault-calls.js';

describe('audit log of Vault', () => {
  it('counts requests by operation and path, and not their responses', () => {
    const entry = (type: string, path: string) =>
      JSON.stringify({ type, request: { operation: 'read', path } });
    const log = [
      entry('request', 'kv/a'),
      entry('response', 'kv/a'),
      entry('request', 'kv/a'),
      entry('request', 'b'),
    ];
    expect(requestsByPath(`${log.join('\n')}\n`)).toEqual({ 'read kv/a': 2, 'read b': 1 });
  });
  it('finds nothing in an empty one', () => {
    expect(requestsByPath('')).toEqual({});
  });
});
