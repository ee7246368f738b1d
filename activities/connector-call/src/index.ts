export { createConnectorCallActivities } from './connector-call.activities.js';
export type { ConnectorCallDeps, ConnectorCatalog, EffectOutputs } from './connector-call-deps.js';
export {
  ConnectionCircuits,
  type CircuitObserver,
  type CircuitPass,
  type ConnectionCircuitsDeps,
} from './circuit/connection-circuits.js';
export { CIRCUIT_DEFAULTS, type CircuitSettings } from './circuit/circuit.js';
