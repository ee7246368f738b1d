import { FromEnv, FromSecretFile } from '@ecluse/config';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  Min,
} from 'class-validator';

const VAULT_URL = { protocols: ['http', 'https'], require_protocol: true, require_tld: false };

/** Settings of a worker. */
export class WorkerConfig {
  @FromEnv('ECLUSE_LOG_LEVEL')
  @IsIn(['debug', 'info', 'warn', 'error'])
  logLevel = 'info';

  @FromEnv('ECLUSE_VAULT_ADDR')
  @IsUrl(VAULT_URL)
  vaultAddr!: string;

  @FromEnv('ECLUSE_TEMPORAL_ADDRESS')
  @Matches(/^[^\s:/]+:\d{1,5}$/, { message: 'expected host:port' })
  temporalAddress!: string;

  @FromEnv('ECLUSE_TEMPORAL_NAMESPACE')
  @Matches(/^[a-z0-9-]{1,63}$/, { message: 'expected 1 to 63 characters of a-z, 0-9 and -' })
  temporalNamespace = 'ecluse';

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

  @FromEnv('ECLUSE_WORKER_HEALTH_PORT')
  @IsInt()
  @Min(0)
  @Max(65_535)
  healthPort = 8708;

  /** Address of the metrics listener. */
  @FromEnv('ECLUSE_WORKER_METRICS_HOST')
  @IsNotEmpty()
  metricsHost = '127.0.0.1';

  /** Port of the metrics listener; none when it is not set. */
  @FromEnv('ECLUSE_WORKER_METRICS_PORT')
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(65_535)
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

  /** For tests: `enabled` lets `ECLUSE_FAILPOINT` end the process at a marked point. */
  @FromEnv('ECLUSE_FAILPOINTS')
  @IsOptional()
  @IsString()
  failpoints?: string;

  @FromEnv('ECLUSE_FAILPOINT')
  @IsOptional()
  @IsString()
  failpoint?: string;

  /** For tests: a file in this folder, named like a point, arms it once. */
  @FromEnv('ECLUSE_FAILPOINT_FOLDER')
  @IsOptional()
  @IsString()
  failpointFolder?: string;
}
