export { sqlConnectorCheck } from '../sql-connector-check.js';
