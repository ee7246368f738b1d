import nodeVault from 'node-vault';
import type { VaultClientOptions } from './vault-client-options.js';
import { createVaultTransport } from './vault-transport.js';

/** One HTTP request to Vault. `path` is already validated. */
export interface VaultRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  query?: string;
  body?: Record<string, unknown>;
  token?: string;
  timeoutMs?: number;
  signal?: AbortSignal;
}
/** Sends one request and returns the parsed body. Throws VaultTransportError for everything but success. */
export type SendVaultRequest = (request: VaultRequest) => Promise<unknown>;

/** node-vault with our transport; of its API only `request` is used, its helpers have traps of their own. */
export function createVaultSender(
  options: Pick<VaultClientOptions, 'addr' | 'name' | 'timeoutMs'>,
): SendVaultRequest {
  const vault = nodeVault({
    endpoint: options.addr,
    'request-promise': createVaultTransport(`ecluse/${options.name}`),
    debug: () => undefined,
  });
  // node-vault takes these from VAULT_TOKEN, VAULT_NAMESPACE and VAULT_PREFIX; ours come from configuration only.
  Object.assign(vault, { token: '', namespace: '', pathPrefix: '' });
  return async (request) => {
    const headers: Record<string, string> = {};
    if (request.token !== undefined) headers['X-Vault-Token'] = request.token;
    if (request.method === 'PATCH') headers['Content-Type'] = 'application/merge-patch+json';
    const answer: unknown = await vault.request({
      method: request.method,
      path: `/${request.path}${request.query ?? ''}`,
      headers,
      timeout: request.timeoutMs ?? options.timeoutMs ?? 5000,
      ...(request.body === undefined ? {} : { json: request.body }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    return answer;
  };
}
