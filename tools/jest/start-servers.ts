import type * as Testing from '@ecluse/testing';
import { importFromSource } from './import-from-source.mjs';

declare global {
  var ecluseTestServers: Testing.StartedTestServers | undefined;
}

/** Global setup of project `int`: one PostgreSQL, Temporal and Vault for all its spec files. Jest calls the default export. */
export default async function startServers(): Promise<void> {
  const { startTestServers, TEST_SERVERS_VARIABLE } = (await importFromSource(
    '@ecluse/testing',
  )) as typeof Testing;
  globalThis.ecluseTestServers = await startTestServers();
  process.env[TEST_SERVERS_VARIABLE] = JSON.stringify(globalThis.ecluseTestServers.servers);
}
