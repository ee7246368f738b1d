import type { DeliveryState } from '@ecluse/contracts';

/** Ciphertext of a body or value, with what is needed to open it again. See `@ecluse/payload-crypto`. */
export interface SealedBytes {
  ciphertext: Buffer;
  /** Data key as wrapped by Vault transit. */
  wrappedKey: string;
  /** Name of the transit key that wrapped it. */
  keyName: string;
}

export interface NewDelivery {
  id: string;
  tenant: string;
  source: string;
  /** Key under which the sender's repetitions are recognised; at most 255 characters, hashed when longer. */
  deliveryKey: string;
  /** SHA-256 of the raw body, hex: tells a repetition from another body under the same key. */
  bodySha256: string;
  contentType: string;
  bodyBytes: number;
  body: SealedBytes;
  /** Version of the secret that verified it. */
  secretId: string;
}
export type InsertOutcome =
  { kind: 'inserted'; id: string } | { kind: 'duplicate'; id: string; sameBody: boolean };

/** The door's only way to write. */
export interface InboxWriter {
  /** One transaction; resolves after commit. Throws INBOX_UNAVAILABLE, DISK_FULL. Notifies the dispatcher. */
  insert(delivery: NewDelivery): Promise<InsertOutcome>;
}

export interface StoredDelivery {
  id: string;
  tenant: string;
  source: string;
  deliveryKey: string;
  receivedAt: Date;
  contentType: string;
  state: DeliveryState;
}
/** Reads the stored body of a delivery; used inside activities. */
export interface DeliveryReader {
  load(tenant: string, deliveryId: string): Promise<StoredDelivery & { body: SealedBytes }>;
}
