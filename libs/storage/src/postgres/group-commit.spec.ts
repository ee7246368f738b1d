import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GroupCommit, type GroupCommitOptions } from './group-commit.js';

const SHARED = new Error('the database is away');
const isShared = (error: unknown): boolean => error === SHARED;

/** A database that stores numbers, refuses every transaction that holds a poison one, and counts. */
class Ledger {
  readonly stored: number[] = [];
  readonly groups: number[][] = [];
  underWay = 0;
  mostUnderWay = 0;
  away = false;

  constructor(private readonly poison: ReadonlySet<number> = new Set()) {}

  readonly execute = async (items: readonly number[]): Promise<string[]> => {
    this.groups.push([...items]);
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    await new Promise((resolve) => setImmediate(resolve));
    this.underWay -= 1;
    if (this.away) throw SHARED;
    if (items.some((item) => this.poison.has(item))) throw new Error('poison');
    this.stored.push(...items);
    return items.map((item) => `stored ${String(item)}`);
  };

  commit(options: GroupCommitOptions<number> = {}): GroupCommit<number, string> {
    return new GroupCommit(this.execute, isShared, options);
  }
}
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
async function outcomes(work: Promise<string>[]): Promise<string[]> {
  const settled = await Promise.allSettled(work);
  return settled.map((one) =>
    one.status === 'fulfilled' ? one.value : `refused: ${(one.reason as Error).message}`,
  );
}

describe('GroupCommit, failures', () => {
  it('does not try again what every item would meet alike, and works once it is over', async () => {
    const ledger = new Ledger();
    ledger.away = true;
    const commit = ledger.commit();
    const refused = await outcomes(upTo(5).map((item) => commit.submit(item)));
    expect(refused).toEqual(Array(5).fill('refused: the database is away'));
    expect(ledger.groups).toHaveLength(1);
    ledger.away = false;
    expect(await commit.submit(7)).toBe('stored 7');
  });

  it('never executes what nobody waits for any more', async () => {
    const ledger = new Ledger();
    const commit = ledger.commit({ expired: (item) => (item % 2 === 1 ? new Error('late') : undefined) });
    const answers = await outcomes(upTo(5).map((item) => commit.submit(item)));
    expect(answers).toEqual(['stored 0', 'refused: late', 'stored 2', 'refused: late', 'stored 4']);
    expect(ledger.stored).toEqual([0, 2, 4]);
  });

  it('gives each item its own answer: a poison one hurts nobody else (property)', async () => {
    const numbers = fc.uniqueArray(fc.nat(500), { maxLength: 60 });
    const limits = fc.record({
      maxItems: fc.integer({ min: 1, max: 20 }),
      maxGroups: fc.integer({ min: 1, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(numbers, fc.func(fc.boolean()), limits, async (items, isPoison, options) => {
        const ledger = new Ledger(new Set(items.filter((item) => isPoison(item))));
        const commit = ledger.commit(options);
        const answers = await outcomes(items.map((item) => commit.submit(item)));
        expect(answers).toEqual(
          items.map((item) => (isPoison(item) ? 'refused: poison' : `stored ${String(item)}`)),
        );
        expect([...ledger.stored].sort()).toEqual(items.filter((item) => !isPoison(item)).sort());
        expect(ledger.mostUnderWay).toBeLessThanOrEqual(options.maxGroups);
        for (const group of ledger.groups) expect(group.length).toBeLessThanOrEqual(options.maxItems);
        expect(commit.depth).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});

describe('GroupCommit', () => {
  it('puts what one turn of the event loop submits into one group, in order', async () => {
    const ledger = new Ledger();
    const commit = ledger.commit();
    await Promise.all(upTo(30).map((item) => commit.submit(item)));
    expect(ledger.groups).toEqual([upTo(30)]);
  });

  it('lets a lone item go alone, and gathers what arrives while it commits', async () => {
    const ledger = new Ledger();
    const commit = ledger.commit();
    const first = commit.submit(0);
    await new Promise((resolve) => setImmediate(resolve));
    const rest = [commit.submit(1), commit.submit(2)];
    expect(commit.depth).toBe(2);
    await Promise.all([first, ...rest]);
    expect(ledger.groups).toEqual([[0], [1, 2]]);
  });

  it('keeps the weight of a group under its bound; a heavier item goes alone (property)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 40 }), async (weights) => {
        const ledger = new Ledger();
        const commit = ledger.commit({ weightOf: (item) => item, maxWeight: 20 });
        await Promise.all(weights.map((weight) => commit.submit(weight)));
        expect(ledger.groups.flat()).toEqual(weights);
        for (const group of ledger.groups) {
          const weight = group.reduce((sum, item) => sum + item, 0);
          expect(weight <= 20 || group.length === 1).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('tells how many wait and for how long', async () => {
    const ledger = new Ledger();
    const commit = ledger.commit();
    expect([commit.depth, commit.oldestMs]).toEqual([0, 0]);
    const stored = commit.submit(1);
    expect(commit.depth).toBe(1);
    expect(commit.oldestMs).toBeGreaterThanOrEqual(0);
    await stored;
    expect([commit.depth, commit.oldestMs]).toEqual([0, 0]);
  });
});
