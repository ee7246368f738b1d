import type { DataSource } from 'typeorm';
import type { DeliveryState } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import type { DeliveryReader, SealedBytes, StoredDelivery } from '../inbox.js';
import { withTenant } from './sql-session.js';

interface Row {
  id: string;
  tenant: string;
  source: string;
  delivery_key: string;
  received_at: Date;
  content_type: string;
  state: DeliveryState;
  ciphertext: Buffer;
  wrapped_key: string;
  key_name: string;
}

const LOAD = `
SELECT i.id, i.tenant, i.source, i.delivery_key, i.received_at, i.content_type, i.state,
       b.ciphertext, b.wrapped_key, b.key_name
FROM inbox i JOIN inbox_bodies b ON b.received_day = i.received_day AND b.delivery_id = i.id
WHERE i.tenant = $1 AND i.id = $2`;

/** Role `ecluse_worker`. */
export class PostgresDeliveryReader implements DeliveryReader {
  constructor(private readonly dataSource: DataSource) {}

  async load(tenant: string, deliveryId: string): Promise<StoredDelivery & { body: SealedBytes }> {
    const [row] = await withTenant(this.dataSource, tenant, (sql) =>
      sql.rows<Row>(LOAD, [tenant, deliveryId]),
    );
    if (row === undefined)
      throw new EcluseError('NOT_FOUND', { detail: `delivery ${deliveryId} or its body` });
    return {
      id: row.id,
      tenant: row.tenant,
      source: row.source,
      deliveryKey: row.delivery_key,
      receivedAt: row.received_at,
      contentType: row.content_type,
      state: row.state,
      body: { ciphertext: row.ciphertext, wrappedKey: row.wrapped_key, keyName: row.key_name },
    };
  }
}
