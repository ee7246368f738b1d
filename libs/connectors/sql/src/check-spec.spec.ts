import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@ecluse/contracts';
import { checkSqlSpec } from './check-spec.js';

function spec(operation: JsonObject, config: JsonObject = {}): JsonObject {
  return {
    config: { engine: 'postgresql', host: 'erp.example.com', database: 'erp', ...config },
    operations: {
      'order.upsert': {
        effect: 'upsert',
        idempotency: { kind: 'external_id', field: 'externalId' },
        input: { type: 'object', properties: { externalId: { type: 'string' }, lines: { type: 'array' } } },
        statements: [
          { name: 'order', sql: 'INSERT INTO o VALUES (:externalId) RETURNING id' },
          { sql: 'INSERT INTO l SELECT :order.id, x FROM jsonb_to_recordset(:lines::jsonb) AS x (sku text)' },
        ],
        output: { id: ':order.id' },
        ...operation,
      },
    },
  };
}
const BULK = 'SELECT item FROM jsonb_to_recordset(:items::jsonb) AS x (item integer)';
const at = (path: string) => `/operations/order.upsert${path}`;

describe('checkSqlSpec', () => {
  it('finds nothing in a good spec', () => {
    expect(checkSqlSpec(spec({}))).toEqual([]);
    expect(checkSqlSpec(spec({ short: true, timeout: '5s' }, { statementTimeout: '4s' }))).toEqual([]);
    expect(checkSqlSpec(spec({ bulk: { statements: [{ sql: BULK }] } }))).toEqual([]);
  });

  it.each([
    [
      'an unknown parameter',
      { statements: [{ sql: 'SELECT :customer' }] },
      '/statements/0/sql',
      'unknown parameter `:customer`',
    ],
    [
      'a row used before its statement',
      { statements: [{ sql: 'SELECT :order.id' }, { name: 'order', sql: 'SELECT 1 AS id' }], output: {} },
      '/statements/0/sql',
      'unknown parameter `:order.id`',
    ],
    [
      'a built-in that does not exist',
      { statements: [{ sql: 'SELECT :call.secret' }] },
      '/statements/0/sql',
      'unknown parameter `:call.secret`',
    ],
    [
      'a schema change',
      { statements: [{ sql: 'DROP TABLE o' }] },
      '/statements/0/sql',
      'this kind of statement is not allowed',
    ],
    [
      'a name that is taken',
      { statements: [{ name: 'lines', sql: 'SELECT 1' }] },
      '/statements/0/name',
      'the name `lines` is taken',
    ],
    [
      'an output of nothing',
      { output: { id: ':invoice.id' } },
      '/output/id',
      '`:invoice.id` names no statement',
    ],
    [
      'an unknown idempotency field',
      { idempotency: { kind: 'external_id', field: 'id' } },
      '/idempotency/field',
      'the input has no field `id`',
    ],
    [
      'an input that is no schema',
      { input: { type: 'text', properties: { externalId: {}, lines: {} } } },
      '/input',
      'not a JSON Schema',
    ],
    [
      'a timeout below that of a statement',
      { timeout: '5s' },
      '/timeout',
      'the operation ends before its statements do',
    ],
    [
      'a short operation that may take long',
      { short: true, timeout: '20s' },
      '/timeout',
      'an operation that may take so long is not short',
    ],
    [
      'a timeout that holds a session too long',
      { timeout: '5m' },
      '/timeout',
      'the operation may take too long',
    ],
    [
      'a bulk write that may not be repeated',
      { idempotency: { kind: 'none', onAmbiguous: 'park' }, bulk: { statements: [{ sql: BULK }] } },
      '/bulk',
      'a bulk operation may be repeated, and this write has no idempotency strategy',
    ],
    [
      'a bulk input with a field `item`',
      {
        input: { type: 'object', properties: { externalId: {}, lines: {}, item: {} } },
        bulk: { statements: [{ sql: BULK }] },
      },
      '/bulk',
      'the input has a field `item`, which numbers the items of a bulk call',
    ],
    [
      'a parameter of the single call in a bulk statement',
      { bulk: { statements: [{ sql: 'SELECT :externalId AS item' }] } },
      '/bulk/statements/0/sql',
      'unknown parameter `:externalId`',
    ],
    [
      'a schema change in a bulk statement',
      { bulk: { statements: [{ sql: 'TRUNCATE o' }, { sql: BULK }] } },
      '/bulk/statements/0/sql',
      'this kind of statement is not allowed',
    ],
    [
      'bulk rows without their number',
      {
        bulk: {
          statements: [
            { sql: BULK },
            { sql: 'SELECT 1 AS id FROM jsonb_to_recordset(:items::jsonb) AS x (a text)' },
          ],
        },
      },
      '/bulk/statements/1/sql',
      'the last statement returns no column `item`',
    ],
  ] as [string, JsonObject, string, string][])('refuses %s', (_name, operation, pointer, message) => {
    const issues = checkSqlSpec(spec({ output: { id: ':order.id' }, ...operation }));
    expect(issues).toContainEqual(expect.objectContaining({ pointer: at(pointer), message }));
    for (const issue of issues) expect(issue.remedy).not.toBe('');
  });

  it.each(['erp.example.com', '10.0.0.4', '127.0.0.1.example.com', 'localhost.example.com'])(
    'refuses to go to %s without TLS',
    (host) => {
      const [issue] = checkSqlSpec(spec({}, { host, tls: { mode: 'disable' } }));
      expect(issue).toMatchObject({ pointer: '/config/tls/mode', expected: 'verify-full' });
    },
  );

  it.each(['127.0.0.1', '::1', 'localhost'])('lets %s go without TLS', (host) => {
    expect(checkSqlSpec(spec({}, { host, tls: { mode: 'disable' } }))).toEqual([]);
  });
});
