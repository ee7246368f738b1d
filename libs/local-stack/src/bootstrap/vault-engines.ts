import { vaultAuditLog } from '../servers/vault-server.js';
import { waitUntil } from '../servers/wait-until.js';
import type { StackHome } from '../stack-home.js';
import { type VaultApi, dataOf } from './vault-api.js';

const MOUNTS = {
  kv: { type: 'kv', options: { version: '2' } },
  'transit-payload': { type: 'transit' },
  database: { type: 'database' },
};

/** Mounts the secrets engines and AppRole. */
export async function ensureMounts(api: VaultApi): Promise<void> {
  const mounted = dataOf(await api.call('GET', 'sys/mounts'));
  for (const [path, mount] of Object.entries(MOUNTS)) {
    if (!(`${path}/` in mounted)) await api.call('POST', `sys/mounts/${path}`, mount);
  }
  const authMounts = dataOf(await api.call('GET', 'sys/auth'));
  if (!('approle/' in authMounts)) await api.call('POST', 'sys/auth/approle', { type: 'approle' });
  // A fresh kv engine answers 400 for a moment, while it prepares itself for versions.
  await waitUntil(async () => (await api.ask('GET', 'kv/config')).status === 200, 10_000);
}

/** Writes every request to `logs/vault-audit.log`, values hashed; the workflow id in clear. */
export async function ensureAudit(api: VaultApi, home: StackHome): Promise<void> {
  const devices = dataOf(await api.call('GET', 'sys/audit'));
  if (!('file/' in devices)) {
    const options = { file_path: vaultAuditLog(home) };
    await api.call('POST', 'sys/audit/file', { type: 'file', options });
  }
  await api.call('POST', 'sys/config/auditing/request-headers/x-ecluse-workflow-id', { hmac: false });
}

/** Keys that wrap data keys: stored bodies by tenant, Temporal payloads by namespace. Existing keys stay. */
export async function ensureTransitKeys(api: VaultApi, tenant: string, namespace: string): Promise<void> {
  for (const key of [`tenant-${tenant}`, `ns-${namespace}`]) {
    await api.call('POST', `transit-payload/keys/${key}`, { type: 'aes256-gcm96' });
  }
}

/** Loads every policy; the file name is the policy's name. */
export async function writePolicies(api: VaultApi, policies: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, policy] of policies) await api.call('PUT', `sys/policies/acl/${name}`, { policy });
}
