import { BreakableServiceConfig, FromEnv, FromOptionalPort, FromPort, FromSecretFile } from '@ecluse/config';
import { IsIn, IsInt, IsNotEmpty, IsString, Matches, Max, Min, ValidateIf } from 'class-validator';

/** Which parts of the ingress this process runs. */
export const INGRESS_ROLES = ['both', 'door', 'dispatcher'] as const;
export type IngressRole = (typeof INGRESS_ROLES)[number];

const asDoor = (config: IngressConfig): boolean => config.role !== 'dispatcher';
const asDispatcher = (config: IngressConfig): boolean => config.role !== 'door';
/**
 * Settings of the ingress. Door and dispatcher have identities of their own, also in one process: what verifies
 * strangers' requests holds no right to start runs, and the other way round.
 */
export class IngressConfig extends BreakableServiceConfig {
  @FromEnv('ECLUSE_INGRESS_ROLE')
  @IsIn(INGRESS_ROLES)
  role: IngressRole = 'both';

  @FromEnv('ECLUSE_TEMPORAL_ADDRESS')
  @ValidateIf(asDispatcher)
  @Matches(/^[^\s:/]+:\d{1,5}$/, { message: 'expected host:port' })
  temporalAddress!: string;

  @FromEnv('ECLUSE_DOOR_HOST')
  @IsString()
  @IsNotEmpty()
  doorHost = '127.0.0.1';

  @FromPort('ECLUSE_DOOR_PORT')
  doorPort = 8700;

  @FromPort('ECLUSE_DISPATCHER_HEALTH_PORT')
  dispatcherHealthPort = 8709;

  @FromSecretFile('ECLUSE_DOOR_DATABASE_URL_FILE')
  @ValidateIf(asDoor)
  @IsNotEmpty()
  doorDatabaseUrl!: string;

  @FromSecretFile('ECLUSE_DISPATCHER_DATABASE_URL_FILE')
  @ValidateIf(asDispatcher)
  @IsNotEmpty()
  dispatcherDatabaseUrl!: string;

  @FromEnv('ECLUSE_DOOR_VAULT_ROLE_ID')
  @ValidateIf(asDoor)
  @IsNotEmpty()
  doorVaultRoleId!: string;

  /** Path of the file; it is read at each login, so that a rotated secret id needs no restart. */
  @FromEnv('ECLUSE_DOOR_VAULT_SECRET_ID_FILE')
  @ValidateIf(asDoor)
  @IsNotEmpty()
  doorVaultSecretIdFile!: string;

  @FromEnv('ECLUSE_DISPATCHER_VAULT_ROLE_ID')
  @ValidateIf(asDispatcher)
  @IsNotEmpty()
  dispatcherVaultRoleId!: string;

  /** Path of the file; it is read at each login, so that a rotated secret id needs no restart. */
  @FromEnv('ECLUSE_DISPATCHER_VAULT_SECRET_ID_FILE')
  @ValidateIf(asDispatcher)
  @IsNotEmpty()
  dispatcherVaultSecretIdFile!: string;

  /** Largest body of any source, bytes; a source may ask for less. */
  @FromEnv('ECLUSE_DOOR_MAX_BODY_BYTES')
  @IsInt()
  @Min(1_024)
  @Max(16_777_216)
  doorMaxBodyBytes = 1_048_576;

  /** Bytes of bodies held at once, as they arrive; more are asked to come back later. */
  @FromEnv('ECLUSE_DOOR_MAX_IN_FLIGHT_BYTES')
  @IsInt()
  @Min(1_048_576)
  @Max(1_073_741_824)
  doorMaxInFlightBytes = 67_108_864;

  /**
   * Longest wait for PostgreSQL before a verified delivery is asked to come back, milliseconds. Waiting inserts count
   * against it: at three quarters of it, no more are let in.
   */
  @FromEnv('ECLUSE_DOOR_ANSWER_WITHIN_MS')
  @IsInt()
  @Min(100)
  @Max(10_000)
  doorAnswerWithinMs = 800;

  /** Verified deliveries that may wait for a place in a shared insert; more are asked to come back later. */
  @FromEnv('ECLUSE_DOOR_MAX_WAITING')
  @IsInt()
  @Min(1)
  @Max(100_000)
  doorMaxWaiting = 5_000;

  /** Delay of the event loop beyond which deliveries are asked to come back, milliseconds. */
  @FromEnv('ECLUSE_DOOR_MAX_LOOP_DELAY_MS')
  @IsInt()
  @Min(50)
  @Max(10_000)
  doorMaxLoopDelayMs = 400;

  /** Address of the metrics listener. */
  @FromEnv('ECLUSE_INGRESS_METRICS_HOST')
  @IsNotEmpty()
  metricsHost = '127.0.0.1';

  /** Port of the metrics listener; none when it is not set. */
  @FromOptionalPort('ECLUSE_INGRESS_METRICS_PORT')
  metricsPort?: number;

  /** How long webhook secrets are used without asking Vault again, seconds. */
  @FromEnv('ECLUSE_DOOR_SECRET_CACHE_SECONDS')
  @IsInt()
  @Min(1)
  @Max(900)
  doorSecretCacheSeconds = 300;

  /** Slow look for work that no notification announced, seconds. */
  @FromEnv('ECLUSE_DISPATCHER_POLL_SECONDS')
  @IsInt()
  @Min(1)
  @Max(300)
  dispatcherPollSeconds = 5;

  /** Starts in Temporal at once; fewer while it is overloaded. */
  @FromEnv('ECLUSE_DISPATCHER_CONCURRENCY')
  @IsInt()
  @Min(1)
  @Max(500)
  dispatcherConcurrency = 32;

  /** Runs of one flow without batches that Temporal may hold before a worker opens them; the others wait in PostgreSQL. */
  @FromEnv('ECLUSE_DISPATCHER_OWN_RUNS')
  @IsInt()
  @Min(1)
  @Max(100_000)
  dispatcherOwnRuns = 64;

  /** Batches of one flow at once. */
  @FromEnv('ECLUSE_DISPATCHER_BATCHES')
  @IsInt()
  @Min(1)
  @Max(1_000)
  dispatcherBatches = 4;

  /** Between two looks whether Temporal still has what is under way, seconds. */
  @FromEnv('ECLUSE_DISPATCHER_RECONCILE_SECONDS')
  @IsInt()
  @Min(1)
  @Max(3_600)
  dispatcherReconcileSeconds = 5;

  /** Runs under way longer than this are looked for in Temporal, seconds. */
  @FromEnv('ECLUSE_DISPATCHER_RECONCILE_AFTER_SECONDS')
  @IsInt()
  @Min(1)
  @Max(86_400)
  dispatcherReconcileAfterSeconds = 90;
}
