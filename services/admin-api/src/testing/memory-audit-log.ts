import type { AuditEntry, AuditLog, Change } from '@ecluse/storage';

/** Keeps entries in memory; `failure` makes the next writes fail. */
export class MemoryAuditLog implements AuditLog {
  readonly entries: (AuditEntry & Change & { tenant: string })[] = [];
  failure: Error | undefined;

  list(): never {
    throw new Error('not needed here');
  }

  record(tenant: string, entry: AuditEntry, change: Change): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.entries.push({ tenant, ...entry, ...change });
    return Promise.resolve();
  }
}
