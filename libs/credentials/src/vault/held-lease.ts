import type { CredentialLease, CredentialRef } from '../credential-broker.js';
import type { BrokerClock } from './broker-options.js';

/** Longest safety margin before a bound; a tenth of the lease where that is less. */
const MAX_SKEW_MS = 30_000;

/** What Vault granted. */
export interface GrantedLease {
  leaseId: string;
  leaseRef: string;
  username: string;
  password: string;
  ttlMs: number;
  renewable: boolean;
  tokenEpoch: number;
}
/** The state of the issuing token, asked for at each decision, because the token is renewed meanwhile. */
export type TokenState = () => { epoch: number; remainingMs: number };

/** One lease of this worker: its bounds and its users. */
export class HeldLease {
  users = 0;
  retired = false;
  /** One renewal at a time. */
  renewal: Promise<void> | null = null;
  timer: NodeJS.Timeout | null = null;
  private grantedAtMs: number;
  private endsAtMs: number;
  private renewable: boolean;
  private readonly firstGrantedAtMs: number;

  constructor(
    readonly ref: CredentialRef,
    readonly granted: GrantedLease,
    private readonly clock: BrokerClock,
    private readonly token: TokenState,
    private readonly maxUseAgeMs: number,
  ) {
    this.grantedAtMs = this.firstGrantedAtMs = clock.monotonicMs();
    this.endsAtMs = this.grantedAtMs + granted.ttlMs;
    this.renewable = granted.renewable;
  }

  /** False once Vault's token changed: the lease died with the old one, whatever its own TTL says. */
  get alive(): boolean {
    return !this.retired && this.token().epoch === this.granted.tokenEpoch;
  }
  /** Milliseconds that the lease itself still holds, less the margin. */
  get leaseRemainingMs(): number {
    return this.endsAtMs - this.clock.monotonicMs() - this.skewMs;
  }
  /** Milliseconds that the issuing token still holds, less the margin. */
  get tokenRemainingMs(): number {
    return this.token().remainingMs - this.skewMs;
  }
  /** Milliseconds until it is given to no new use. */
  get useRemainingMs(): number {
    return this.firstGrantedAtMs + this.maxUseAgeMs - this.clock.monotonicMs();
  }
  /** Whether renewal is due: a third of the TTL is left. */
  get renewalDueInMs(): number {
    const ttl = this.endsAtMs - this.grantedAtMs;
    return this.endsAtMs - ttl / 3 - this.clock.monotonicMs();
  }
  /** Between two tries to renew. */
  get retryPauseMs(): number {
    return Math.min(5000, this.granted.ttlMs / 10);
  }
  get canRenew(): boolean {
    return this.renewable && this.alive;
  }

  /** Whether a use of `needForMs` can begin now. */
  fits(needForMs: number): boolean {
    return (
      this.alive && Math.min(this.leaseRemainingMs, this.tokenRemainingMs, this.useRemainingMs) >= needForMs
    );
  }

  /** Vault counts a renewal from now and may shorten; a lease at its maximum is not renewed again. */
  renewed(ttlMs: number, renewable: boolean): void {
    const now = this.clock.monotonicMs();
    this.renewable = renewable && now + ttlMs > this.endsAtMs + 1000;
    this.grantedAtMs = now;
    this.endsAtMs = now + ttlMs;
  }
  neverRenew(): void {
    this.renewable = false;
  }

  /** What a user sees. `expiresAt` follows renewals. */
  view(): CredentialLease {
    const expiresAt = (): Date => {
      const remaining = Math.min(this.leaseRemainingMs, this.tokenRemainingMs, this.useRemainingMs);
      return new Date(this.clock.wallMs() + remaining);
    };
    return {
      leaseRef: this.granted.leaseRef,
      username: this.granted.username,
      password: this.granted.password,
      get expiresAt() {
        return expiresAt();
      },
    };
  }

  private get skewMs(): number {
    return Math.min(MAX_SKEW_MS, this.granted.ttlMs / 10);
  }
}
