import type { DataSource } from 'typeorm';
import type { DeliveryState } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import type { DeliveryReader, SealedBytes, StoredDelivery } from '../inbox.js';
import { WorkerJournal, type JournalKind } from './worker-journal.js';

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
WHERE i.tenant = $1 AND i.id = ANY($2::uuid[])`;

const LOAD_DELIVERIES: JournalKind<string, StoredDelivery & { body: SealedBytes }> = {
  async execute(sql, tenant, ids) {
    const rows = await sql.rows<Row>(LOAD, [tenant, ids]);
    const found = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => {
      const row = found.get(id);
      return row === undefined
        ? new EcluseError('NOT_FOUND', { detail: `delivery ${id} or its body` })
        : toStoredDelivery(row);
    });
  },
};

/** Role `ecluse_worker`. Reads share the transactions of the worker's writes. */
export class PostgresDeliveryReader implements DeliveryReader {
  readonly #journal: WorkerJournal;

  constructor(dataSource: DataSource) {
    this.#journal = WorkerJournal.of(dataSource);
  }

  load(tenant: string, deliveryId: string): Promise<StoredDelivery & { body: SealedBytes }> {
    return this.#journal.submit(LOAD_DELIVERIES, tenant, deliveryId);
  }
}

function toStoredDelivery(row: Row): StoredDelivery & { body: SealedBytes } {
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
