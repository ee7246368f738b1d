export {
  tenantKeyName,
  namespaceKeyName,
  bodyAad,
  effectAad,
  type Sealed,
  type DataKeySource,
  type Sealer,
} from './sealer.js';
