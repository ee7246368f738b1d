import { BreakableServiceConfig, FromEnv, FromOptionalPort, FromPort, FromSecretFile } from '@ecluse/config';
import { IsBoolean, IsInt, IsNotEmpty, Matches, Max, Min } from 'class-validator';

/** Settings of a worker. */
export class WorkerConfig extends BreakableServiceConfig {
  @FromEnv('ECLUSE_TEMPORAL_ADDRESS')
  @Matches(/^[^\s:/]+:\d{1,5}$/, { message: 'expected host:port' })
  temporalAddress!: string;

  @FromSecretFile('ECLUSE_WORKER_DATABASE_URL_FILE')
  @IsNotEmpty()
  databaseUrl!: string;

  @FromEnv('ECLUSE_WORKER_VAULT_ROLE_ID')
  @IsNotEmpty()
  vaultRoleId!: string;

  /** Path of the file; it is read at each login, so that a rotated secret id needs no restart. */
  @FromEnv('ECLUSE_WORKER_VAULT_SECRET_ID_FILE')
  @IsNotEmpty()
  vaultSecretIdFile!: string;

  @FromEnv('ECLUSE_WORKER_HEALTH_HOST')
  @IsNotEmpty()
  healthHost = '127.0.0.1';

  @FromPort('ECLUSE_WORKER_HEALTH_PORT')
  healthPort = 8708;

  /** Address of the metrics listener. */
  @FromEnv('ECLUSE_WORKER_METRICS_HOST')
  @IsNotEmpty()
  metricsHost = '127.0.0.1';

  /** Port of the metrics listener; none when it is not set. */
  @FromOptionalPort('ECLUSE_WORKER_METRICS_PORT')
  metricsPort?: number;

  /**
   * Steps that call a remote at once as normal activities; and, counted apart, local activities at once: short steps,
   * evaluations, and opening and closing of runs.
   */
  @FromEnv('ECLUSE_WORKER_MAX_CONCURRENT_CALLS')
  @IsInt()
  @Min(1)
  @Max(1_000)
  maxConcurrentCalls = 50;

  /**
   * Make this build the one that new runs start on, once it polls. For a single worker, such as the local stack's;
   * where builds are promoted by hand or ramped, leave it false.
   */
  @FromEnv('ECLUSE_WORKER_PROMOTE_BUILD')
  @IsBoolean()
  promoteBuild = false;
}
