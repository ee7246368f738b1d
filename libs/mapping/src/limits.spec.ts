import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { MAX_EXPRESSION_LENGTH } from './analyse.js';
import { REFUSED, UNDETERMINED } from './functions.js';
import { DEFAULT_LIMITS, DEFAULT_POOL } from './limits.js';
import { DEEPEST_NATIVE_INPUT, sizeOf } from './measure.js';
import {
  HEADROOM,
  REMEMBERED,
  SHORT_SHARE,
  SUSPECT_MS,
  TIMEOUTS_BEFORE_SHORT,
} from './sandbox/expression-records.js';
import { VERDICT_MS } from './sandbox/timeout-verdicts.js';

const page = readFileSync(new URL('../../../docs/reference/mapping.md', import.meta.url), 'utf8').replace(
  /\s+/g,
  ' ',
);

describe('docs/reference/mapping.md', () => {
  it.each([
    `${DEFAULT_LIMITS.nativeWork.toLocaleString('en')} evaluated nodes`,
    `| ${String(DEFAULT_LIMITS.cpuMs)} ms |`,
    `| ${String(DEFAULT_LIMITS.wallMs / 1_000)} s, then`,
    `| ${String(DEFAULT_LIMITS.memoryBytes / 1_048_576)} MiB |`,
    `| ${String(DEFAULT_LIMITS.resultBytes / 1_048_576)} MiB |`,
    `| ${String(DEFAULT_POOL.queue)} |`,
    `wait for the sandbox | ${String(DEFAULT_POOL.waitMs / 1_000)} s |`,
    `At most ${String(DEFAULT_POOL.quarantineQueue)} wait there`,
    `last ${String(REMEMBERED)} evaluations`,
    `less than ${String(SUSPECT_MS / 60_000)} minutes ago`,
    `After ${String(TIMEOUTS_BEFORE_SHORT)} time-outs`,
    `(${String(DEFAULT_LIMITS.cpuMs * SHORT_SHARE)} ms and ${String(DEFAULT_LIMITS.wallMs * SHORT_SHARE)} ms)`,
    `never less than ${String(HEADROOM)} times`,
    `remembered for ${String(VERDICT_MS / 1_000)} s`,
    `deeper than ${String(DEEPEST_NATIVE_INPUT)}`,
    `${MAX_EXPRESSION_LENGTH.toLocaleString('en')} characters`,
    ...[...REFUSED, ...UNDETERMINED].map((name) => `\`$${name}\``),
  ])('says %s', (figure) => {
    expect(page.replace(/ +\|/g, ' |')).toContain(figure);
  });
});

describe('sizeOf', () => {
  it('counts values, keys, and text in units of 32 characters', () => {
    expect(sizeOf({ a: 1, b: [true, null] }, 100)).toBeCloseTo(5 + 2 + 2 / 32);
    expect(sizeOf('x'.repeat(64), 100)).toBe(3);
  });
  it('gives up on what is larger than asked for, or too deep, without recursion', () => {
    expect(sizeOf(Array(1_000).fill(0), 100)).toBe(Infinity);
    let deep: unknown[] = [];
    for (let level = 0; level < 200_000; level += 1) deep = [deep];
    expect(sizeOf(deep, Infinity)).toBe(Infinity);
  });
});
