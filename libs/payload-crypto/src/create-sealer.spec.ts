import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { EcluseError } from '@ecluse/errors';
import { createSealer, type DataKeySource, type Sealed, type Sealer } from './index.js';

/** Vault's transit engine, in memory: counts, and can be away. */
class Transit implements DataKeySource {
  created = 0;
  opened = 0;
  failure: EcluseError | null = null;
  private readonly keys = new Map<string, Buffer>();

  async create(keyName: string): Promise<{ plain: Buffer; wrapped: string }> {
    await Promise.resolve();
    if (this.failure !== null) throw this.failure;
    this.created += 1;
    const wrapped = `vault:v1:${keyName}${this.created}`;
    const plain = randomBytes(32);
    this.keys.set(`${keyName}|${wrapped}`, plain);
    return { plain, wrapped };
  }
  async open(keyName: string, wrapped: string): Promise<Buffer> {
    await Promise.resolve();
    this.opened += 1;
    if (this.failure !== null) throw this.failure;
    const key = this.keys.get(`${keyName}|${wrapped}`);
    if (key === undefined) throw new EcluseError('CREDENTIAL_MISSING');
    return key;
  }
}
const MINUTE = 60_000;
const plain = Buffer.from('canary-body');

describe('sealer', () => {
  let transit = new Transit();
  let now = 0;
  let sealer: Sealer;
  const create = (options: Parameters<typeof createSealer>[1] = {}): Sealer =>
    createSealer(transit, { now: () => now, ...options });
  const wrappedNow = async (): Promise<string> => (await sealer.seal('tenant-acme', plain, 'a')).wrappedKey;
  beforeEach(() => {
    transit = new Transit();
    now = 0;
    sealer = create();
  });

  it('refuses another place, another tenant key and an altered text', async () => {
    const sealed = await sealer.seal('tenant-acme', plain, 'body|acme|1');
    await expect(sealer.open(sealed, 'body|acme|2')).rejects.toMatchObject({ code: 'ECL-3006' });
    await expect(sealer.open({ ...sealed, keyName: 'tenant-other' }, 'body|acme|1')).rejects.toMatchObject({
      code: 'ECL-3003',
    });
    const ciphertext = Buffer.from(sealed.ciphertext).reverse();
    await expect(sealer.open({ ...sealed, ciphertext }, 'body|acme|1')).rejects.toMatchObject({
      code: 'ECL-3006',
    });
    expect(await sealer.open(sealed, 'body|acme|1')).toEqual(plain);
  });

  it('refuses while Vault is away and no key is cached', async () => {
    transit.failure = new EcluseError('VAULT_UNAVAILABLE');
    await expect(wrappedNow()).rejects.toMatchObject({ code: 'ECL-3001' });
    transit.failure = null;
    await expect(wrappedNow()).resolves.toContain('vault:v1:');
  });

  it('asks Vault once for 50 seals at once, and for one key per transit key', async () => {
    await Promise.all(Array.from({ length: 50 }, wrappedNow));
    expect(transit.created).toBe(1);
    await sealer.seal('tenant-other', plain, 'a');
    expect(transit.created).toBe(2);
  });

  it('replaces the key after ten minutes, in the background before that', async () => {
    const first = await wrappedNow();
    now = 7 * MINUTE;
    expect(await wrappedNow()).toBe(first);
    expect(transit.created).toBe(1);
    now = 8 * MINUTE;
    expect(await wrappedNow()).toBe(first);
    await new Promise((resolve) => setImmediate(resolve));
    expect(transit.created).toBe(2);
    const second = await wrappedNow();
    expect(second).not.toBe(first);
    now = 19 * MINUTE;
    expect(await wrappedNow()).not.toBe(second);
  });

  it('replaces the key after its messages', async () => {
    sealer = create({ maxMessagesPerKey: 3 });
    const used: string[] = [];
    for (let message = 0; message < 7; message += 1) used.push(await wrappedNow());
    const uses = used.filter((wrapped) => wrapped === used[0]).length;
    expect(uses).toBeLessThanOrEqual(3);
    expect(new Set(used).size).toBeGreaterThanOrEqual(3);
  });

  it('seals on for twenty minutes while Vault is away, then refuses', async () => {
    const first = await wrappedNow();
    transit.failure = new EcluseError('VAULT_UNAVAILABLE');
    now = 19 * MINUTE;
    expect(await wrappedNow()).toBe(first);
    now = 20 * MINUTE;
    await expect(wrappedNow()).rejects.toMatchObject({ code: 'ECL-3001' });
    now = 19 * MINUTE;
    await expect(wrappedNow()).rejects.toMatchObject({ code: 'ECL-3001' });
  });

  it('stops at once when Vault denies the key: that is no outage', async () => {
    await wrappedNow();
    transit.failure = new EcluseError('VAULT_DENIED');
    now = 11 * MINUTE;
    await expect(wrappedNow()).rejects.toMatchObject({ code: 'ECL-3002' });
  });

  it('opens own texts without Vault, foreign ones with one request for 50 at once', async () => {
    const sealed = await sealer.seal('tenant-acme', plain, 'a');
    expect(await sealer.open(sealed, 'a')).toEqual(plain);
    expect(transit.opened).toBe(0);
    const other = create();
    await Promise.all(Array.from({ length: 50 }, () => other.open(sealed, 'a')));
    expect(transit.opened).toBe(1);
    transit.failure = new EcluseError('VAULT_UNAVAILABLE');
    expect(await other.open(sealed, 'a')).toEqual(plain);
  });

  it('does not keep a failed opening', async () => {
    const sealed = await sealer.seal('tenant-acme', plain, 'a');
    const other = create();
    transit.failure = new EcluseError('VAULT_UNAVAILABLE');
    await expect(other.open(sealed, 'a')).rejects.toMatchObject({ code: 'ECL-3001' });
    transit.failure = null;
    expect(await other.open(sealed, 'a')).toEqual(plain);
  });

  it('keeps the keys used last', async () => {
    const writer = create({ maxMessagesPerKey: 1 });
    const sealed: Sealed[] = [];
    for (let message = 0; message < 3; message += 1)
      sealed.push(await writer.seal('tenant-acme', plain, 'a'));
    const reader = create({ openedKeysKept: 2 });
    const open = async (index: number): Promise<number> => {
      await reader.open(sealed[index]!, 'a');
      return transit.opened;
    };
    expect([await open(0), await open(1), await open(0), await open(2)]).toEqual([1, 2, 2, 3]);
    expect(await open(0)).toBe(3);
    expect(await open(1)).toBe(4);
  });
});
