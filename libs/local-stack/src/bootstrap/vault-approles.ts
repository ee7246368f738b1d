import { join } from 'node:path';
import { readSecretFile, writeSecretFile } from '../servers/secret-file.js';
import type { StackHome } from '../stack-home.js';
import { SERVICES, type ServiceName } from './services.js';
import { type VaultApi, textOf } from './vault-api.js';

/** How a service logs in. */
export interface AppRoleAccess {
  readonly roleId: string;
  /** File (0600) that holds the secret id. */
  readonly secretIdFile: string;
}

/**
 * Door and dispatcher only read and encrypt: batch tokens, which cost Vault no storage and end by themselves.
 * The worker holds leases, which live as long as its token; the admin API keeps one token too.
 */
const TOKENS: Record<ServiceName, Record<string, unknown>> = {
  door: { token_type: 'batch', token_ttl: '20m' },
  dispatcher: { token_type: 'batch', token_ttl: '20m' },
  worker: { token_type: 'service', token_period: '1h' },
  'admin-api': { token_type: 'service', token_period: '1h' },
};

/** One AppRole per service, with `base`, its own policy, and for the worker the policy of every connection. */
export async function ensureAppRoles(
  api: VaultApi,
  home: StackHome,
  policyNames: readonly string[],
): Promise<Record<ServiceName, AppRoleAccess>> {
  const connections = policyNames.filter((name) => name.startsWith('conn-'));
  const made = SERVICES.map(async (service): Promise<[ServiceName, AppRoleAccess]> => {
    const policies = ['base', service, ...(service === 'worker' ? connections : [])];
    await api.call('POST', `auth/approle/role/${service}`, {
      token_policies: policies,
      token_no_default_policy: true,
      ...TOKENS[service],
    });
    const roleId = textOf(await api.call('GET', `auth/approle/role/${service}/role-id`), 'role_id');
    return [service, { roleId, secretIdFile: await ensureSecretId(api, home, service) }];
  });
  return Object.fromEntries(await Promise.all(made)) as Record<ServiceName, AppRoleAccess>;
}

/** The kept secret id while Vault knows it: services that still run from before must be able to log in again. */
async function ensureSecretId(api: VaultApi, home: StackHome, service: ServiceName): Promise<string> {
  const file = join(home.secrets, `${service}-vault-secret-id`);
  const kept = await readSecretFile(file);
  if (kept !== undefined && kept !== '') {
    const known = await api.ask('POST', `auth/approle/role/${service}/secret-id/lookup`, { secret_id: kept });
    if (known.status === 200) return file;
  }
  const secretId = textOf(await api.call('POST', `auth/approle/role/${service}/secret-id`, {}), 'secret_id');
  await writeSecretFile(file, `${secretId}\n`);
  return file;
}
