export { SqlConnector } from './sql.connector.js';
