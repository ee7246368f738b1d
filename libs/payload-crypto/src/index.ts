export {
  tenantKeyName,
  namespaceKeyName,
  bodyAad,
  effectAad,
  batchAad,
  type Sealed,
  type DataKeySource,
  type Sealer,
} from './sealer.js';
export { createVaultDataKeys } from './vault-data-keys.js';
export { createSealer, type SealerOptions } from './create-sealer.js';
export { createTemporalCodec, ENCRYPTED_ENCODING, type TemporalCodecOptions } from './temporal-codec.js';
