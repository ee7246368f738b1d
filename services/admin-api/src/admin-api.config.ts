import { IsNotEmpty, IsString, IsUrl, Matches, MinLength } from 'class-validator';
import { FromEnv, FromOptionalPort, FromPort, FromSecretFile, ServiceConfig } from '@ecluse/config';

const HTTP_URL = { require_tld: false, require_protocol: true, protocols: ['http', 'https'] };

/** Configuration of the admin API. Secrets come from files. */
export class AdminApiConfig extends ServiceConfig {
  /** Address that the API listens on. */
  @FromEnv('ECLUSE_ADMIN_HOST')
  @IsString()
  host = '127.0.0.1';

  @FromPort('ECLUSE_ADMIN_PORT')
  port = 8701;

  /** Address of the metrics listener. */
  @FromEnv('ECLUSE_ADMIN_METRICS_HOST')
  @IsNotEmpty()
  metricsHost = '127.0.0.1';

  /** Port of the metrics listener; none when it is not set. */
  @FromOptionalPort('ECLUSE_ADMIN_METRICS_PORT')
  metricsPort?: number;

  /** Port of the operator listener (Temporal UI and codec), always on loopback. */
  @FromPort('ECLUSE_OPERATOR_PORT')
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

  /** Base of the door URLs shown with sources, as senders reach it. */
  @FromEnv('ECLUSE_DOOR_PUBLIC_URL')
  @IsUrl(HTTP_URL)
  doorPublicUrl = 'http://127.0.0.1:8700';

  @FromSecretFile('ECLUSE_ADMIN_DATABASE_URL_FILE')
  @IsString()
  @Matches(/^postgres(ql)?:\/\//)
  databaseUrl!: string;

  @FromEnv('ECLUSE_ADMIN_VAULT_ROLE_ID')
  @IsString()
  @MinLength(1)
  vaultRoleId!: string;

  @FromSecretFile('ECLUSE_ADMIN_VAULT_SECRET_ID_FILE')
  @IsString()
  @MinLength(1)
  vaultSecretId!: string;
}
