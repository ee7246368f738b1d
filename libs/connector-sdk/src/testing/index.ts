export { describeConnectorConformance } from './connector-conformance.js';
export type { ConformanceHarness } from './conformance-harness.js';
