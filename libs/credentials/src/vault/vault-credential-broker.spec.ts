import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EcluseError } from '@ecluse/errors';
import type { VaultClient, VaultResponse } from '@ecluse/vault';
import type { CredentialBroker, CredentialLease, CredentialRef } from '../index.js';
import { describeCredentialBrokerContract } from '../testing/index.js';
import { createVaultCredentialBroker } from './index.js';

/** Vault's lease endpoints, in memory. Time is Jest's. */
class Leases implements Pick<VaultClient, 'read' | 'write' | 'tokenEpoch'> {
  taken = 0;
  renewed = 0;
  revoked: { lease_id: string; sync: boolean }[] = [];
  ttlSeconds = 900;
  renewedSeconds: number | null = null;
  epoch = 1;
  tokenEndsAt = Date.now() + 3_600_000;
  failure: EcluseError | null = null;
  renewFailure: EcluseError | null = null;
  revokeHangs = false;
  paths: string[] = [];

  async read(segments: string[]): Promise<VaultResponse> {
    await Promise.resolve();
    this.paths.push(segments.join('/'));
    if (this.failure !== null) throw this.failure;
    this.taken += 1;
    return {
      lease_id: `database/creds/acme-erp/${this.taken}`,
      lease_duration: this.ttlSeconds,
      renewable: true,
      data: { username: `v-${this.taken}`, password: 'canary-password' },
      tokenEpoch: this.epoch,
    };
  }
  async write(segments: string[], body: Record<string, unknown>): Promise<VaultResponse> {
    await Promise.resolve();
    if (segments.at(-1) === 'renew') {
      this.renewed += 1;
      if (this.renewFailure !== null) throw this.renewFailure;
      return { lease_duration: this.renewedSeconds ?? this.ttlSeconds, renewable: true };
    }
    if (this.revokeHangs) await new Promise(() => undefined);
    this.revoked.push(body as { lease_id: string; sync: boolean });
    return {};
  }
  tokenEpoch(): ReturnType<VaultClient['tokenEpoch']> {
    const remainingMs = Math.max(0, this.tokenEndsAt - Date.now());
    return { epoch: this.epoch, expiresAt: new Date(this.tokenEndsAt), remainingMs };
  }
}

const ref: CredentialRef = {
  tenant: 'acme',
  connection: 'erp',
  engine: 'database',
  mount: 'database',
  role: 'acme-erp',
};
const clock = { monotonicMs: () => Date.now(), wallMs: () => Date.now() };
const create = (leases: Leases): CredentialBroker =>
  createVaultCredentialBroker(leases as unknown as VaultClient, { clock });

describeCredentialBrokerContract('Vault adapter on leases in memory', () => {
  const leases = new Leases();
  const works = ({ username }: Pick<CredentialLease, 'username'>): Promise<boolean> =>
    Promise.resolve(!leases.revoked.some(({ lease_id }) => lease_id.endsWith(`/${username.slice(2)}`)));
  return Promise.resolve({ broker: create(leases), ref, works });
});

describe('Vault credential broker', () => {
  let leases: Leases;
  let broker: CredentialBroker;
  const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);
  const user = (needForMs = 1000): Promise<string> =>
    broker.withLease(ref, needForMs, (lease) => Promise.resolve(lease.username));
  /** A use that lasts until it is told to end. */
  const hold = async (needForMs = 1000): Promise<{ lease: CredentialLease; end: () => Promise<void> }> => {
    const { promise: ended, resolve } = Promise.withResolvers<undefined>();
    const begun = Promise.withResolvers<CredentialLease>();
    const use = broker.withLease(ref, needForMs, (lease) => {
      begun.resolve(lease);
      return ended;
    });
    const end = async (): Promise<void> => {
      resolve(undefined);
      await use;
    };
    return { lease: await begun.promise, end };
  };

  beforeEach(() => {
    jest.useFakeTimers();
    leases = new Leases();
    broker = create(leases);
  });
  afterEach(async () => {
    leases.revokeHangs = false;
    await broker.close();
    jest.useRealTimers();
  });

  it('refuses the role of another tenant without asking Vault', async () => {
    const foreign = broker.withLease({ ...ref, tenant: 'other' }, 1000, () => Promise.resolve());
    await expect(foreign).rejects.toMatchObject({ code: 'ECL-3002' });
    expect(leases.paths).toEqual([]);
  });

  it.each(['VAULT_UNAVAILABLE', 'VAULT_DENIED', 'CREDENTIAL_MISSING'] as const)(
    'passes %s on to all who wait, and asks again at the next call',
    async (name) => {
      leases.failure = new EcluseError(name);
      const results = await Promise.allSettled([user(), user(), user()]);
      expect(results.map(({ status }) => status)).toEqual(Array(3).fill('rejected'));
      expect(leases.paths).toHaveLength(1);
      leases.failure = null;
      expect(await user()).toBe('v-1');
    },
  );

  it('refuses a call longer than the lease, and waits when only the token is short', async () => {
    await expect(user(880_000)).rejects.toMatchObject({ code: 'ECL-3005' });
    leases.tokenEndsAt = Date.now() + 60_000;
    await expect(user(60_000)).rejects.toMatchObject({ code: 'ECL-3001' });
  });

  it.each<[string, (held: Leases) => number]>([
    ['the lease, less 30 s', (held) => ((held.ttlSeconds = 300), 270_000)],
    ['a short lease, less a tenth', (held) => ((held.ttlSeconds = 60), 54_000)],
    ['the token, less 30 s', (held) => ((held.tokenEndsAt = Date.now() + 200_000), 170_000)],
    ['twelve minutes of use', () => 720_000],
  ])('ends with the earliest bound: %s', async (_name, prepare) => {
    const expected = prepare(leases);
    const { lease, end } = await hold();
    expect(lease.expiresAt.getTime() - Date.now()).toBe(expected);
    await end();
  });

  it('shares nothing between tenants, connections or roles', async () => {
    await user();
    await broker.withLease({ ...ref, connection: 'erp-copy' }, 1000, () => Promise.resolve());
    await broker.withLease({ ...ref, role: 'acme-erp-read' }, 1000, () => Promise.resolve());
    expect(leases.taken).toBe(3);
  });

  it('renews in use when a third of the TTL is left, and shows the new end', async () => {
    leases.ttlSeconds = 300;
    const { lease, end } = await hold();
    await pass(199_000);
    expect(leases.renewed).toBe(0);
    await pass(2000);
    expect(leases.renewed).toBe(1);
    expect(lease.expiresAt.getTime() - Date.now()).toBeGreaterThan(260_000);
    await end();
  });

  it('does not renew what nobody uses; the next long use renews first', async () => {
    leases.ttlSeconds = 300;
    await user();
    await pass(250_000);
    expect(leases.renewed).toBe(0);
    expect(await user(100_000)).toBe('v-1');
    expect(leases.renewed).toBe(1);
  });

  it('tries a renewal again while Vault is away', async () => {
    leases.ttlSeconds = 300;
    leases.renewFailure = new EcluseError('VAULT_UNAVAILABLE');
    const { end } = await hold();
    await pass(215_000);
    expect(leases.renewed).toBeGreaterThan(2);
    leases.renewFailure = null;
    await pass(6000);
    const after = leases.renewed;
    await pass(100_000);
    expect(leases.renewed).toBe(after);
    await end();
  });

  it('takes a fresh lease when the old one is at its maximum', async () => {
    leases.ttlSeconds = 300;
    leases.renewedSeconds = 60;
    await user();
    await pass(250_000);
    expect(await user(100_000)).toBe('v-2');
    expect(leases.revoked).toEqual([{ lease_id: 'database/creds/acme-erp/1', sync: false }]);
  });

  it('takes a fresh lease when Vault no longer knows the old one', async () => {
    leases.ttlSeconds = 300;
    leases.renewFailure = new EcluseError('CREDENTIAL_MISSING');
    await user();
    await pass(250_000);
    expect(await user(100_000)).toBe('v-2');
  });

  it('gives a lease to no new use after twelve minutes, and revokes it after its last user', async () => {
    const { end } = await hold();
    await pass(721_000);
    expect(await user()).toBe('v-2');
    expect(leases.revoked).toEqual([]);
    await end();
    expect(leases.revoked).toEqual([{ lease_id: 'database/creds/acme-erp/1', sync: false }]);
  });

  it('takes a fresh lease after a new login: leases die with their token', async () => {
    await user();
    leases.epoch = 2;
    expect(await user()).toBe('v-2');
  });

  it('invalidate means the lease named, not the one taken since', async () => {
    const { lease, end } = await hold();
    broker.invalidate(lease.leaseRef);
    expect(await user()).toBe('v-2');
    broker.invalidate(lease.leaseRef);
    broker.invalidate('0'.repeat(64));
    expect(await user()).toBe('v-2');
    await end();
  });

  it('close revokes also what is in use and what was being taken, and waits until the users are gone', async () => {
    const { end } = await hold();
    const late = broker
      .withLease({ ...ref, connection: 'late' }, 1000, () => Promise.resolve())
      .catch((error: unknown) => error);
    await broker.close();
    expect(leases.revoked).toHaveLength(2);
    expect(leases.revoked).toContainEqual({ lease_id: 'database/creds/acme-erp/1', sync: true });
    expect(await late).toMatchObject({ code: 'ECL-3001' });
    await end();
    expect(leases.revoked).toHaveLength(2);
  });

  it('close gives up after three seconds', async () => {
    await user();
    leases.revokeHangs = true;
    let closed = false;
    const closing = broker.close().then(() => (closed = true));
    await pass(2999);
    expect(closed).toBe(false);
    await pass(1);
    await closing;
  });

  it('tells the log the hash of a lease, never id, user or password', async () => {
    const lines: string[] = [];
    const write = (message: string, fields?: unknown): void =>
      void lines.push(JSON.stringify({ message, fields }));
    broker = createVaultCredentialBroker(leases as unknown as VaultClient, {
      clock,
      log: { info: write, warn: write },
    });
    const { lease, end } = await hold();
    await end();
    expect(lines.join()).toContain(lease.leaseRef);
    expect(lines.join()).not.toMatch(/canary|v-1|database\/creds/);
  });
});
