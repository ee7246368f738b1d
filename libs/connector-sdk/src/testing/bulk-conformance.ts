import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@ecluse/contracts';
import type { BulkItem, BulkResult, CallContext, CallResult } from '../index.js';
import type { ConformanceHarness } from './conformance-harness.js';

const MARKER = 'jane@canary.example';
const ITEMS = 5;
let serial = 0;

/** What a connector with `callBulk` owes on top: the effects and results of single calls, and no half-made call. */
export function describeBulkConformance(
  harness: () => ConformanceHarness,
  context: (changes?: Partial<CallContext>) => CallContext,
): void {
  const newItems = (): { ids: string[]; items: BulkItem[] } => {
    const ids = Array.from({ length: ITEMS }, () => `bulk-${String(process.pid)}-${String((serial += 1))}`);
    const items = ids.map((id) => ({ input: harness().write.input(id, MARKER), callKey: `wh:x/${id}` }));
    return { ids, items };
  };
  const bulk = (items: BulkItem[], changes: Partial<CallContext> = {}): Promise<BulkResult> => {
    const { connector, spec, write } = harness();
    return connector.callBulk!(spec, write.operation, items, context(changes));
  };
  const counts = (ids: string[]): Promise<number[]> => Promise.all(ids.map((id) => harness().count(id)));
  const nothing = Array.from({ length: ITEMS }, () => 0);

  describe('bulk', () => {
    it('does nothing when it was cancelled before', async () => {
      const { ids, items } = newItems();
      expect(await bulk(items, { signal: AbortSignal.abort() })).toMatchObject({
        verdict: { outcome: 'transient' },
      });
      expect(await counts(ids)).toEqual(nothing);
    });

    it('tells that a credential is not known, and does nothing', async () => {
      const { ids, items } = newItems();
      // A session made with the working credential would not be asked again.
      await harness().connector.close(harness().credential.username);
      const result = await bulk(items, { credential: harness().unknownCredential });
      expect(result).toMatchObject({ verdict: { outcome: 'auth_stale' } });
      expect(await counts(ids)).toEqual(nothing);
    });

    it('does all or nothing when the remote refuses one item, and does not tell its value', async () => {
      const { ids, items } = newItems();
      const poison = { input: harness().refusedInput(MARKER), callKey: 'wh:x/poison' };
      const result = await bulk([...items.slice(0, 2), poison, ...items.slice(2)]);
      expect(JSON.stringify(result)).not.toContain(MARKER);
      if ('verdict' in result) {
        expect(result.verdict.outcome).toBe('invalid');
        expect(await counts(ids)).toEqual(nothing);
      } else {
        expect(result.results.map(({ verdict }) => verdict.outcome)).toEqual([
          'ok',
          'ok',
          'invalid',
          'ok',
          'ok',
          'ok',
        ]);
      }
    });

    it('gives each item, in order, the result of its single call, however often', async () => {
      const { connector, spec, write } = harness();
      const { ids, items } = newItems();
      await bulk(items);
      const result = await bulk(items);
      expect(await counts(ids)).toEqual(ids.map(() => 1));
      const single: CallResult[] = [];
      for (const { input, callKey } of items)
        single.push(await connector.call(spec, write.operation, input, context({ callKey })));
      expect(result).toEqual({ results: single });
    });

    it('lets the later of two items for one record win, as single calls do', async () => {
      const { ids, items } = newItems();
      const again: JsonObject = harness().write.input(ids[0] ?? '', MARKER);
      const result = await bulk([...items, { input: again, callKey: 'wh:x/again' }]);
      expect('results' in result && result.results).toHaveLength(ITEMS + 1);
      expect(await counts(ids)).toEqual(ids.map(() => 1));
    });
  });
}
