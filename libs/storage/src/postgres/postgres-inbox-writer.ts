import type { DataSource } from 'typeorm';
import type { InboxWriter, InsertOutcome, NewDelivery } from '../inbox.js';
import { INBOX_CHANNEL } from './pg-listener.js';
import { withTenant, type SqlSession } from './sql-session.js';

/** Identity, body and wake-up in one statement: nothing of it is visible without the rest. */
const INSERT = `
WITH identity AS (
  INSERT INTO inbox (id, tenant, source, delivery_key, body_sha256, body_bytes, content_type, secret_id)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
  ON CONFLICT (tenant, source, delivery_key) DO NOTHING
  RETURNING id, tenant, received_day
), body AS (
  INSERT INTO inbox_bodies (delivery_id, tenant, received_day, ciphertext, wrapped_key, key_name)
  SELECT id, tenant, received_day, $9, $10, $11 FROM identity
)
SELECT id, pg_notify('${INBOX_CHANNEL}', '') FROM identity`;

const FIND = `
SELECT id, body_sha256 = $4 AS same_body FROM inbox WHERE tenant = $1 AND source = $2 AND delivery_key = $3`;

/** Role `ecluse_door`. */
export class PostgresInboxWriter implements InboxWriter {
  constructor(private readonly dataSource: DataSource) {}

  async insert(delivery: NewDelivery): Promise<InsertOutcome> {
    return withTenant(this.dataSource, delivery.tenant, (sql) => insertOnce(sql, delivery), {
      unavailable: 'INBOX_UNAVAILABLE',
    });
  }
}

async function insertOnce(sql: SqlSession, delivery: NewDelivery): Promise<InsertOutcome> {
  const { id, tenant, source, deliveryKey, bodySha256, body } = delivery;
  const inserted = await sql.rows(INSERT, [
    ...[
      id,
      tenant,
      source,
      deliveryKey,
      bodySha256,
      delivery.bodyBytes,
      delivery.contentType,
      delivery.secretId,
    ],
    ...[body.ciphertext, body.wrappedKey, body.keyName],
  ]);
  if (inserted.length > 0) return { kind: 'inserted', id };
  // A statement of its own: the conflicting row may be younger than the first statement's snapshot.
  const [earlier] = await sql.rows<{ id: string; same_body: boolean }>(FIND, [
    tenant,
    source,
    deliveryKey,
    bodySha256,
  ]);
  if (earlier === undefined) throw new Error('The conflicting delivery is not visible');
  return { kind: 'duplicate', id: earlier.id, sameBody: earlier.same_body };
}
