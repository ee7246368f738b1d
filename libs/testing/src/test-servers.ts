import type { Toolchain, VaultAccess } from '@ecluse/local-stack';

/** The real servers that the global setup of project `int` started, shared by all its spec files. */
export interface TestServers {
  readonly postgres: {
    readonly host: '127.0.0.1';
    readonly port: number;
    /** Superuser, database `postgres`. */
    readonly superuserUrl: string;
    /** Superuser, database `erp`: to look at and to break the ERP. */
    readonly erpUrl: string;
    /** Folder of the server's connection URLs, keys and passwords. */
    readonly secrets: string;
  };
  /** The root token is there to prepare and to break things; the code under test logs in with an AppRole. */
  readonly vault: VaultAccess;
  readonly temporal: {
    /** `host:port` */
    readonly address: string;
    readonly namespace: string;
  };
  /** Programs and folders, for specs that start servers of their own. */
  readonly toolchain: Toolchain;
}

/** How the global setup hands the servers to the spec files. */
export const TEST_SERVERS_VARIABLE = 'ECLUSE_TEST_SERVERS';

/** The servers of this test run. Throws in a spec that is not an `.int-spec.ts`. */
export function testServers(): TestServers {
  const text = process.env[TEST_SERVERS_VARIABLE];
  if (text === undefined)
    throw new Error('No test servers: name the file .int-spec.ts and run Jest project "int".');
  return JSON.parse(text) as TestServers;
}
