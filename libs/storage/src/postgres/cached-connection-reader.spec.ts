import { beforeEach, describe, expect, it } from '@jest/globals';
import type { StoredConnection } from '../definitions.js';
import { CachedConnectionReader } from './cached-connection-reader.js';

let stored: StoredConnection | undefined;
let reads: number;
let fault: Error | undefined;
let now: number;
let reader: CachedConnectionReader;
beforeEach(() => {
  stored = { tenant: 'acme', name: 'erp', spec: {}, rowVersion: 1 };
  reads = 0;
  fault = undefined;
  now = 0;
  const store = {
    find: async () => {
      reads += 1;
      if (fault !== undefined) throw fault;
      return stored === undefined ? undefined : structuredClone(stored);
    },
  };
  reader = new CachedConnectionReader(store, () => now);
});

describe('CachedConnectionReader', () => {
  it('does not keep failures, and tells all who asked meanwhile', async () => {
    fault = new Error('away');
    const asked = [reader.find('acme', 'erp'), reader.find('acme', 'erp')];
    await expect(asked[0]).rejects.toBe(fault);
    await expect(asked[1]).rejects.toBe(fault);
    fault = undefined;
    expect(await reader.find('acme', 'erp')).toEqual(stored);
  });

  it('reads once a second, however many ask at once', async () => {
    await Promise.all(Array.from({ length: 10 }, () => reader.find('acme', 'erp')));
    now = 999;
    await reader.find('acme', 'erp');
    expect(reads).toBe(1);
    now = 1_000;
    await reader.find('acme', 'erp');
    expect(reads).toBe(2);
  });

  it('keeps the object while the connection does not change, and gives the new one after that', async () => {
    const first = await reader.find('acme', 'erp');
    now = 1_000;
    expect(await reader.find('acme', 'erp')).toBe(first);
    stored = { ...stored!, spec: { changed: true }, rowVersion: 2 };
    expect(await reader.find('acme', 'erp')).toBe(first);
    now = 2_000;
    expect(await reader.find('acme', 'erp')).toEqual(stored);
    stored = undefined;
    now = 3_000;
    expect(await reader.find('acme', 'erp')).toBeUndefined();
  });

  it('mixes up neither tenants nor names', async () => {
    await reader.find('acme', 'erp');
    await reader.find('other', 'erp');
    await reader.find('acme', 'crm');
    expect(reads).toBe(3);
  });
});
