/** Ciphertext with the wrapped data key that opens it. AES-256-GCM: nonce(12) ‖ ciphertext ‖ tag(16). */
export interface Sealed {
  ciphertext: Buffer;
  wrappedKey: string;
  keyName: string;
}
/** Where data keys come from: Vault transit in production. */
export interface DataKeySource {
  /** A new data key of `keyName`, plain and wrapped. Throws VAULT_UNAVAILABLE, VAULT_DENIED. */
  create(keyName: string): Promise<{ plain: Buffer; wrapped: string }>;
  open(keyName: string, wrapped: string): Promise<Buffer>;
}
/** Envelope encryption with cached data keys. `aad` binds the ciphertext to its place; it is not stored. */
export interface Sealer {
  seal(keyName: string, plain: Buffer, aad: string): Promise<Sealed>;
  open(sealed: Sealed, aad: string): Promise<Buffer>;
}
/** Transit key of a tenant's stored payloads: bodies in the inbox, outputs in the effect ledger. */
export function tenantKeyName(tenant: string): string {
  return `tenant-${tenant}`;
}
/** Transit key of a Temporal namespace's payloads. */
export function namespaceKeyName(namespace: string): string {
  return `ns-${namespace}`;
}
/** Additional authenticated data of a delivery's body. */
export function bodyAad(tenant: string, deliveryId: string): string {
  return `ecluse/body|${tenant}|${deliveryId}`;
}
/** Additional authenticated data of an effect's stored output. */
export function effectAad(tenant: string, idempotencyKey: string): string {
  return `ecluse/effect|${tenant}|${idempotencyKey}`;
}
/** Additional authenticated data of the outputs that a batch keeps of one step. */
export function batchAad(tenant: string, batchId: string, stepId: string): string {
  return `ecluse/batch|${tenant}|${batchId}|${stepId}`;
}
