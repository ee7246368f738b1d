import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { renderReport } from './render.js';
import type { RunRecord } from './run-record.js';

const docs = join(import.meta.dirname, '..', '..', '..', 'docs');

describe('docs/benchmarks.md', () => {
  it('is what the raw figures beside it say', () => {
    const document = readFileSync(join(docs, 'benchmarks.md'), 'utf8');
    const raw = /\]\((benchmarks\/(?:full|quick)\.json)\)/.exec(document)?.[1] ?? 'benchmarks/full.json';
    expect(existsSync(join(docs, raw))).toBe(true);
    const record = JSON.parse(readFileSync(join(docs, raw), 'utf8')) as RunRecord;
    expect(document).toBe(renderReport(record));
  });
});
