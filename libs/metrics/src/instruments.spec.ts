import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Registry, collectDefaultMetrics } from 'prom-client';
import type { Instrument } from './instrument.js';
import { INSTRUMENTS } from './instruments.js';
import { PROCESS_METRICS } from './process-metrics.js';
import { renderReference } from './render-reference.js';

const table = Object.entries<Instrument>(INSTRUMENTS);
/** Layout is the formatter's; words are ours. */
const words = (text: string): string[] =>
  text.split(/\s+/).filter((word) => word !== '' && !/^\|?-+\|?$/.test(word));

describe('instruments', () => {
  it.each(table)('%s: name, unit and help follow the rules', (_key, instrument) => {
    const { name, type, unit, help, parts } = instrument;
    expect(name).toMatch(/^ecluse_[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    if (unit !== 'count') expect(name).toContain(`_${unit}`);
    expect(help).not.toMatch(/\.$/);
    expect(parts.length).toBeGreaterThan(0);
    if (instrument.type === 'histogram')
      expect(instrument.buckets).toEqual(instrument.buckets.toSorted((a, b) => a - b));
  });

  it.each(table)('%s: labels name nothing of a tenant', (_key, { labels }) => {
    const bound = ['state', 'scope', 'kind', 'outcome', 'finding', 'way', 'result', 'part', 'operation'];
    const more = ['reason', 'code', 'connector', 'activity', 'method', 'status', 'to'];
    for (const label of Object.keys(labels)) expect([...bound, ...more]).toContain(label);
  });

  it('have names of their own', () => {
    const names = table.map(([, { name }]) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('docs/reference/metrics.md', () => {
  it('says what the table says; else run `npm run reference -w @ecluse/metrics`', () => {
    const page = readFileSync(new URL('../../../docs/reference/metrics.md', import.meta.url), 'utf8');
    expect(words(page)).toEqual(words(renderReference()));
  });

  it('lists what prom-client takes of the process', async () => {
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    const listed = new Set<string>(PROCESS_METRICS.map(({ name }) => name));
    const taken = (await registry.getMetricsAsJSON()).map(({ name }) => name);
    expect(taken.filter((name) => !listed.has(name))).toEqual([]);
    if (process.platform === 'linux') expect(taken).toHaveLength(listed.size);
  });
});
