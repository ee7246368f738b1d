export { createConnectorCallActivities, createFirstTry } from './connector-call.activities.js';
export type { ConnectorCallDeps, ConnectorCatalog, EffectOutputs } from './connector-call-deps.js';
export {
  ConnectionCircuits,
  type CircuitObserver,
  type CircuitPass,
  type ConnectionCircuitsDeps,
} from './circuit/connection-circuits.js';
export { CIRCUIT_DEFAULTS, type CircuitSettings } from './circuit/circuit.js';
export { createShortCalls } from './short-calls.js';
// For batches, which make the same call for many runs.
export { attemptEndOf, attemptOf, logAttempt, type Attempt } from './attempt.js';
export { CallRefused } from './call-refused.js';
export { LEASE_MARGIN_MS } from './call-remote.js';
export { findTarget, type CallTarget } from './call-target.js';
export { awaitConnection } from './await-connection.js';
export { callOnce, mapInput, mapOutput } from './connector-call.activities.js';
export { beginEffect, settleEffect, type Effect } from './effect.js';
export { whileHeartbeating } from './heartbeat.js';
