import {
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  Min,
  MinLength,
} from 'class-validator';
import { FromEnv, FromSecretFile } from '@ecluse/config';
import { DEFAULT_NAMESPACE } from '@ecluse/contracts';

const HTTP_URL = { require_tld: false, require_protocol: true, protocols: ['http', 'https'] };

/** Configuration of the admin API. Secrets come from files. */
export class AdminApiConfig {
  @FromEnv('ECLUSE_LOG_LEVEL')
  @IsIn(['debug', 'info', 'warn', 'error'])
  logLevel = 'info';

  /** Address that the API listens on. */
  @FromEnv('ECLUSE_ADMIN_HOST')
  @IsString()
  host = '127.0.0.1';

  @FromEnv('ECLUSE_ADMIN_PORT')
  @IsInt()
  @Min(0)
  @Max(65_535)
  port = 8701;

  /** Address of the metrics listener. */
  @FromEnv('ECLUSE_ADMIN_METRICS_HOST')
  @IsNotEmpty()
  metricsHost = '127.0.0.1';

  /** Port of the metrics listener; none when it is not set. */
  @FromEnv('ECLUSE_ADMIN_METRICS_PORT')
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(65_535)
  metricsPort?: number;

  /** Port of the operator listener (Temporal UI and codec), always on loopback. */
  @FromEnv('ECLUSE_OPERATOR_PORT')
  @IsInt()
  @Min(0)
  @Max(65_535)
  operatorPort = 8702;

  /** Host name of the operator listener: one of its own, because cookies ignore ports. */
  @FromEnv('ECLUSE_OPERATOR_HOST_NAME')
  @Matches(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/)
  operatorHostName = 'ecluse.localhost';

  @FromEnv('ECLUSE_TEMPORAL_UI_ADDR')
  @IsUrl(HTTP_URL)
  temporalUiAddr = 'http://127.0.0.1:8704';

  /** `host:port` of Temporal's frontend; only its health is asked here. */
  @FromEnv('ECLUSE_TEMPORAL_ADDRESS')
  @Matches(/^[^\s/]+:\d{1,5}$/)
  temporalAddress = '127.0.0.1:8703';

  @FromEnv('ECLUSE_TEMPORAL_NAMESPACE')
  @Matches(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
  temporalNamespace = DEFAULT_NAMESPACE;

  /** Base of the door URLs shown with sources, as senders reach it. */
  @FromEnv('ECLUSE_DOOR_PUBLIC_URL')
  @IsUrl(HTTP_URL)
  doorPublicUrl = 'http://127.0.0.1:8700';

  @FromSecretFile('ECLUSE_ADMIN_DATABASE_URL_FILE')
  @IsString()
  @Matches(/^postgres(ql)?:\/\//)
  databaseUrl!: string;

  @FromEnv('ECLUSE_VAULT_ADDR')
  @IsUrl(HTTP_URL)
  vaultAddr = 'http://127.0.0.1:8705';

  @FromEnv('ECLUSE_ADMIN_VAULT_ROLE_ID')
  @IsString()
  @MinLength(1)
  vaultRoleId!: string;

  @FromSecretFile('ECLUSE_ADMIN_VAULT_SECRET_ID_FILE')
  @IsString()
  @MinLength(1)
  vaultSecretId!: string;
}
