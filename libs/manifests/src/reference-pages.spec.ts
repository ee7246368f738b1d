import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { resolveAuth } from '@ecluse/webhook-auth';
import { checkSchema } from './check-schema.js';
import { DOCUMENT_KINDS, parseDocument } from './parse-document.js';
import { SCHEMAS } from './read-document.js';

const page = (name: string): string =>
  readFileSync(new URL(`../../../docs/reference/${name}.md`, import.meta.url), 'utf8');
const examples = (name: string): string[] =>
  [...page(name).matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text ?? '');
/** Names of fields that a schema has anywhere. */
function fieldsOf(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(fieldsOf);
  if (typeof schema !== 'object' || schema === null) return [];
  const own = 'properties' in schema ? Object.keys(schema.properties as object) : [];
  return [...own, ...Object.values(schema).flatMap(fieldsOf)];
}

describe('reference pages', () => {
  it.each(DOCUMENT_KINDS)('the example of %s is valid', (kind) => {
    const [example = ''] = examples(kind.toLowerCase());
    expect(checkSchema(SCHEMAS[kind], parseDocument({ text: example }).value)).toEqual([]);
  });
  it('the scheme that source.md writes out is one', () => {
    const [, scheme = ''] = examples('source');
    const { schemes, findings } = resolveAuth(parse(scheme));
    expect([schemes.length, findings]).toEqual([1, []]);
  });
  it.each(DOCUMENT_KINDS)('the page of %s names every field of its schema', (kind) => {
    const text = page(kind.toLowerCase());
    expect(fieldsOf(SCHEMAS[kind]).filter((field) => !text.includes(field))).toEqual([]);
  });
});
