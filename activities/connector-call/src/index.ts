export { createConnectorCallActivities } from './connector-call.activities.js';
export type { ConnectorCallDeps, ConnectorCatalog, EffectOutputs } from './connector-call-deps.js';
