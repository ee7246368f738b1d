import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { BulkResult, CallResult } from '@ecluse/connector-sdk';
import type { JsonObject } from '@ecluse/contracts';
import { SqlConnector } from './index.js';
import { ScratchDatabase } from './testing/scratch-database.js';

/** Real: PostgreSQL. */
let scratch: ScratchDatabase;
const connector = new SqlConnector();

beforeAll(async () => {
  scratch = await ScratchDatabase.create();
});
afterAll(async () => {
  await connector.close();
  await scratch.drop();
});

const context = () => ({
  tenant: 'acme',
  connection: 'erp',
  credential: scratch.credential,
  signal: AbortSignal.timeout(20_000),
});
const bulk = (operation: string, inputs: JsonObject[]): Promise<BulkResult> =>
  connector.callBulk(
    scratch.spec(),
    operation,
    inputs.map((input, index) => ({ input, callKey: `wh:x/${String(index)}` })),
    context(),
  );
/** One call after the other, as `callBulk` promises to be like. */
async function singly(operation: string, inputs: JsonObject[]): Promise<CallResult[]> {
  const results: CallResult[] = [];
  for (const [index, input] of inputs.entries()) {
    const callKey = `wh:x/${String(index)}`;
    results.push(await connector.call(scratch.spec(), operation, input, { ...context(), callKey }));
  }
  return results;
}
const items = () =>
  scratch.query(
    `SELECT external_id, quantity, mail FROM ${scratch.schema}.item ORDER BY external_id COLLATE "C"`,
  );
const empty = () => scratch.query(`TRUNCATE ${scratch.schema}.item RESTART IDENTITY`);
const item = (externalId: string, quantity = 1): JsonObject => ({ externalId, quantity });

describe('sql bulk, refusals', () => {
  it.each([
    ['item.lost', 'The bulk statements return a row that belongs to no item, or a second one.'],
    ['item.doubled', 'The bulk statements return a row that belongs to no item, or a second one.'],
  ])('undoes %s, whose rows cannot be told apart', async (operation, reason) => {
    await empty();
    const result = await bulk(
      operation,
      ['a', 'b', 'c'].map((id) => item(id)),
    );
    expect(result).toEqual({ verdict: { outcome: 'contract_drift', reason, vendorCode: null } });
    expect(await items()).toEqual([]);
  });

  it('undoes all when the database refuses one row, and names the rule without the row', async () => {
    await empty();
    const result = await bulk('item.upsert', [item('a'), item('jane@canary.example', -1)]);
    expect(result).toMatchObject({ verdict: { outcome: 'invalid', vendorCode: '23514' } });
    expect(JSON.stringify(result)).not.toContain('canary');
    expect(await items()).toEqual([]);
  });

  it('tells an item that the input schema refuses, and writes the others', async () => {
    await empty();
    const result = await bulk('item.upsert', [item('a'), { externalId: 'b', quantity: 'many' }, item('c')]);
    expect('results' in result && result.results.map(({ verdict }) => verdict.outcome)).toEqual([
      'ok',
      'invalid',
      'ok',
    ]);
    expect(await items()).toHaveLength(2);
  });

  it('writes nothing when every item is refused', async () => {
    const result = await bulk('item.upsert', [{ externalId: 1 }]);
    expect(result).toMatchObject({ results: [{ verdict: { outcome: 'invalid' } }] });
  });

  it('is refused for an operation without it', async () => {
    await expect(bulk('item.insert', [])).rejects.toMatchObject({ code: 'ECL-4012' });
  });
});

describe('sql bulk', () => {
  it('gives each item its own key', async () => {
    expect(await bulk('item.keyed', [item('a'), item('b')])).toEqual({
      results: await singly('item.keyed', [item('a'), item('b')]),
    });
  });

  it('leaves what single calls leave, whatever the items, also when a record comes twice', async () => {
    const anItem = fc
      .record({ id: fc.integer({ min: 0, max: 12 }), quantity: fc.integer({ min: 1, max: 99 }) })
      .map(({ id, quantity }) => item(`item "${String(id)}" \\ é`, quantity));
    await fc.assert(
      fc.asyncProperty(fc.array(anItem, { minLength: 1, maxLength: 40 }), async (inputs) => {
        await empty();
        const single = await singly('item.upsert', inputs);
        const expected = await items();
        await empty();
        const result = await bulk('item.upsert', inputs);
        expect(await items()).toEqual(expected);
        const quantities = (results: CallResult[]) =>
          results.map((each) => 'output' in each && (each.output as JsonObject)['quantity']);
        expect('results' in result && quantities(result.results)).toEqual(quantities(single));
      }),
      { numRuns: 15 },
    );
  });

  it('does not deadlock against another bulk call for the same records', async () => {
    const forward = Array.from({ length: 100 }, (_each, index) => item(`shared-${String(index)}`));
    const results = await Promise.all(
      Array.from({ length: 8 }, (_each, round) =>
        bulk('item.upsert', round % 2 === 0 ? forward : forward.toReversed()),
      ),
    );
    expect(results.filter((result) => 'verdict' in result)).toEqual([]);
  });
});
