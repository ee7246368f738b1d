import { DataSource } from 'typeorm';
import { InitialSchema1764000000000 } from './migrations/1764000000000-initial-schema.js';
import { QueuesBatchesLanes1764100000000 } from './migrations/1764100000000-queues-batches-lanes.js';
import { LaneRepairs1764200000000 } from './migrations/1764200000000-lane-repairs.js';
import { ConnectionHolds1764300000000 } from './migrations/1764300000000-connection-holds.js';
import { observedClient, type StatementKind } from './observed-client.js';

/** Schema that holds every table of Ecluse. */
export const SCHEMA = 'ecluse';
/** Login roles that the migrations grant to; they must exist before. */
export const SERVICE_ROLES = [
  'ecluse_door',
  'ecluse_dispatcher',
  'ecluse_worker',
  'ecluse_admin_api',
] as const;
/** In order; one that was released is never edited. */
export const MIGRATIONS = [
  InitialSchema1764000000000,
  QueuesBatchesLanes1764100000000,
  LaneRepairs1764200000000,
  ConnectionHolds1764300000000,
];

export interface DataSourceSettings {
  /** `postgresql://role:password@host:port/database`. A secret. */
  url: string;
  /** Shown in pg_stat_activity, for example `ecluse-door`. */
  applicationName: string;
  /** Most connections at once. Default 10. */
  poolSize?: number;
  /** Longest statement, in milliseconds. Default 5000. */
  statementTimeoutMs?: number;
  /** Longest wait for a connection, new or free, in milliseconds. Default 3000. */
  connectTimeoutMs?: number;
  /** Told of each statement before it is sent; for metrics. */
  onStatement?: (kind: StatementKind) => void;
}

const CONNECT_TIMEOUT_MS = 3000;
/** Over the statement timeout: the client gives up on a server that no longer answers at all. */
const SILENCE_MS = 2000;

/**
 * A TypeORM data source for the schema `ecluse`; call `initialize()` before use and `destroy()` at the end.
 * Migrations only: it never changes the schema by itself.
 */
export function createDataSource(settings: DataSourceSettings): DataSource {
  const statementTimeout = settings.statementTimeoutMs ?? 5000;
  return new DataSource({
    type: 'postgres',
    url: settings.url,
    schema: SCHEMA,
    applicationName: settings.applicationName,
    poolSize: settings.poolSize ?? 10,
    connectTimeoutMS: settings.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    synchronize: false,
    logging: false,
    migrations: MIGRATIONS,
    migrationsTableName: 'migrations',
    // An idle connection that breaks is replaced by the pool; the next statement tells if the server is away.
    poolErrorHandler: () => undefined,
    extra: {
      options: `-c search_path=${SCHEMA},pg_temp -c timezone=UTC`,
      statement_timeout: statementTimeout,
      query_timeout: statementTimeout + SILENCE_MS,
      idle_in_transaction_session_timeout: 60_000,
      keepAlive: true,
      ...(settings.onStatement === undefined ? {} : { Client: observedClient(settings.onStatement) }),
    },
  });
}
