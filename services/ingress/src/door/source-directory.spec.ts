import { describe, expect, it } from '@jest/globals';
import { EcluseError } from '@ecluse/errors';
import { SourceDirectory } from './source-directory.js';

const TOKEN = 'a'.repeat(22);
const STORED = {
  tenant: 'acme',
  name: 'crm',
  token: TOKEN,
  spec: { auth: { provider: 'github' } },
  rowVersion: 1,
  orders: [],
};

function setUp() {
  const state = { found: true, away: false, reads: 0, now: 0 };
  const reader = {
    findByToken: () => {
      state.reads += 1;
      if (state.away) return Promise.reject(new EcluseError('STORE_UNAVAILABLE'));
      return Promise.resolve(state.found ? STORED : undefined);
    },
    onChange: () => Promise.resolve(() => Promise.resolve()),
  };
  return { state, directory: new SourceDirectory(reader, 1_000, () => state.now) };
}

describe('SourceDirectory', () => {
  it('asks nobody about what cannot be a token', async () => {
    const { state, directory } = setUp();
    for (const text of ['', 'short', 'a'.repeat(129), `${TOKEN}/..`, `${TOKEN}%00`])
      expect(await directory.find(text)).toBeUndefined();
    expect(state.reads).toBe(0);
  });
  it('remembers a known source for a minute and an unknown token for seconds', async () => {
    const { state, directory } = setUp();
    state.found = false;
    expect(await directory.find(TOKEN)).toBeUndefined();
    state.found = true;
    expect(await directory.find(TOKEN)).toBeUndefined();
    state.now = 2_000;
    expect(await directory.find(TOKEN)).toMatchObject({ source: 'crm' });
    state.away = true;
    state.now = 61_999;
    expect(await directory.find(TOKEN)).toMatchObject({ source: 'crm' });
    state.now = 62_000;
    await expect(directory.find(TOKEN)).rejects.toMatchObject({ errorName: 'STORE_UNAVAILABLE' });
    expect(state.reads).toBe(3);
  });
  it('forgets after a change, also what was being read while it happened', async () => {
    const { state, directory } = setUp();
    const reading = directory.find(TOKEN);
    directory.forget();
    await reading;
    await directory.find(TOKEN);
    expect(state.reads).toBe(2);
  });
  it('reads once for many at the same time', async () => {
    const { state, directory } = setUp();
    await Promise.all(Array.from({ length: 20 }, () => directory.find(TOKEN)));
    expect(state.reads).toBe(1);
  });
});
