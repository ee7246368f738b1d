/** Time, so that a test can hold it. */
export interface BrokerClock {
  /** Milliseconds that never jump: every decision uses them. */
  monotonicMs(): number;
  /** Milliseconds since 1970: only for showing. */
  wallMs(): number;
}
export interface BrokerLogFields {
  tenant?: string;
  connection?: string;
  leaseRef?: string;
  leaseExpiresAt?: Date;
  reason?: string;
}
/** A structural subset of the product's logger. Gets lease hashes, never ids, names of users or passwords. */
export interface BrokerLog {
  info(message: string, fields?: BrokerLogFields): void;
  warn(message: string, fields?: BrokerLogFields): void;
}
export interface VaultCredentialBrokerOptions {
  /** Default: the machine's. */
  clock?: BrokerClock;
  /** Default: silent. */
  log?: BrokerLog;
  /** Milliseconds after which a lease is given to no new use. Default 720000 (12 min). */
  maxUseAgeMs?: number;
  /** Told whether a use found its lease in the cache; for metrics. */
  onUse?: (result: 'hit' | 'miss') => void;
}

export const MACHINE_CLOCK: BrokerClock = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };
export const SILENT_BROKER_LOG: BrokerLog = { info: () => undefined, warn: () => undefined };
