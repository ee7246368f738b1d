import { readFile } from 'node:fs/promises';
import { EcluseError, isEcluseError } from '@ecluse/errors';
import type { VaultTokenEpoch } from './vault-client.js';
import type { VaultLog } from './vault-log.js';

/** A granted token. `ttlMs` counts from the answer. */
export interface GrantedToken {
  token: string;
  ttlMs: number;
  renewable: boolean;
  /** False for batch tokens, which Vault does not store: they end with their TTL. */
  revocable: boolean;
}
/** The raw calls that a session makes; each throws EcluseError. */
export interface SessionCalls {
  login(roleId: string, secretId: string): Promise<GrantedToken>;
  renew(token: string): Promise<{ ttlMs: number; renewable: boolean }>;
  revoke(token: string): Promise<void>;
}
export interface SessionOptions {
  roleId: string;
  secretId?: string;
  secretIdFile?: string;
  now: () => number;
  random: () => number;
  log: VaultLog;
}

/** Longest delay that a Node timer can hold. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const RETRY_RENEW_MS = 5000;

/** The process's one login: taken at the first call, renewed at 50-66 % of its life, replaced when Vault drops it. */
export class VaultSession {
  private token: string | null = null;
  private revocable = true;
  private epoch = 0;
  private expiresAtMs = 0;
  private pendingLogin: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private closed = false;

  constructor(
    private readonly calls: SessionCalls,
    private readonly options: SessionOptions,
  ) {}

  /** The token for the next call; logs in when there is none or it ran out. Concurrent callers share one login. */
  async current(): Promise<{ token: string; epoch: number }> {
    if (this.closed) throw new EcluseError('VAULT_UNAVAILABLE', { detail: 'client is closed' });
    if (this.token === null || this.options.now() >= this.expiresAtMs) await this.loginOnce();
    if (this.token === null) throw new EcluseError('VAULT_UNAVAILABLE', { detail: 'client is closed' });
    return { token: this.token, epoch: this.epoch };
  }

  /** Vault refused the token of `epoch`: forget it, unless another call already did. */
  drop(epoch: number): void {
    if (epoch !== this.epoch) return;
    this.token = null;
    this.clearTimer();
  }

  state(): VaultTokenEpoch {
    const remainingMs = this.token === null ? 0 : Math.max(0, this.expiresAtMs - this.options.now());
    return { epoch: this.epoch, expiresAt: new Date(Date.now() + remainingMs), remainingMs };
  }

  /** Revokes the token; also one that a login in flight still brings. */
  async close(): Promise<void> {
    this.closed = true;
    this.clearTimer();
    await this.pendingLogin?.catch(() => undefined);
    const token = this.token;
    this.token = null;
    this.clearTimer();
    if (token !== null && this.revocable) await this.calls.revoke(token);
  }

  private loginOnce(): Promise<void> {
    this.pendingLogin ??= this.login().finally(() => {
      this.pendingLogin = null;
    });
    return this.pendingLogin;
  }

  private async login(): Promise<void> {
    const granted = await this.calls.login(this.options.roleId, await this.readSecretId());
    this.token = granted.token;
    this.revocable = granted.revocable;
    this.epoch += 1;
    this.accept(granted);
    this.options.log.info(this.epoch === 1 ? 'logged in to Vault' : 'logged in to Vault again');
  }

  private accept(granted: { ttlMs: number; renewable: boolean }): void {
    this.expiresAtMs = this.options.now() + granted.ttlMs;
    const delay = granted.ttlMs * (0.5 + this.options.random() * 0.16);
    this.schedule(delay, granted.renewable ? () => this.renew() : () => this.loginOnce());
  }

  private async renew(): Promise<void> {
    const token = this.token;
    if (token === null) return;
    const renewed = await this.calls.renew(token);
    if (token === this.token) this.accept(renewed);
  }

  private schedule(delayMs: number, action: () => Promise<void>): void {
    this.clearTimer();
    if (this.closed) return;
    this.timer = setTimeout(
      () => {
        action().catch((error: unknown) => {
          this.renewFailed(error, action);
        });
      },
      Math.min(MAX_TIMER_MS, Math.max(10, delayMs)),
    );
    this.timer.unref();
  }

  /** Tries again until the token's end; the next call after that logs in. */
  private renewFailed(error: unknown, action: () => Promise<void>): void {
    if (isEcluseError(error) && error.entry.retry !== 'backoff') {
      this.token = null;
      this.options.log.warn('Vault refused to renew the token; the next call logs in', {
        reason: error.code,
      });
      return;
    }
    const remaining = this.expiresAtMs - this.options.now();
    if (remaining <= 0) return;
    const retryInMs = Math.round(Math.min(RETRY_RENEW_MS, remaining / 3) * (0.5 + this.options.random() / 2));
    this.options.log.warn('renewal of the Vault token failed', { retryInMs });
    this.schedule(retryInMs, action);
  }

  /** Read at each login, so that a rotated secret id needs no restart. */
  private async readSecretId(): Promise<string> {
    if (this.options.secretId !== undefined) return this.options.secretId;
    try {
      return (await readFile(this.options.secretIdFile ?? '', 'utf8')).trim();
    } catch {
      throw new EcluseError('VAULT_MISUSED', { detail: 'the secret id file cannot be read' });
    }
  }

  private clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
