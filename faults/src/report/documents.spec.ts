import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FAILPOINTS } from '@ecluse/failpoints';
import { CASES } from '../cases/index.js';
import { SABOTAGES } from '../sabotage/sabotages.js';
import { mergeRows, totalsOf, type MatrixRow } from './matrix.js';
import { readMatrix } from './matrix-file.js';
import { renderMatrix } from './render.js';

const docs = join(import.meta.dirname, '../../../docs');
const read = (name: string): string => readFileSync(join(docs, name), 'utf8');

describe('docs/fault-matrix.md', () => {
  const matrix = readMatrix(docs);

  it('is what its figures say', () => {
    expect(read('fault-matrix.md')).toBe(renderMatrix(matrix));
  });
  it('adds its rows up', () => {
    expect(matrix.totals).toEqual(totalsOf(matrix.rows));
  });
  it('names cases and variants that exist', () => {
    const known = CASES.flatMap(({ id, variants }) => variants.map(({ name }) => `${id} ${name}`));
    const named = [...matrix.rows, ...matrix.sabotage].map((row) => `${row.case} ${row.variant}`);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe('sabotages', () => {
  it('aim at variants that exist', () => {
    const known = CASES.flatMap(({ id, variants }) => variants.map(({ name }) => `${id} ${name}`));
    expect(
      SABOTAGES.map((each) => `${each.case} ${each.variant}`).filter((name) => !known.includes(name)),
    ).toEqual([]);
  });
});

describe('rows', () => {
  const row = (form: MatrixRow['form'], seed: number): MatrixRow => ({
    ...{
      case: 'F1',
      variant: 'S',
      fault: '',
      means: '',
      form,
      runs: 1,
      seed,
      inFlight: 0,
      accepted: 0,
      lost: 0,
    },
    ...{
      doubled: 0,
      absorbed: 0,
      parked: 0,
      successes: 100,
      recovery: {},
      doorWorst: null,
      doorP99: null,
      foreignCpu: 0,
    },
    ...{ pass: true, findings: [], seconds: 1 },
  });
  it('of a shorter form replace none of a longer one', () => {
    expect(mergeRows([row('full', 1)], [row('quick', 2)])).toMatchObject([{ seed: 1 }]);
    expect(mergeRows([row('quick', 1)], [row('full', 2)])).toMatchObject([{ seed: 2 }]);
    expect(mergeRows([row('thorough', 1)], [row('full', 2)])).toMatchObject([{ seed: 1 }]);
  });
  it('add up to what the benchmark reads: in flight at kills, losses anywhere', () => {
    const killed = { ...row('full', 1), inFlight: 250, doorP99: 40 };
    const slow = { ...killed, case: 'F13', variant: '53300 overloaded (429)', lost: 1, doorP99: 70 };
    expect(totalsOf([killed, slow])).toEqual({ inFlight: 250, lost: 1, doubled: 0, doorP99Ms: 70 });
  });
});

describe('docs/reference/failpoints.md', () => {
  it('lists every failpoint, and no other', () => {
    const listed = [...read('reference/failpoints.md').matchAll(/^\| `([a-z.-]+)` +\|/gm)].map(
      ([, name]) => name,
    );
    expect(listed).toEqual([...FAILPOINTS]);
  });
});
