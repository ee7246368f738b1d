import type { DeliveryState } from '@ecluse/contracts';

/** Ciphertext of a body or value, with what is needed to open it again. See `@ecluse/payload-crypto`. */
export interface SealedBytes {
  ciphertext: Buffer;
  /** Data key as wrapped by Vault transit. */
  wrappedKey: string;
  /** Name of the transit key that wrapped it. */
  keyName: string;
}

/**
 * What the source's ordered flows order this delivery by: by path into the body, a hash of the value there. A path
 * whose value is missing is missing here.
 */
export type OrderKeys = Record<string, OrderKey>;
export interface OrderKey {
  /** 32 hex characters of a SHA-256: the value itself may be personal. */
  key: string;
  /** Value of the flows' sequence field; null when none is named, or when it holds no safe integer. */
  sequence: number | null;
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
  /** Absent where no flow of the source is ordered. */
  orderKeys?: OrderKeys;
}
export type InsertOutcome =
  { kind: 'inserted'; id: string } | { kind: 'duplicate'; id: string; sameBody: boolean };

/** Another body under a key that is taken: an error of the sender, or a forgery. */
export interface DeliveryConflict {
  tenant: string;
  source: string;
  /** The delivery that holds the key. */
  deliveryId: string;
  /** Conflicts of this source that this one stands for, itself included. */
  count: number;
  requestId: string;
}

/** The door's only way to write. */
export interface InboxWriter {
  /**
   * Resolves after the commit, which concurrent inserts share. Throws INBOX_UNAVAILABLE, also when PostgreSQL takes
   * longer than the door waits (the delivery may then be stored all the same: its repetition gets the first one's
   * id), DISK_FULL. Notifies the dispatcher.
   */
  insert(delivery: NewDelivery): Promise<InsertOutcome>;
  /** Writes a security event to the tenant's audit. Throws INBOX_UNAVAILABLE, DISK_FULL. */
  reportConflict(conflict: DeliveryConflict): Promise<void>;
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
  /** `bodyEdit`: that replacement of the body instead of the original. Throws NOT_FOUND. */
  load(
    tenant: string,
    deliveryId: string,
    bodyEdit?: number,
  ): Promise<StoredDelivery & { body: SealedBytes }>;
}
