import type { DataSource } from 'typeorm';
import type { JsonObject } from '@ecluse/contracts';
import type { ConnectionReader, StoredConnection } from '../definitions.js';
import { withTenant } from './sql-session.js';

const FIND = 'SELECT spec, row_version FROM connections WHERE tenant = $1 AND name = $2';

/** Role `ecluse_worker`. */
export class PostgresConnectionReader implements ConnectionReader {
  constructor(private readonly dataSource: DataSource) {}

  async find(tenant: string, name: string): Promise<StoredConnection | undefined> {
    const [row] = await withTenant(this.dataSource, tenant, (sql) =>
      sql.rows<{ spec: JsonObject; row_version: number }>(FIND, [tenant, name]),
    );
    return row === undefined ? undefined : { tenant, name, spec: row.spec, rowVersion: row.row_version };
  }
}
