import { testServers } from './test-servers.js';

/** Vault's answer to a call with the root token. */
export interface VaultRootAnswer {
  readonly status: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly auth: Readonly<Record<string, unknown>>;
  readonly errors: readonly string[];
}

/** Prepares and breaks things in the test run's Vault; any status is an answer. The code under test never gets this. */
export async function vaultAsRoot(method: string, path: string, body?: unknown): Promise<VaultRootAnswer> {
  const { address, rootToken } = testServers().vault;
  const response = await fetch(`${address}/v1/${path}`, {
    method,
    headers: { 'x-vault-token': rootToken, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = (text === '' ? {} : JSON.parse(text)) as Partial<VaultRootAnswer>;
  return {
    status: response.status,
    data: answer.data ?? {},
    auth: answer.auth ?? {},
    errors: answer.errors ?? [],
  };
}

/** A login of its own for one spec: an AppRole with exactly `policies`. */
export async function createTestAppRole(
  name: string,
  policies: readonly string[],
  settings: Readonly<Record<string, unknown>> = {},
): Promise<{ roleId: string; secretId: string }> {
  const role = `auth/approle/role/${name}`;
  await vaultAsRoot('POST', role, { token_policies: policies, token_no_default_policy: true, ...settings });
  const { data: id } = await vaultAsRoot('GET', `${role}/role-id`);
  const { data: secret } = await vaultAsRoot('POST', `${role}/secret-id`, {});
  return { roleId: String(id['role_id']), secretId: String(secret['secret_id']) };
}
