import { createHash, randomUUID } from 'node:crypto';
import { EcluseError } from '@ecluse/errors';
import type { CredentialBroker, CredentialLease, CredentialRef } from '../credential-broker.js';

/** A broker without Vault for unit tests of activities. What it gave and revoked can be looked at. */
export class MemoryCredentialBroker implements CredentialBroker {
  /** Every lease taken, in order. */
  readonly taken: CredentialLease[] = [];
  /** References of revoked leases. */
  readonly revoked = new Set<string>();
  private readonly current = new Map<string, { lease: CredentialLease; users: number }>();
  private readonly retired = new Map<string, number>();
  private closed = false;

  /** @param ttlMs Milliseconds. Default 900000. */
  constructor(private readonly ttlMs = 900_000) {}

  async withLease<T>(
    ref: CredentialRef,
    needForMs: number,
    use: (lease: CredentialLease) => Promise<T>,
  ): Promise<T> {
    if (this.closed) throw new EcluseError('VAULT_UNAVAILABLE', { detail: 'broker is closed' });
    if (needForMs > this.ttlMs)
      throw new EcluseError('VAULT_MISUSED', { detail: 'lease is shorter than the call' });
    const key = JSON.stringify([ref.tenant, ref.connection, ref.mount, ref.role]);
    const held = this.current.get(key) ?? this.take(key, ref);
    held.users += 1;
    try {
      return await use(held.lease);
    } finally {
      held.users -= 1;
      if (held.users === 0 && this.retired.has(held.lease.leaseRef)) this.revoked.add(held.lease.leaseRef);
    }
  }

  invalidate(leaseRef: string): void {
    for (const [key, held] of this.current) {
      if (held.lease.leaseRef !== leaseRef) continue;
      this.current.delete(key);
      this.retired.set(leaseRef, held.users);
      if (held.users === 0) this.revoked.add(leaseRef);
    }
  }

  close(): Promise<void> {
    this.closed = true;
    for (const { leaseRef } of this.taken) this.revoked.add(leaseRef);
    this.current.clear();
    return Promise.resolve();
  }

  private take(key: string, ref: CredentialRef): { lease: CredentialLease; users: number } {
    const id = randomUUID();
    const lease: CredentialLease = {
      leaseRef: createHash('sha256').update(id).digest('hex'),
      username: `v-${ref.role}-${id.slice(0, 8)}`,
      password: id,
      expiresAt: new Date(Date.now() + this.ttlMs),
    };
    const held = { lease, users: 0 };
    this.taken.push(lease);
    this.current.set(key, held);
    return held;
  }
}
