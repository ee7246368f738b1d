import { EcluseError, isEcluseError } from '@ecluse/errors';
import type { Logger } from '@ecluse/observability';
import type { VaultClient } from '@ecluse/vault';
import type { WebhookSecret } from '@ecluse/webhook-auth';
import { BoundedCache } from './bounded-cache.js';
import { within } from './patience.js';
import { retryAfterSeconds } from './retry-after.js';

/** What the door needs of Vault. */
export type SecretVault = Pick<VaultClient, 'read'>;

export interface SecretCacheOptions {
  /** Milliseconds for which secrets are used without asking Vault again. */
  freshMs: number;
  /** Milliseconds for which they are used, at most, while Vault is away. Default 15 minutes. */
  staleMs?: number;
  /** Monotonic milliseconds. Default `performance.now`. */
  now?: () => number;
}
interface Held {
  secrets: WebhookSecret[];
  readAt: number;
  /** While Vault is away: not asked again before this time, so that deliveries do not each wait for it. */
  askAgainAt: number;
}

const STALE_MS = 15 * 60_000;
/** Pause between two tries while Vault is away. */
const AWAY_MS = 5_000;
const LIMIT = 10_000;
/** Longest wait for Vault while there are secrets to go on with, and while there are none. Milliseconds. */
const BEARABLE_MS = 300;
const UNBEARABLE_MS = 800;

/**
 * Webhook secrets of sources, from Vault KV `webhooks/<tenant>/<source>` (secret id to value). Kept in memory for
 * minutes; while Vault cannot be reached what is there is used for longer, up to a bound. A refusal by Vault is no
 * outage: it ends the use at once, so that withdrawing the policy closes the door. Only time and the notice of a
 * change make the door ask Vault: no request of a stranger does.
 */
export class WebhookSecrets {
  private readonly held: BoundedCache<Held>;
  private readonly pending = new Map<string, Promise<Held>>();
  private readonly freshMs: number;
  private readonly staleMs: number;
  private readonly now: () => number;
  private changedAt = -Infinity;

  constructor(
    private readonly vault: SecretVault,
    options: SecretCacheOptions,
    private readonly log: Logger,
  ) {
    this.freshMs = options.freshMs;
    this.staleMs = Math.max(options.staleMs ?? STALE_MS, options.freshMs);
    this.now = options.now ?? (() => performance.now());
    this.held = new BoundedCache(LIMIT, this.now);
  }

  /** Secrets of a source; none where none is stored. Throws SECRET_UNAVAILABLE. */
  async of(tenant: string, source: string): Promise<WebhookSecret[]> {
    const held = this.held.get(`${tenant}/${source}`);
    if (held !== undefined && (this.isFresh(held) || this.now() < held.askAgainAt)) return held.secrets;
    return (await this.read(tenant, source, held)).secrets;
  }

  /** A source or its secrets changed: read again at the next use. */
  expire(): void {
    this.changedAt = this.now();
  }

  /** Whether some source could be served without Vault. */
  get hasUsable(): boolean {
    for (const held of this.held.values()) if (held.secrets.length > 0) return true;
    return false;
  }

  private isFresh(held: Held): boolean {
    return this.now() - held.readAt < this.freshMs && held.readAt >= this.changedAt;
  }

  private read(tenant: string, source: string, held: Held | undefined): Promise<Held> {
    const key = `${tenant}/${source}`;
    const running = this.pending.get(key);
    if (running !== undefined) return running;
    const reading = this.readOrBear(tenant, source, held).finally(() => this.pending.delete(key));
    this.pending.set(key, reading);
    return reading;
  }

  private async readOrBear(tenant: string, source: string, held: Held | undefined): Promise<Held> {
    const readAt = this.now();
    try {
      const waitMs = held === undefined ? UNBEARABLE_MS : BEARABLE_MS;
      // Bounded as a whole: the client may have to log in first.
      const secrets = await within(waitMs, this.fetch(tenant, source, waitMs), late);
      const next = { secrets, readAt, askAgainAt: 0 };
      this.held.set(`${tenant}/${source}`, next, this.staleMs);
      return next;
    } catch (error) {
      const bearable = held !== undefined && isEcluseError(error, 'VAULT_UNAVAILABLE');
      this.log.warn('webhook secrets could not be read', {
        tenant,
        source,
        outcome: bearable ? 'cached ones are used' : 'deliveries are refused',
        error,
      });
      if (bearable) {
        held.askAgainAt = this.now() + AWAY_MS;
        return held;
      }
      throw new EcluseError('SECRET_UNAVAILABLE', { retryAfterSeconds: retryAfterSeconds(), cause: error });
    }
  }

  private async fetch(tenant: string, source: string, timeoutMs: number): Promise<WebhookSecret[]> {
    try {
      const answer = await this.vault.read(['kv', 'data', 'webhooks', tenant, source], { timeoutMs });
      return secretsOf(answer.data?.['data']);
    } catch (error) {
      if (isEcluseError(error, 'CREDENTIAL_MISSING')) return [];
      throw error;
    }
  }
}

function late(): EcluseError {
  return new EcluseError('VAULT_UNAVAILABLE', { detail: 'Vault takes too long' });
}

function secretsOf(data: unknown): WebhookSecret[] {
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data).flatMap(([id, value]) => (typeof value === 'string' ? [{ id, value }] : []));
}
