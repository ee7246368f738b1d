import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Client } from 'pg';
import { readSecretFile, writeSecretFile } from '../servers/secret-file.js';
import type { StackHome } from '../stack-home.js';

/** Roles of the admin API that get a key at bootstrap. */
export const KEY_ROLES = ['viewer', 'operator', 'admin'] as const;
export type KeyRole = (typeof KEY_ROLES)[number];

const KEY_FORMAT = /^ecl_([a-z2-7]{12})_([A-Za-z0-9_-]{43})$/;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** Path of the key file of a role: `secrets/<role>-api-key`. */
export function apiKeyFile(home: StackHome, role: KeyRole): string {
  return join(home.secrets, `${role}-api-key`);
}

/**
 * Makes one API key per role, valid for a year; a key that is unknown to the database, revoked or over in a week
 * is replaced. Only the hash is stored. Runs as owner of the schema, audited in the same transaction.
 */
export async function ensureApiKeys(client: Client, home: StackHome, tenant: string): Promise<void> {
  for (const role of KEY_ROLES) {
    const kept = KEY_FORMAT.exec((await readSecretFile(apiKeyFile(home, role))) ?? '');
    if (
      kept?.[1] !== undefined &&
      kept[2] !== undefined &&
      (await isValid(client, kept[1], kept[2], tenant, role))
    )
      continue;
    const keyId = Array.from(randomBytes(12), (byte) => BASE32[byte % 32]).join('');
    const secret = randomBytes(32).toString('base64url');
    // The file first: a key that no database knows yet opens nothing and is replaced at the next start.
    await writeSecretFile(apiKeyFile(home, role), `ecl_${keyId}_${secret}\n`);
    await storeKey(client, { keyId, secret, tenant, role });
  }
}

async function isValid(
  client: Client,
  keyId: string,
  secret: string,
  tenant: string,
  role: KeyRole,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM api_keys WHERE key_id = $1 AND secret_sha256 = $2 AND tenant = $3 AND role = $4
       AND revoked_at IS NULL AND expires_at > now() + interval '7 days'`,
    [keyId, sha256(secret), tenant, role],
  );
  return rowCount === 1;
}

interface NewKey {
  readonly keyId: string;
  readonly secret: string;
  readonly tenant: string;
  readonly role: KeyRole;
}

async function storeKey(client: Client, { keyId, secret, tenant, role }: NewKey): Promise<void> {
  await client.query('BEGIN');
  await client.query(
    `INSERT INTO api_keys (key_id, tenant, name, role, secret_sha256, expires_at)
     VALUES ($1, $2, $3, $4, $5, now() + interval '1 year')`,
    [keyId, tenant, `local-${role}`, role, sha256(secret)],
  );
  await client.query(
    `INSERT INTO audit (tenant, actor, action, resource, detail) VALUES ($1, 'bootstrap', 'api_key.create', $2, $3)`,
    [tenant, `api-keys/${keyId}`, { role }],
  );
  await client.query('COMMIT');
}

function sha256(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
