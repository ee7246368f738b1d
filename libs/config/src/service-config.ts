import { IsIn, IsInt, IsOptional, IsString, IsUrl, Matches, Max, Min } from 'class-validator';
import { FromEnv } from './variable.js';

const VAULT_URL = {
  protocols: ['http', 'https'],
  require_protocol: true,
  require_tld: false,
  require_port: false,
};

/** What every service is configured with. */
export class ServiceConfig {
  @FromEnv('ECLUSE_LOG_LEVEL')
  @IsIn(['debug', 'info', 'warn', 'error'])
  logLevel = 'info';

  @FromEnv('ECLUSE_VAULT_ADDR')
  @IsUrl(VAULT_URL)
  vaultAddr!: string;

  @FromEnv('ECLUSE_TEMPORAL_NAMESPACE')
  @Matches(/^[a-z0-9-]{1,63}$/, { message: 'expected 1 to 63 characters of a-z, 0-9 and -' })
  temporalNamespace = 'ecluse';
}

/** A service that tests may end at a marked point. */
export class BreakableServiceConfig extends ServiceConfig {
  /** `enabled` lets `ECLUSE_FAILPOINT`, or a file in `ECLUSE_FAILPOINT_FOLDER`, end the process at a marked point. */
  @FromEnv('ECLUSE_FAILPOINTS')
  @IsOptional()
  @IsString()
  failpoints?: string;

  @FromEnv('ECLUSE_FAILPOINT')
  @IsOptional()
  @IsString()
  failpoint?: string;

  /** A file in this folder, named like a point, arms it once. */
  @FromEnv('ECLUSE_FAILPOINT_FOLDER')
  @IsOptional()
  @IsString()
  failpointFolder?: string;
}

/** A TCP port of ours, 0 (any free one) to 65535. */
export function FromPort(name: string): PropertyDecorator {
  return all(FromEnv(name), IsInt(), Min(0), Max(65_535));
}

/** A TCP port of ours that may be left out, 1 to 65535. */
export function FromOptionalPort(name: string): PropertyDecorator {
  return all(FromEnv(name), IsOptional(), IsInt(), Min(1), Max(65_535));
}

function all(...decorators: PropertyDecorator[]): PropertyDecorator {
  return (target, property) => {
    for (const decorate of decorators) decorate(target, property);
  };
}
