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

const LOAD_EDITED = `
SELECT i.id, i.tenant, i.source, i.delivery_key, i.received_at, i.content_type, i.state,
       e.ciphertext, e.wrapped_key, e.key_name, e.edit_no
FROM unnest($2::uuid[], $3::int[]) AS w (id, edit_no)
  JOIN body_edits e ON e.delivery_id = w.id AND e.edit_no = w.edit_no
  JOIN inbox i ON i.id = e.delivery_id
WHERE i.tenant = $1 AND e.tenant = $1`;

interface Edited {
  deliveryId: string;
  bodyEdit: number;
}
const LOAD_EDITED_DELIVERIES: JournalKind<Edited, StoredDelivery & { body: SealedBytes }> = {
  async execute(sql, tenant, wanted) {
    const columns = [wanted.map(({ deliveryId }) => deliveryId), wanted.map(({ bodyEdit }) => bodyEdit)];
    const rows = await sql.rows<Row & { edit_no: number }>(LOAD_EDITED, [tenant, ...columns]);
    return wanted.map(({ deliveryId, bodyEdit }) => {
      const row = rows.find(({ id, edit_no }) => id === deliveryId && edit_no === bodyEdit);
      return row === undefined
        ? new EcluseError('NOT_FOUND', { detail: `edit ${bodyEdit} of delivery ${deliveryId}` })
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

  load(
    tenant: string,
    deliveryId: string,
    bodyEdit?: number,
  ): Promise<StoredDelivery & { body: SealedBytes }> {
    if (bodyEdit !== undefined) {
      return this.#journal.submit(LOAD_EDITED_DELIVERIES, tenant, { deliveryId, bodyEdit });
    }
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
