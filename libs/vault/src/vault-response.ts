import { EcluseError } from '@ecluse/errors';
import type { VaultResponse } from './vault-client.js';
import type { GrantedToken } from './vault-session.js';

/** Keeps the members that the product reads, with checked types. */
export function toVaultResponse(body: unknown): VaultResponse {
  if (!isRecord(body)) return {};
  const response: VaultResponse = {};
  if (typeof body['lease_id'] === 'string' && body['lease_id'] !== '') response.lease_id = body['lease_id'];
  if (typeof body['lease_duration'] === 'number') response.lease_duration = body['lease_duration'];
  if (typeof body['renewable'] === 'boolean') response.renewable = body['renewable'];
  if (isRecord(body['data'])) response.data = body['data'];
  const auth = body['auth'];
  if (
    isRecord(auth) &&
    typeof auth['client_token'] === 'string' &&
    typeof auth['lease_duration'] === 'number'
  ) {
    response.auth = {
      client_token: auth['client_token'],
      lease_duration: auth['lease_duration'],
      renewable: auth['renewable'] === true,
      ...(typeof auth['token_type'] === 'string' ? { token_type: auth['token_type'] } : {}),
      ...(typeof auth['accessor'] === 'string' ? { accessor: auth['accessor'] } : {}),
    };
  }
  return response;
}

/** Throws VAULT_MISUSED when the answer grants no token. */
export function toGrantedToken(response: VaultResponse): GrantedToken {
  if (response.auth === undefined)
    throw new EcluseError('VAULT_MISUSED', { detail: 'Vault granted no token' });
  const { client_token, lease_duration, renewable, token_type } = response.auth;
  return { token: client_token, ttlMs: lease_duration * 1000, renewable, revocable: token_type !== 'batch' };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
