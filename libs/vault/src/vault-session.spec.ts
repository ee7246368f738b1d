import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EcluseError } from '@ecluse/errors';
import { SILENT_VAULT_LOG } from './vault-log.js';
import { VaultSession, type GrantedToken, type SessionCalls } from './vault-session.js';

/** Vault's side of the login, in memory. */
class Logins implements SessionCalls {
  logins = 0;
  renewals = 0;
  revoked: string[] = [];
  loginFailure: EcluseError | null = null;
  renewFailure: EcluseError | null = null;
  grant: Omit<GrantedToken, 'token'> = { ttlMs: 60_000, renewable: true, revocable: true };

  async login(): Promise<GrantedToken> {
    await Promise.resolve();
    this.logins += 1;
    if (this.loginFailure !== null) throw this.loginFailure;
    return { token: `token-${this.logins}`, ...this.grant };
  }
  async renew(): Promise<{ ttlMs: number; renewable: boolean }> {
    await Promise.resolve();
    this.renewals += 1;
    if (this.renewFailure !== null) throw this.renewFailure;
    return this.grant;
  }
  async revoke(token: string): Promise<void> {
    await Promise.resolve();
    this.revoked.push(token);
  }
}

describe('VaultSession', () => {
  let vault = new Logins();
  let session: VaultSession;
  const create = (
    secret: { secretId: string } | { secretIdFile: string } = { secretId: 's' },
  ): VaultSession =>
    new VaultSession(vault, {
      roleId: 'r',
      ...secret,
      now: () => Date.now(),
      random: () => 0.5,
      log: SILENT_VAULT_LOG,
    });
  const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

  beforeEach(() => {
    jest.useFakeTimers();
    vault = new Logins();
    session = create();
  });
  afterEach(async () => {
    await session.close();
    jest.useRealTimers();
  });

  it('refuses with the failure of the login, and tries again at the next call', async () => {
    vault.loginFailure = new EcluseError('VAULT_UNAVAILABLE');
    await expect(session.current()).rejects.toMatchObject({ code: 'ECL-3001' });
    vault.loginFailure = null;
    expect(await session.current()).toEqual({ token: 'token-2', epoch: 1 });
  });

  it('refuses without a readable secret id file, and does not show its path', async () => {
    session = create({ secretIdFile: '/nowhere/canary' });
    const failure = session.current();
    await expect(failure).rejects.toMatchObject({ code: 'ECL-3005' });
    await expect(failure).rejects.not.toThrow('canary');
  });

  it('logs in once for 50 callers at once', async () => {
    const tokens = await Promise.all(Array.from({ length: 50 }, () => session.current()));
    expect(new Set(tokens.map(({ token }) => token))).toEqual(new Set(['token-1']));
    expect(vault.logins).toBe(1);
  });

  it('replaces a dropped token once, and ignores a late complaint about the old one', async () => {
    await session.current();
    session.drop(1);
    const tokens = await Promise.all([session.current(), session.current()]);
    session.drop(1);
    expect([...tokens, await session.current()]).toEqual(Array(3).fill({ token: 'token-2', epoch: 2 }));
  });

  it('renews at 50 to 66 % of the TTL, and goes on', async () => {
    await session.current();
    await pass(29_000);
    expect(vault.renewals).toBe(0);
    await pass(11_000);
    expect(vault.renewals).toBe(1);
    await pass(60_000 * 5);
    expect(vault.logins).toBe(1);
    expect(session.state()).toMatchObject({ epoch: 1 });
    expect(session.state().remainingMs).toBeGreaterThan(20_000);
  });

  it('tries a failed renewal again until it succeeds', async () => {
    await session.current();
    vault.renewFailure = new EcluseError('VAULT_UNAVAILABLE');
    await pass(50_000);
    expect(vault.renewals).toBeGreaterThan(2);
    vault.renewFailure = null;
    await pass(5000);
    expect((await session.current()).epoch).toBe(1);
  });

  it('logs in again when the renewals failed until the end', async () => {
    await session.current();
    vault.renewFailure = new EcluseError('VAULT_UNAVAILABLE');
    await pass(61_000);
    expect(session.state().remainingMs).toBe(0);
    expect(await session.current()).toMatchObject({ epoch: 2 });
  });

  it('logs in again at the next call when Vault refuses to renew', async () => {
    await session.current();
    vault.renewFailure = new EcluseError('VAULT_DENIED');
    await pass(41_000);
    expect(await session.current()).toMatchObject({ epoch: 2 });
  });

  it('replaces a batch token before its end, and does not revoke it', async () => {
    vault.grant = { ttlMs: 60_000, renewable: false, revocable: false };
    await session.current();
    await pass(41_000);
    expect(vault).toMatchObject({ logins: 2, renewals: 0 });
    await session.close();
    expect(vault.revoked).toEqual([]);
  });

  it('never sleeps longer than a timer can: 768 h would fire at once', async () => {
    vault.grant = { ttlMs: 768 * 3_600_000 * 10, renewable: true, revocable: true };
    await session.current();
    await pass(1000);
    expect(vault.renewals).toBe(0);
  });

  it('revokes at close also the token of a login in flight, and refuses afterwards', async () => {
    const starting = session.current().catch((error: unknown) => error);
    await session.close();
    await starting;
    expect(vault.revoked).toEqual(['token-1']);
    await expect(session.current()).rejects.toMatchObject({ code: 'ECL-3001' });
    await pass(120_000);
    expect(vault).toMatchObject({ logins: 1, renewals: 0 });
  });
});
