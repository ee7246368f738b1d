import { setTimeout as delay } from 'node:timers/promises';
import { EcluseError, isEcluseError } from '@ecluse/errors';
import type { VaultClient } from '@ecluse/vault';
import type { CredentialBroker, CredentialLease, CredentialRef } from '../credential-broker.js';
import { MACHINE_CLOCK, SILENT_BROKER_LOG, type VaultCredentialBrokerOptions } from './broker-options.js';
import { HeldLease } from './held-lease.js';
import { renewLease, revokeLease, takeLease } from './lease-api.js';

const CLOSE_TIMEOUT_MS = 3000;
/** A lease may be retired by another call while this one waits for it. */
const MAX_ROUNDS = 5;

/**
 * Leases of Vault's database engine, shared by all uses of a connection in this worker. A lease is renewed only while
 * in use, given to no new use after `maxUseAgeMs`, and revoked after its last user. After a killed process Vault's
 * TTL ends what it held.
 */
export function createVaultCredentialBroker(
  vault: VaultClient,
  options: VaultCredentialBrokerOptions = {},
): CredentialBroker {
  return new VaultCredentialBroker(vault, {
    clock: options.clock ?? MACHINE_CLOCK,
    log: options.log ?? SILENT_BROKER_LOG,
    maxUseAgeMs: options.maxUseAgeMs ?? 720_000,
    onUse: options.onUse ?? (() => undefined),
  });
}

class VaultCredentialBroker implements CredentialBroker {
  /** The lease for new uses, by ref. */
  private readonly current = new Map<string, HeldLease>();
  private readonly pending = new Map<string, Promise<HeldLease>>();
  /** Everything not yet revoked: the current ones and the retired ones with users. */
  private readonly held = new Set<HeldLease>();
  private readonly revocations = new Set<Promise<void>>();
  private closed = false;

  constructor(
    private readonly vault: VaultClient,
    private readonly options: Required<VaultCredentialBrokerOptions>,
  ) {}

  async withLease<T>(
    ref: CredentialRef,
    needForMs: number,
    use: (lease: CredentialLease) => Promise<T>,
  ): Promise<T> {
    const lease = await this.acquire(ref, needForMs);
    try {
      return await use(lease.view());
    } finally {
      this.release(lease);
    }
  }

  invalidate(leaseRef: string): void {
    for (const lease of this.held) if (lease.granted.leaseRef === leaseRef) this.retire(lease);
  }

  async close(): Promise<void> {
    this.closed = true;
    const bound = new AbortController();
    await Promise.race([
      this.revokeAll(),
      delay(CLOSE_TIMEOUT_MS, undefined, { signal: bound.signal }),
    ]).finally(() => {
      bound.abort();
    });
  }

  private async acquire(ref: CredentialRef, needForMs: number): Promise<HeldLease> {
    const key = JSON.stringify([ref.tenant, ref.connection, ref.mount, ref.role]);
    for (let round = 1; round <= MAX_ROUNDS; round += 1) {
      if (this.closed) throw new EcluseError('VAULT_UNAVAILABLE', { detail: 'the worker is stopping' });
      const found = this.current.get(key);
      if (found !== undefined) {
        if (!found.fits(needForMs) && found.canRenew && found.useRemainingMs > 0) await this.renew(found);
        if (found.fits(needForMs)) {
          this.options.onUse('hit');
          return this.occupy(found);
        }
        this.retire(found);
      }
      const fresh = await this.take(key, ref);
      if (fresh.alive) {
        refuseTooShort(fresh, needForMs);
        this.options.onUse('miss');
        return this.occupy(fresh);
      }
    }
    throw new EcluseError('VAULT_UNAVAILABLE', { detail: 'no lease stayed valid long enough to be used' });
  }

  private take(key: string, ref: CredentialRef): Promise<HeldLease> {
    const running = this.pending.get(key);
    if (running !== undefined) return running;
    const taking = this.create(key, ref).finally(() => this.pending.delete(key));
    this.pending.set(key, taking);
    return taking;
  }

  private async create(key: string, ref: CredentialRef): Promise<HeldLease> {
    const granted = await takeLease(this.vault, ref);
    const { clock, maxUseAgeMs } = this.options;
    const lease = new HeldLease(ref, granted, clock, () => this.vault.tokenEpoch(), maxUseAgeMs);
    this.held.add(lease);
    if (this.closed) this.retire(lease);
    else this.current.set(key, lease);
    this.tell('info', 'lease taken', lease);
    return lease;
  }

  private occupy(lease: HeldLease): HeldLease {
    lease.users += 1;
    this.watch(lease);
    return lease;
  }

  private release(lease: HeldLease): void {
    lease.users -= 1;
    if (lease.users > 0) return;
    stopWatching(lease);
    if (lease.retired) this.revoke(lease, false);
  }

  /** No new use; revoked when the last user is done. */
  private retire(lease: HeldLease): void {
    if (lease.retired) return;
    lease.retired = true;
    stopWatching(lease);
    for (const [key, candidate] of this.current) if (candidate === lease) this.current.delete(key);
    if (lease.users === 0) this.revoke(lease, false);
  }

  /** While in use, renews when a third of the TTL is left. */
  private watch(lease: HeldLease, atLeastMs = 0): void {
    if (lease.timer !== null || !lease.canRenew) return;
    const dueInMs = Math.min(2 ** 31 - 1, Math.max(atLeastMs, lease.renewalDueInMs));
    lease.timer = setTimeout(() => {
      lease.timer = null;
      if (lease.users === 0 || lease.retired) return;
      void this.renew(lease).then(() => {
        if (lease.users > 0) this.watch(lease, lease.retryPauseMs);
      });
    }, dueInMs);
    lease.timer.unref();
  }

  /** Never throws: a lease that cannot be renewed is good until its end. */
  private renew(lease: HeldLease): Promise<void> {
    lease.renewal ??= this.tryRenew(lease).finally(() => {
      lease.renewal = null;
    });
    return lease.renewal;
  }

  private async tryRenew(lease: HeldLease): Promise<void> {
    try {
      const { ttlMs, renewable } = await renewLease(this.vault, lease.granted);
      lease.renewed(ttlMs, renewable);
    } catch (error) {
      if (isEcluseError(error, 'VAULT_UNAVAILABLE')) return;
      // The lease, its role or its user is gone: the next use takes a fresh one.
      lease.neverRenew();
      this.tell('warn', 'lease cannot be renewed', lease);
      this.retire(lease);
    }
  }

  /** Never fails its caller: what is not revoked ends with its TTL. */
  private revoke(lease: HeldLease, sync: boolean): void {
    if (!this.held.delete(lease)) return;
    const revocation = revokeLease(this.vault, lease.granted, sync)
      .catch(() => {
        this.tell('warn', 'lease was not revoked; it ends with its TTL', lease);
      })
      .finally(() => this.revocations.delete(revocation));
    this.revocations.add(revocation);
  }

  private async revokeAll(): Promise<void> {
    await Promise.allSettled(this.pending.values());
    for (const lease of [...this.held]) {
      lease.retired = true;
      stopWatching(lease);
      this.revoke(lease, true);
    }
    this.current.clear();
    await Promise.allSettled(this.revocations);
  }

  private tell(level: 'info' | 'warn', message: string, lease: HeldLease): void {
    const { tenant, connection } = lease.ref;
    const { leaseRef, expiresAt } = lease.view();
    this.options.log[level](message, { tenant, connection, leaseRef, leaseExpiresAt: expiresAt });
  }
}

function refuseTooShort(lease: HeldLease, needForMs: number): void {
  if (lease.leaseRemainingMs < needForMs) {
    const detail = `role ${lease.ref.role} gives leases of ${lease.granted.ttlMs / 1000} s, the call may take ${needForMs / 1000} s`;
    throw new EcluseError('VAULT_MISUSED', { detail });
  }
  if (lease.tokenRemainingMs < needForMs) {
    throw new EcluseError('VAULT_UNAVAILABLE', {
      detail: 'the Vault token ends too soon and was not renewed',
    });
  }
}

function stopWatching(lease: HeldLease): void {
  if (lease.timer !== null) clearTimeout(lease.timer);
  lease.timer = null;
}
