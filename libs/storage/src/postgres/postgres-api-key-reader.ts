import type { DataSource } from 'typeorm';
import type { Role } from '@ecluse/contracts';
import type { ApiKeyReader, StoredApiKey } from '../admin-access.js';
import { single } from './sql-session.js';

interface Row {
  key_id: string;
  tenant: string;
  name: string;
  role: Role;
  secret_sha256: string;
  expires_at: Date;
  revoked_at: Date | null;
}

/** Role `ecluse_admin_api`, which can ask for one key at a time and cannot list them. */
export class PostgresApiKeyReader implements ApiKeyReader {
  constructor(private readonly dataSource: DataSource) {}

  async find(keyId: string): Promise<StoredApiKey | undefined> {
    const [row] = await single<Row>(this.dataSource, 'SELECT * FROM api_key_by_id($1)', [keyId]);
    if (row === undefined) return undefined;
    return {
      keyId: row.key_id,
      tenant: row.tenant,
      name: row.name,
      role: row.role,
      secretSha256: row.secret_sha256,
      expiresAt: row.expires_at,
      revokedAt: row.revoked_at,
    };
  }
}
