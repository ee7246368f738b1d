export { settingsDifferences } from './documented-settings.js';
export { eventually, type EventuallyOptions } from './eventually.js';
export { startTestServers, type StartedTestServers } from './start-test-servers.js';
export { createTestDatabase, TEMPLATE_DATABASE, type TestDatabase } from './test-database.js';
export { TEST_SERVERS_VARIABLE, testServers, type TestServers } from './test-servers.js';
export { uniqueName } from './unique-name.js';
export { createTestAppRole, vaultAsRoot, type VaultRootAnswer } from './vault-as-root.js';
