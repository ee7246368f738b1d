export { describeConnectorConformance, type ConformanceHarness } from './connector-conformance.js';
