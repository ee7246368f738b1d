import { setTimeout as delay } from 'node:timers/promises';
import { EcluseError, isEcluseError } from '@ecluse/errors';
import { Circuit } from './circuit.js';
import { callVault, type CallSurroundings } from './vault-call.js';
import type {
  VaultCallOptions,
  VaultClient,
  VaultHealth,
  VaultResponse,
  VaultTokenEpoch,
} from './vault-client.js';
import { checkVaultClientOptions, type VaultClientOptions } from './vault-client-options.js';
import { SILENT_VAULT_LOG, type VaultLog } from './vault-log.js';
import { classifyVaultFailure } from './vault-failure.js';
import { vaultPath } from './vault-path.js';
import { createVaultSender, type SendVaultRequest, type VaultRequest } from './vault-request.js';
import { toGrantedToken, toVaultResponse } from './vault-response.js';
import { VaultSession, type SessionCalls } from './vault-session.js';
import { VaultTransportError } from './vault-transport.js';

const CLOSE_TIMEOUT_MS = 3000;
const HEALTH_TIMEOUT_MS = 2000;

/** Makes the process's Vault client. Makes no request: the login happens at the first call. Throws CONFIG_INVALID. */
export function createVaultClient(options: VaultClientOptions): VaultClient {
  checkVaultClientOptions(options);
  return new NodeVaultClient(options);
}

class NodeVaultClient implements VaultClient {
  private readonly send: SendVaultRequest;
  private readonly session: VaultSession;
  private readonly around: CallSurroundings;
  private readonly log: VaultLog;

  constructor(options: VaultClientOptions) {
    this.log = options.log ?? SILENT_VAULT_LOG;
    this.send = observed(createVaultSender(options), options.onRequest);
    const now = (): number => performance.now();
    this.around = { circuit: new Circuit(now), now, random: Math.random, sleep: pause };
    this.session = new VaultSession(this.sessionCalls(), {
      ...options,
      now,
      random: Math.random,
      log: this.log,
    });
  }

  async read(segments: string[], options?: VaultCallOptions): Promise<VaultResponse> {
    return this.call({ method: 'GET', path: vaultPath(segments) }, true, options);
  }

  async write(
    segments: string[],
    body: Record<string, unknown>,
    options?: VaultCallOptions,
  ): Promise<VaultResponse> {
    return this.call({ method: 'POST', path: vaultPath(segments), body }, false, options);
  }

  async patch(
    segments: string[],
    body: Record<string, unknown>,
    options?: VaultCallOptions,
  ): Promise<VaultResponse> {
    return this.call({ method: 'PATCH', path: vaultPath(segments), body }, true, options);
  }

  async list(segments: string[], options?: VaultCallOptions): Promise<string[]> {
    try {
      const answer = await this.call(
        { method: 'GET', path: vaultPath(segments), query: '?list=true' },
        true,
        options,
      );
      const keys = answer.data?.['keys'];
      return Array.isArray(keys) ? keys.filter((key): key is string => typeof key === 'string') : [];
    } catch (error) {
      if (isEcluseError(error, 'CREDENTIAL_MISSING')) return [];
      throw error;
    }
  }

  async delete(segments: string[], options?: VaultCallOptions): Promise<void> {
    await this.call({ method: 'DELETE', path: vaultPath(segments) }, true, options);
  }

  tokenEpoch(): VaultTokenEpoch {
    return this.session.state();
  }

  async health(): Promise<VaultHealth> {
    try {
      const answer = await this.send({ method: 'GET', path: 'sys/health', timeoutMs: HEALTH_TIMEOUT_MS });
      const body = (answer ?? {}) as Record<string, unknown>;
      return {
        reachable: true,
        sealed: body['sealed'] !== false,
        initialized: body['initialized'] === true,
        version: typeof body['version'] === 'string' ? body['version'] : null,
      };
    } catch {
      return { reachable: false, sealed: false, initialized: false, version: null };
    }
  }

  async requireCapabilities(capabilities: Record<string, string[]>): Promise<void> {
    const paths = Object.keys(capabilities);
    const answer = await this.write(['sys', 'capabilities-self'], { paths }, { idempotent: true });
    const lacking = paths.filter((path) => {
      const answered: unknown = answer.data?.[path];
      const granted: unknown[] = Array.isArray(answered) ? answered : [];
      return !granted.includes('root') && !(capabilities[path] ?? []).every((name) => granted.includes(name));
    });
    if (lacking.length > 0)
      throw new EcluseError('VAULT_DENIED', { detail: `no right to ${lacking.join(', ')}` });
  }

  async close(): Promise<void> {
    const bound = new AbortController();
    const closing = this.session.close().catch(() => {
      this.log.warn('the Vault token was not revoked; it ends with its TTL');
    });
    await Promise.race([closing, delay(CLOSE_TIMEOUT_MS, undefined, { signal: bound.signal })]).finally(
      () => {
        bound.abort();
      },
    );
  }

  private async call(
    request: VaultRequest,
    idempotentByDefault: boolean,
    options: VaultCallOptions = {},
  ): Promise<VaultResponse> {
    const { idempotent = idempotentByDefault, ...limits } = options;
    let current = { token: '', epoch: 0 };
    return callVault(
      {
        path: request.path,
        idempotent,
        ...(limits.signal === undefined ? {} : { signal: limits.signal }),
        prepare: async () => {
          current = await this.session.current();
        },
        attempt: async () =>
          toVaultResponse(await this.send({ ...request, ...limits, token: current.token })),
        relogin: () => {
          this.session.drop(current.epoch);
        },
      },
      this.around,
    );
  }

  private sessionCalls(): SessionCalls {
    const post = (path: string, extra: Partial<VaultRequest>): Promise<VaultResponse> =>
      callVault(
        {
          path,
          idempotent: true,
          attempt: async () => toVaultResponse(await this.send({ method: 'POST', path, body: {}, ...extra })),
        },
        this.around,
      );
    return {
      login: async (roleId, secretId) =>
        toGrantedToken(await post('auth/approle/login', { body: { role_id: roleId, secret_id: secretId } })),
      renew: async (token) => toGrantedToken(await post('auth/token/renew-self', { token })),
      revoke: async (token) => {
        await post('auth/token/revoke-self', { token, timeoutMs: CLOSE_TIMEOUT_MS });
      },
    };
  }
}

function observed(send: SendVaultRequest, told: VaultClientOptions['onRequest']): SendVaultRequest {
  if (told === undefined) return send;
  return async (request) => {
    try {
      const answer = await send(request);
      told(request.path, 'ok');
      return answer;
    } catch (error) {
      const away =
        !(error instanceof VaultTransportError) || classifyVaultFailure(error.failure).circuit !== undefined;
      told(request.path, away ? 'unavailable' : 'refused');
      throw error;
    }
  };
}

async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal === undefined ? {} : { signal });
}
