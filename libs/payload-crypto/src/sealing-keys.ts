import { isEcluseError } from '@ecluse/errors';
import type { DataKeySource } from './sealer.js';

export interface SealingKeyLimits {
  /** Milliseconds before a new data key is made. Default 600000 (10 min). While Vault is away: twice as long. */
  maxAgeMs: number;
  /** Messages under one data key. Default 2^20, far below the 2^32 that random 96-bit nonces allow. */
  maxMessages: number;
}
export interface SealingKey {
  plain: Buffer;
  wrapped: string;
}
interface Held extends SealingKey {
  createdAt: number;
  messages: number;
}
/** Part of its life after which a key is replaced in the background, so that no caller waits for Vault. */
const REFRESH_AT = 0.75;

/** The data key in use for each transit key: replaced by age and by count, single-flight. */
export class SealingKeys {
  private readonly held = new Map<string, Held>();
  private readonly pending = new Map<string, Promise<Held>>();

  constructor(
    private readonly source: DataKeySource,
    private readonly limits: SealingKeyLimits,
    private readonly now: () => number,
    private readonly onCreated: (keyName: string, key: SealingKey) => void,
  ) {}

  /** A key for `messages` more messages. Throws VAULT_UNAVAILABLE, VAULT_DENIED, CREDENTIAL_MISSING. */
  async take(keyName: string, messages = 1): Promise<SealingKey> {
    const key = await this.usable(keyName);
    key.messages += messages;
    return key;
  }

  private async usable(keyName: string): Promise<Held> {
    const held = this.held.get(keyName);
    if (held === undefined) return this.create(keyName);
    const age = this.now() - held.createdAt;
    const fresh = age < this.limits.maxAgeMs && held.messages < this.limits.maxMessages;
    if (fresh) {
      const soon =
        age > this.limits.maxAgeMs * REFRESH_AT || held.messages > this.limits.maxMessages * REFRESH_AT;
      // A failure shows when the key is due; until then it is good.
      if (soon) void this.create(keyName).catch(() => undefined);
      return held;
    }
    try {
      return await this.create(keyName);
    } catch (error) {
      const bearable = age < 2 * this.limits.maxAgeMs && held.messages < 2 * this.limits.maxMessages;
      if (bearable && isEcluseError(error, 'VAULT_UNAVAILABLE')) return held;
      this.held.delete(keyName);
      throw error;
    }
  }

  private create(keyName: string): Promise<Held> {
    const running = this.pending.get(keyName);
    if (running !== undefined) return running;
    const created = this.source
      .create(keyName)
      .then((key) => {
        const held = { ...key, createdAt: this.now(), messages: 0 };
        this.held.set(keyName, held);
        this.onCreated(keyName, key);
        return held;
      })
      .finally(() => this.pending.delete(keyName));
    this.pending.set(keyName, created);
    return created;
  }
}
