import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { PostgresServer } from '../servers/postgres-server.js';
import { inSession } from './postgres-session.js';
import { ERP_DATABASE, VAULT_ADMIN_ROLE } from './services.js';
import type { VaultApi } from './vault-api.js';

const PLUGIN = 'postgresql-database-plugin';

/** Registers the plugin's hash: Vault runs nothing else under that name. Again after every rebuild. */
export async function registerPlugin(api: VaultApi, pluginDirectory: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(join(pluginDirectory, PLUGIN)), hash);
  await api.call('POST', `sys/plugins/catalog/database/${PLUGIN}`, {
    sha256: hash.digest('hex'),
    command: PLUGIN,
  });
}

/**
 * Points Vault at the ERP's database. The first time, `vault_admin` gets a password that Vault then changes, so
 * only Vault knows it; later only the address is updated. When the password no longer fits (one of the two was
 * reset), it is set anew.
 */
export async function ensureDatabaseConfig(
  api: VaultApi,
  postgres: Pick<PostgresServer, 'port' | 'superuserUrl'>,
  roles: readonly string[],
): Promise<void> {
  const config = {
    plugin_name: PLUGIN,
    connection_url: `postgresql://{{username}}:{{password}}@127.0.0.1:${String(postgres.port)}/${ERP_DATABASE}?sslmode=disable`,
    username: VAULT_ADMIN_ROLE,
    allowed_roles: roles,
    password_authentication: 'scram-sha-256',
    verify_connection: true,
  };
  const path = `database/config/${ERP_DATABASE}`;
  const known = (await api.ask('GET', path)).status === 200;
  if (known && (await api.ask('POST', path, config)).status < 300) return;
  const password = randomBytes(24).toString('base64url');
  await inSession(postgres.superuserUrl, async (client) => {
    await client.query(`ALTER ROLE ${VAULT_ADMIN_ROLE} PASSWORD ${client.escapeLiteral(password)}`);
  });
  await api.call('POST', path, { ...config, password });
  await api.call('POST', `database/rotate-root/${ERP_DATABASE}`, {});
}

/** Loads every role, as its file says. */
export async function writeDatabaseRoles(api: VaultApi, roles: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, role] of roles) await api.call('POST', `database/roles/${name}`, JSON.parse(role));
}
