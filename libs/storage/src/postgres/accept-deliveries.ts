import type { NewDelivery } from '../inbox.js';
import type { Prepared } from './pg-pool.js';

/** A delivery that was not stored, because its key is taken. */
export interface AcceptedRow {
  given_id: string;
  stored_id: string;
  same_body: boolean;
}

/** Role `ecluse_door`; the function is in the migrations. */
export const ACCEPT_DELIVERIES: Prepared = {
  name: 'accept_deliveries',
  text: `SELECT * FROM accept_deliveries($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
};

/** Parameters: one array per column. Ciphertexts go as one binary value; as an array they would be sent in hex. */
export function acceptValues(tenant: string, deliveries: readonly NewDelivery[]): unknown[] {
  const sizes = deliveries.map(({ body }) => body.ciphertext.length);
  let end = 0;
  const offsets = sizes.map((size) => (end += size) - size);
  return [
    tenant,
    deliveries.map(({ id }) => id),
    deliveries.map(({ source }) => source),
    deliveries.map(({ deliveryKey }) => deliveryKey),
    deliveries.map(({ bodySha256 }) => bodySha256),
    deliveries.map(({ bodyBytes }) => bodyBytes),
    deliveries.map(({ contentType }) => contentType),
    deliveries.map(({ secretId }) => secretId),
    deliveries.map(({ orderKeys }) => (orderKeys === undefined ? null : JSON.stringify(orderKeys))),
    Buffer.concat(
      deliveries.map(({ body }) => body.ciphertext),
      end,
    ),
    offsets,
    sizes,
    deliveries.map(({ body }) => body.wrappedKey),
    deliveries.map(({ body }) => body.keyName),
  ];
}
