import { describe, expect, it } from '@jest/globals';
import { identify } from './read-documents.js';

describe('identify', () => {
  it.each([
    ['an empty file', '', 'the file is empty'],
    ['two documents', 'kind: Flow\n---\nkind: Source\n', 'several documents in one file'],
    ['another kind', 'kind: Deployment\nmetadata: { name: a }', 'unknown kind'],
    ['no name', 'kind: Flow', 'no usable name'],
    ['a name that is a path', 'kind: Flow\nmetadata: { name: ../x }', 'no usable name'],
  ])('refuses %s', (_case, text, message) => {
    expect(identify('f.yaml', text)).toMatchObject({ errors: [{ file: 'f.yaml', message }] });
  });

  it('names the place of a syntax error', () => {
    expect(identify('f.yaml', 'kind: Flow\nmetadata: { name: a\n')).toMatchObject({
      errors: [{ file: 'f.yaml', line: 3, column: 1 }],
    });
  });

  it('finds kind and name, and keeps the text as it is', () => {
    const text = '# why\nkind: Connection\nmetadata: { name: erp, tenant: acme }\n';
    expect(identify('c.yaml', text)).toEqual({
      document: { file: 'c.yaml', kind: 'Connection', name: 'erp', text },
    });
  });
});
